import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import type { FileArea } from '../files/file-area.ts'
import type { Importer } from '../ingest/importer.ts'
import type { Log } from '../log.ts'
import type { Team } from '../model/team.ts'
import type { Database } from '../store/database.ts'
import type { Signals } from '../store/signals.ts'
import { Assets } from './assets.ts'
import { auditRoutes } from './audit.ts'
import { batchRoutes } from './batches.ts'
import { clientAddress } from './client-address.ts'
import { contactRoutes } from './contacts.ts'
import { notFound, problemAnswer } from './errors.ts'
import { ftpAccountRoutes } from './ftp-accounts.ts'
import { notStored, safetyHeaders } from './headers.ts'
import { healthRoutes, type Readiness } from './health.ts'
import { importSettingsRoutes } from './import-settings.ts'
import { overviewRoutes } from './overview.ts'
import { Passwords } from './passwords.ts'
import { runRoutes } from './runs.ts'
import { SessionCookie, sameOrigin, signedIn } from './session.ts'
import { signInRoutes, signOutRoutes } from './sign-in.ts'
import type { Reached } from './signed.ts'
import { teamFileRoutes } from './team-files.ts'
import { teamUserRoutes } from './team-users.ts'
import { type PrepareFolders, teamRoutes } from './teams.ts'
import { Throttle } from './throttle.ts'
import { tokenRoutes } from './tokens.ts'

/** What the pages and the API are made of. */
export interface WebParts {
  db: Database
  log: Log
  importer: Importer
  signals: Pick<Signals, 'subscribe'>
  fileAreaOf: (team: Team) => FileArea
  /** The recap of a batch as a mail, byte for byte. */
  recapMail: (batchId: string) => Promise<Buffer>
  /** The key under which FTP passwords are stored. */
  secret: Buffer
  prepareFolders: PrepareFolders
  /** Told when a team, its zone or its windows changed. */
  scheduleChanged: () => Promise<void>
  readiness: Readiness
  /** Under which browsers reach the service. With https the session cookie is bound to TLS. */
  publicUrl: URL
  /** Reverse proxies, as addresses or CIDR, whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[]
  now: () => Date
}

const MAX_BODY_BYTES = 1024 * 1024

/** Middleware and routes, in order: what stands before `signedIn` is open to all, everything behind it is not. */
export function webApp(parts: WebParts) {
  const { db, log, prepareFolders, scheduleChanged, publicUrl, now } = parts
  const secure = publicUrl.protocol === 'https:'
  const cookie = new SessionCookie(secure)
  const assets = new Assets()
  const stylesheet = assets.url('style.css')
  const tooLarge = (c: Context) => {
    // The rest of the body is not read, so nothing more can come on this connection.
    c.header('Connection', 'close')
    throw new HTTPException(413, { message: 'The body is larger than 1 MiB.' })
  }
  return new Hono<Reached>()
    .onError(problemAnswer(log, stylesheet))
    .notFound(() => {
      throw notFound('page')
    })
    .use(safetyHeaders(secure), notStored(), clientAddress(parts.trustedProxies))
    .route('/', healthRoutes(parts.readiness, log))
    .route('/', assets.routes())
    .use(sameOrigin(publicUrl, cookie), bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge }))
    .route(
      '/',
      signInRoutes({ db, log, cookie, passwords: new Passwords(), throttle: new Throttle(now), stylesheet, now }),
    )
    .use(signedIn(db, cookie, now))
    .route('/', signOutRoutes(db, cookie))
    .route('/', overviewRoutes(db, stylesheet))
    .route('/', runRoutes(db, parts.importer, parts.signals))
    .route('/', batchRoutes(parts))
    .route('/', teamFileRoutes(db, parts.importer, parts.fileAreaOf, now))
    .route('/', teamRoutes(db, prepareFolders, scheduleChanged))
    .route('/', importSettingsRoutes(db, prepareFolders, scheduleChanged))
    .route('/', ftpAccountRoutes(db, parts.secret))
    .route('/', teamUserRoutes(db))
    .route('/', contactRoutes(db))
    .route('/', tokenRoutes(db))
    .route('/', auditRoutes(db))
}
