import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { diskFileArea } from '../files/disk-file-area.ts'
import { GatherBudget } from '../files/pending-file.ts'
import { StorageGuard } from '../files/storage-guard.ts'
import { createLog } from '../log.ts'
import { AccessGuard } from '../server/access-guard.ts'
import { AccountRights } from '../server/account-rights.ts'
import { EventLog } from '../server/event-log.ts'
import { ftpEndpoint } from '../server/ftp/endpoint.ts'
import { receiving } from '../server/receiving/upload-content.ts'
import { loadTls } from '../server/tls.ts'
import { UnconfirmedUploads } from '../server/uploads/unconfirmed-uploads.ts'
import { startEmbeddedPostgres } from '../start/embedded-postgres.ts'
import { createFtpAccount } from '../store/ftp-accounts.ts'
import { openDatabase } from '../store/postgres/database.ts'
import { migrate } from '../store/postgres/migrate.ts'
import { NO_LIMITS } from './no-limits.ts'

/**
 * The endpoint of the product in a process of its own, so that its memory and its time are its own: everything that an
 * upload goes through, with a team and an account. Says `{port, username, password}` once it listens.
 */
const folder = process.argv[2]
if (!folder) throw new Error('the folder to work in is missing')
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
const account = await createFtpAccount(db, secret, id, { username: 'bench', permissions: 'full' })
if (!account.ok) throw new Error(account.reason)
const budget = new GatherBudget()
const area = diskFileArea(join(folder, 'root'), budget)
const events = new EventLog(db, log, () => {})
const endpoint = ftpEndpoint({
  host: '127.0.0.1',
  processName: 'rosterport/bench',
  port: 0,
  tls: { mode: 'optional', server: await loadTls({ keysFolder: join(folder, 'keys') }) },
  strictClose: true,
  active: false,
  passive: { minPort: 0, maxPort: 0 },
  limits: { loginSeconds: 600, idleSeconds: 900, stallSeconds: 60 },
  access: new AccessGuard(NO_LIMITS),
  rights: new AccountRights({ db, log, signals: { subscribe: () => () => {} } }),
  storage: new StorageGuard(),
  events,
  receiving: receiving(),
  db,
  secret,
  log,
  unconfirmed: new UnconfirmedUploads(),
  mayTakeName: async () => true,
  fileAreaOf: () => area,
})
const address = await endpoint.start()
process.send?.({ port: Number(address.split(':').at(-1)), username: 'bench', password: account.password })
process.once('message', async () => {
  await endpoint.stop()
  await events.stop()
  await close()
  await postgres.stop()
  process.exit(0)
})
