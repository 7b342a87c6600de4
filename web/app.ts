import { Hono } from 'hono'
import type { FileArea } from '../files/file-area.ts'
import type { StorageGuard } from '../files/storage-guard.ts'
import type { Importer } from '../ingest/importer.ts'
import type { Log } from '../log.ts'
import type { Team } from '../model/team.ts'
import type { Signals } from '../store/signals.ts'
import type { Wall } from '../store/wall.ts'
import { accessLog } from './access-log.ts'
import { Assets } from './assets.ts'
import { auditRoutes } from './audit.ts'
import { batchRoutes } from './batches.ts'
import { bodyLimits } from './body-limits.ts'
import { apiCaller } from './call-api.ts'
import { type CheckStoredFile, checkRoutes } from './check.ts'
import { clientAddress } from './client-address.ts'
import { connectionRoutes } from './connection.ts'
import { ContactFigures } from './contact-figures.ts'
import { contactRoutes } from './contacts.ts'
import { docsRoutes } from './docs.ts'
import { notFound, problemAnswer } from './errors.ts'
import { FormTokens, ownForms } from './form-tokens.ts'
import { ftpAccountRoutes } from './ftp-accounts.ts'
import { GivenFiles } from './given-files.ts'
import { notStored, safetyHeaders } from './headers.ts'
import { healthRoutes, type Readiness } from './health.ts'
import { importSettingsRoutes } from './import-settings.ts'
import { invitationRoutes } from './invitations.ts'
import { LiveProgress } from './live-progress.ts'
import { looks } from './look.ts'
import { manualImportRoutes } from './manual-import.ts'
import { mergeFieldRoutes } from './merge-fields.ts'
import { localMetricsRoutes, Metrics, metricsRoutes } from './metrics.ts'
import { ownAccountRoutes } from './own-account.ts'
import type { PageParts, ServerFacts } from './page-parts.ts'
import { pageRoutes } from './page-routes.ts'
import { Passwords } from './passwords.ts'
import { peopleRoutes } from './people.ts'
import { runRoutes } from './runs.ts'
import { type HealthChecks, ServerHealth } from './server-health.ts'
import { SessionCookie, sameOrigin, signedIn } from './session.ts'
import { signInRoutes, signOutRoutes } from './sign-in.ts'
import type { Reached } from './signed.ts'
import { teamFileRoutes } from './team-files.ts'
import { teamUserRoutes } from './team-users.ts'
import { type PrepareFolders, type SetFilesAside, teamRoutes } from './teams.ts'
import { Throttle } from './throttle.ts'
import { tokenRoutes } from './tokens.ts'

/** What the pages and the API are made of. */
export interface WebParts {
  wall: Wall
  log: Log
  importer: Importer
  /** What the processes tell each other: how far an import has come. */
  signals: Pick<Signals, 'subscribe'>
  /** The recap of a batch as a mail, byte for byte. */
  recapMail: (batchId: string) => Promise<Buffer>
  /** The key under which FTP passwords are stored. */
  secret: Buffer
  fileAreaOf: (team: Team) => FileArea
  /** The one of all endpoints. */
  storage: StorageGuard
  checkStoredFile: CheckStoredFile
  prepareFolders: PrepareFolders
  setFilesAside: SetFilesAside
  /** Told when a team, its zone or its windows changed. */
  scheduleChanged: () => Promise<void>
  readiness: Readiness
  /** Under which browsers reach the service. With https the session cookie is bound to TLS. */
  publicUrl: URL
  /** Whether mail leaves this machine. */
  mailLeaves: boolean
  /** Of the disk that holds the teams. */
  diskSpace: () => Promise<{ freeBytes: number; totalBytes: number }>
  /** Told when there is mail to send. */
  mailQueued: () => void
  /** Reverse proxies, as addresses or CIDR, whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[]
  now: () => Date
  /** What the foot of each page shows. */
  healthChecks: HealthChecks
  /** What clients of the FTP endpoints are told. */
  server: ServerFacts
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
  const metrics = new Metrics(wall, parts.diskSpace)
  const app = new Hono<Reached>()
  const served = () => app.routes.map(({ method, path }) => `${method} ${path}`)
  const givenFiles = new GivenFiles({ ...parts, db })
  const pages: PageParts = {
    ...parts,
    db,
    givenFiles,
    health: new ServerHealth(parts.healthChecks, now),
    contactFigures: new ContactFigures(db),
    progress: new LiveProgress(parts.signals),
    call: apiCaller((request, env) => app.fetch(request, env), publicUrl.origin),
  }
  app
    .onError(problemAnswer(log))
    .notFound(() => {
      throw notFound('page')
    })
    .use(looks(assets), accessLog(log), safetyHeaders(secure), notStored(), clientAddress(parts.trustedProxies))
    .route('/', healthRoutes(parts.readiness, log))
    .route('/', assets.routes())
    .route('/', docsRoutes(publicUrl, served, assets.url('docs.js')))
    .route('/', localMetricsRoutes(metrics, publicUrl))
    .use(sameOrigin(publicUrl, cookie), bodyLimits())
    .route('/', signInRoutes({ db, log, cookie, passwords, throttle, secret, now }))
    .route('/', invitationRoutes({ db, passwords, now }))
    .use(signedIn(wall, cookie, new FormTokens(secret), now), ownForms())
    .route('/', signOutRoutes(db, cookie))
    .route('/', pageRoutes(pages))
    .route('/', runRoutes(db, parts.importer, parts.signals))
    .route('/', batchRoutes({ ...parts, db }))
    .route('/', teamFileRoutes(db, parts.importer, parts.fileAreaOf, now))
    .route('/', checkRoutes(db, parts.checkStoredFile))
    .route('/', manualImportRoutes({ ...parts, db, givenFiles }))
    .route('/', teamRoutes({ db, log, prepareFolders, setFilesAside: parts.setFilesAside, scheduleChanged }))
    .route('/', importSettingsRoutes(db, prepareFolders, scheduleChanged))
    .route('/', ftpAccountRoutes(db, parts.secret))
    .route('/', connectionRoutes(db, parts.server))
    .route('/', teamUserRoutes(db))
    .route('/', contactRoutes(db))
    .route('/', mergeFieldRoutes(db))
    .route('/', tokenRoutes(db, now))
    .route('/', ownAccountRoutes({ db, passwords, throttle, secret, now }))
    .route('/', peopleRoutes({ db, publicUrl, mailLeaves, mailQueued, now }))
    .route('/', auditRoutes(db))
    .route('/', metricsRoutes(metrics))
  return app
}
