import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { diskFileArea } from '../files/disk-file-area.ts'
import { StorageGuard } from '../files/storage-guard.ts'
import { createLog } from '../log.ts'
import { AccessGuard } from '../server/access-guard.ts'
import { AccountRights } from '../server/account-rights.ts'
import { EventLog } from '../server/event-log.ts'
import { receiving } from '../server/receiving/upload-content.ts'
import { sftpEndpoint } from '../server/sftp/endpoint.ts'
import { loadHostKeys } from '../server/sftp/host-keys.ts'
import { UnconfirmedUploads } from '../server/uploads/unconfirmed-uploads.ts'
import { startEmbeddedPostgres } from '../start/embedded-postgres.ts'
import { createFtpAccount } from '../store/ftp-accounts.ts'
import { openDatabase } from '../store/postgres/database.ts'
import { migrate } from '../store/postgres/migrate.ts'
import { NO_LIMITS } from './no-limits.ts'

/**
 * The SFTP endpoint in a process of its own, with a team and an account that has `publicKey`. Says the port once it listens,
 * and answers each message with what it has used so far.
 */
const [folder, publicKey] = process.argv.slice(2)
if (!folder || !publicKey) throw new Error('the folder to work in or the public key is missing')
const log = createLog('warn')
await mkdir(folder, { recursive: true })
const postgres = await startEmbeddedPostgres(folder, log)
const { db, close } = openDatabase(postgres.address, log)
await migrate(db)
const secret = Buffer.alloc(32, 7)
const { id } = await db
  .insertInto('team')
  .values({ team: 'bench', name: 'Bench', time_zone: 'UTC', quota_bytes: 2 ** 45, quota_files: 1_000_000 })
  .returning('id')
  .executeTakeFirstOrThrow()
const account = await createFtpAccount(db, secret, id, {
  username: 'bench',
  permissions: 'full',
  publicKeys: [publicKey],
})
if (!account.ok) throw new Error(account.reason)
const area = diskFileArea(join(folder, 'root'))
const endpoint = sftpEndpoint({
  host: '127.0.0.1',
  processName: 'rosterport/bench',
  port: 0,
  hostKeys: await loadHostKeys(join(folder, 'keys')),
  limits: { loginSeconds: 600, idleSeconds: 900 },
  access: new AccessGuard(NO_LIMITS),
  rights: new AccountRights({ db, log, signals: { subscribe: () => () => {} } }),
  storage: new StorageGuard(),
  events: new EventLog(db, log, () => {}),
  receiving: receiving(),
  db,
  secret,
  log,
  unconfirmed: new UnconfirmedUploads(),
  fileAreaOf: () => area,
})
const address = await endpoint.start()
process.send?.({ port: Number(address.split(':').at(-1)) })
process.on('message', async (word) => {
  if (word === 'usage') {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuSeconds: (user + system) / 1e6, peakMebibytes: process.resourceUsage().maxRSS / 1024 })
    return
  }
  await endpoint.stop()
  await close()
  await postgres.stop()
  process.exit(0)
})
