import { join } from 'node:path'
import type { Config } from '../config.ts'
import { StorageGuard } from '../files/storage-guard.ts'
import type { Log } from '../log.ts'
import type { DatabasePool } from '../store/postgres/database.ts'
import { Signals } from '../store/postgres/signals.ts'
import { prepareChecks } from './checks.ts'
import { openDataFolder } from './data-folder.ts'
import { openAndMigrate } from './database.ts'
import { type Endpoints, startEndpoints } from './endpoints.ts'
import { offerFirstPassword, printPassword, type ShowPassword } from './first-password.ts'
import { openMail } from './mail.ts'
import { startPages } from './pages.ts'
import { diskSpace } from './probes.ts'
import { openResults } from './results.ts'
import { prepareRuns } from './runs.ts'
import { type Stop, stopInReverse } from './stops.ts'
import { openTeamFiles, watchRoom } from './team-files.ts'

/** A started service. */
export interface Service extends Pick<Endpoints, 'certificateFile'> {
  /** Where each part listens, `host:port`; null where it is switched off. */
  readonly addresses: Endpoints['addresses'] & { http: string }
  readonly db: DatabasePool['db']
  readonly secret: Buffer
  readonly dataDir: string
  /** The folder that mails are written to; null where a mail server takes them. */
  readonly outbox: string | null
  /** Stops taking work, lets transfers end and rolls back the batch in progress. */
  stop(): Promise<void>
}

interface StartOptions {
  config: Config
  log: Log
  now: () => Date
  showPassword: ShowPassword
}

/**
 * Starts the parts in order; whatever fails, those that were started are stopped again, in reverse. `now` is the clock of
 * windows and sessions.
 */
export async function startService(
  config: Config,
  log: Log,
  now: () => Date = () => new Date(),
  showPassword: ShowPassword = printPassword,
): Promise<Service> {
  const stops: Stop[] = []
  const stop = () => stopInReverse(stops, log)
  try {
    return { ...(await startParts({ config, log, now, showPassword }, stops)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startParts(options: StartOptions, stops: Stop[]): Promise<Omit<Service, 'stop'>> {
  const { config, log, showPassword } = options
  const folder = await openDataFolder(config.DATA_DIR, log)
  const database = await openAndMigrate(config, folder.secret, log, stops)
  const { db, newClient } = database
  const signals = new Signals(newClient, log)
  stops.push(() => signals.stop())
  await signals.open()

  const databaseSpace = () => diskSpace(config.DATABASE_URL ? config.DATA_DIR : join(config.DATA_DIR, 'postgres'))
  const base = { ...options, ...folder, ...database, databaseSpace, signals, storage: new StorageGuard() }
  const { fileAreaOf, roots } = await openTeamFiles(base, stops)
  const mail = openMail(base, stops)
  const { mailQueued, outbox } = mail
  openResults({ ...base, fileAreaOf }, stops)
  const room = watchRoom({ ...base, mailQueued }, stops)
  const runs = prepareRuns({ ...base, fileAreaOf, mailQueued, room }, stops)
  const checkStoredFile = prepareChecks({ ...base, fileAreaOf })
  const shared = { ...base, fileAreaOf, checkStoredFile, runs }
  const endpoints = await startEndpoints({ ...shared, room }, stops)
  const http = await startPages({ ...shared, roots, mail, endpoints }, stops)

  await runs.open()
  await offerFirstPassword(db, config, log, showPassword)
  const addresses = { http, ...endpoints.addresses }
  const { tls, certificateFile, hostKeyFingerprints } = endpoints
  await tls.keep()
  log.info({ ...addresses, fingerprint: tls.fingerprint, hostKeyFingerprints }, 'ready')
  return { addresses, db, secret: folder.secret, certificateFile, dataDir: config.DATA_DIR, outbox }
}
