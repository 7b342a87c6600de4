import { Hono } from 'hono'
import type { FileArea } from '../files/file-area.ts'
import type { Importer } from '../ingest/importer.ts'
import type { Log } from '../log.ts'
import type { Team } from '../model/team.ts'
import type { Wall } from '../store/wall.ts'
import { accessLog } from './access-log.ts'
import { Assets } from './assets.ts'
import { auditRoutes } from './audit.ts'
import { batchRoutes } from './batches.ts'
import { bodyLimits } from './body-limits.ts'
import { clientAddress } from './client-address.ts'
import { contactRoutes } from './contacts.ts'
import { notFound, problemAnswer } from './errors.ts'
import { ftpAccountRoutes } from './ftp-accounts.ts'
import { notStored, safetyHeaders } from './headers.ts'
import { healthRoutes, type Readiness } from './health.ts'
import { importSettingsRoutes } from './import-settings.ts'
import { invitationRoutes } from './invitations.ts'
import { manualImportRoutes } from './manual-import.ts'
import { localMetricsRoutes, Metrics, metricsRoutes } from './metrics.ts'
import { overviewRoutes } from './overview.ts'
import { ownAccountRoutes } from './own-account.ts'
import { Passwords } from './passwords.ts'
import { peopleRoutes } from './people.ts'
import { runRoutes } from './runs.ts'
import { SessionCookie, sameOrigin, signedIn } from './session.ts'
import { signInRoutes, signOutRoutes } from './sign-in.ts'
import type { Reached } from './signed.ts'
import { teamUserRoutes } from './team-users.ts'
import { type PrepareFolders, type SetFilesAside, teamRoutes } from './teams.ts'
import { Throttle } from './throttle.ts'
import { tokenRoutes } from './tokens.ts'

/** What the pages and the API are made of. */
export interface WebParts {
  wall: Wall
  log: Log
  importer: Importer
  /** The key under which FTP passwords are stored. */
  secret: Buffer
  fileAreaOf: (team: Team) => FileArea
  prepareFolders: PrepareFolders
  setFilesAside: SetFilesAside
  /** Told when a team, its zone or its windows changed. */
  scheduleChanged: () => Promise<void>
  readiness: Readiness
  /** Under which browsers reach the service. With https the session cookie is bound to TLS. */
  publicUrl: URL
  /** Whether mail leaves this machine. */
  mailLeaves: boolean
  /** Told when there is mail to send. */
  mailQueued: () => void
  /** Reverse proxies, as addresses or CIDR, whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[]
  now: () => Date
}

/** Middleware and routes, in order: what stands before `signedIn` is open to all, everything behind it is not. */
export function webApp(parts: WebParts) {
  const { wall, log, prepareFolders, scheduleChanged, publicUrl, now } = parts
  const { db } = wall
  const secure = publicUrl.protocol === 'https:'
  const cookie = new SessionCookie(secure)
  const passwords = new Passwords()
  const throttle = new Throttle(now)
  const { secret, mailLeaves, mailQueued } = parts
  const assets = new Assets()
  const stylesheet = assets.url('style.css')
  const metrics = new Metrics(wall)
  return new Hono<Reached>()
    .onError(problemAnswer(log, stylesheet))
    .notFound(() => {
      throw notFound('page')
    })
    .use(accessLog(log), safetyHeaders(secure), notStored(), clientAddress(parts.trustedProxies))
    .route('/', healthRoutes(parts.readiness, log))
    .route('/', assets.routes())
    .route('/', localMetricsRoutes(metrics, publicUrl))
    .use(sameOrigin(publicUrl, cookie), bodyLimits())
    .route('/', signInRoutes({ db, log, cookie, passwords, throttle, secret, stylesheet, now }))
    .route('/', invitationRoutes({ db, passwords, stylesheet, now }))
    .use(signedIn(wall, cookie, now))
    .route('/', signOutRoutes(db, cookie))
    .route('/', overviewRoutes(db, stylesheet))
    .route('/', runRoutes(db, parts.importer))
    .route('/', batchRoutes(db))
    .route('/', manualImportRoutes(db, parts.importer, parts.fileAreaOf))
    .route('/', teamRoutes({ db, log, prepareFolders, setFilesAside: parts.setFilesAside, scheduleChanged }))
    .route('/', importSettingsRoutes(db, prepareFolders, scheduleChanged))
    .route('/', ftpAccountRoutes(db, parts.secret))
    .route('/', teamUserRoutes(db))
    .route('/', contactRoutes(db))
    .route('/', tokenRoutes(db))
    .route('/', ownAccountRoutes({ db, passwords, throttle, secret, now }))
    .route('/', peopleRoutes({ db, publicUrl, mailLeaves, mailQueued, now }))
    .route('/', auditRoutes(db))
    .route('/', metricsRoutes(metrics))
}
