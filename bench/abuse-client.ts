import type { AbuserRights } from '../test/support/abuse/abuser.ts'
import { abuse } from '../test/support/abuse/abuses.ts'

/** Abuses a service until its parent is gone; a process of its own, so that nothing it does delays the server. */
const [rights = '', ...names] = process.argv.slice(2)
const abusing = abuse(JSON.parse(rights) as AbuserRights, 1, names)
process.once('disconnect', () => void abusing.stop().then(() => process.exit()))
process.on('message', () => process.send?.(abusing.begun))
