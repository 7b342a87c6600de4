import { Hono } from 'hono'
import type { FileArea } from '../files/file-area.ts'
import type { StorageGuard } from '../files/storage-guard.ts'
import type { CheckStoredFile } from '../ingest/check-file.ts'
import type { Importer } from '../ingest/run-queue.ts'
import type { Outlooks } from '../ingest/schedule/outlooks.ts'
import type { Log } from '../log.ts'
import type { Team } from '../model/team.ts'
import type { JudgeWebhook, SendWebhook } from '../notify/webhook.ts'
import type { Wall } from '../store/postgres/row-security.ts'
import type { Signals } from '../store/postgres/signals.ts'
import { ownAccountRoutes } from './account/api.ts'
import { accountPages } from './account/pages.ts'
import { tokenRoutes } from './account/tokens-api.ts'
import { auditRoutes } from './activity/api.ts'
import { activityPages } from './activity/pages.ts'
import { importSettingsRoutes, type SettingsParts } from './configure/api.ts'
import { checkRoutes } from './configure/check-api.ts'
import { mapAndImportRoutes } from './configure/map-and-import-api.ts'
import { mergeFieldRoutes } from './configure/merge-fields-api.ts'
import { configurePages } from './configure/pages.ts'
import { proposalRoutes } from './configure/proposals-api.ts'
import { webhookRoutes } from './configure/webhook-api.ts'
import { contactRoutes } from './contacts/api.ts'
import { ContactFigures } from './contacts/contact-figures.ts'
import { contactsPages } from './contacts/pages.ts'
import { figuresPages } from './figures/pages.ts'
import { ftpAccountRoutes } from './ftp-accounts/api.ts'
import { connectionRoutes } from './ftp-accounts/connection-api.ts'
import { ftpAccountsPages } from './ftp-accounts/pages.ts'
import { helpPages } from './help/pages.ts'
import { accessLog } from './http/access-log.ts'
import { compressedPages } from './http/answers/compressed-pages.ts'
import { apiCaller } from './http/call-api.ts'
import { clientAddress } from './http/client-address.ts'
import { problemAnswer } from './http/errors.ts'
import { noStore, safetyHeaders, unbufferedStreams } from './http/headers.ts'
import { bodyLimits } from './http/limits/body-limits.ts'
import { MailLimit } from './http/limits/mail-limit.ts'
import { requestPace } from './http/limits/request-pace.ts'
import { Throttle } from './http/limits/throttle.ts'
import { notFound } from './http/refusal.ts'
import type { AnyRequest } from './http/request-context.ts'
import { FormTokens, requireFormToken } from './http/sessions/form-tokens.ts'
import { KeptRights } from './http/sessions/kept-rights.ts'
import { requireSignIn, SessionCookie, sameOrigin } from './http/sessions/session-cookie.ts'
import { teamFileRoutes } from './imports/files-api.ts'
import { importsPages } from './imports/pages.ts'
import { manualImportRoutes } from './manual-import/api.ts'
import { ManualFiles } from './manual-import/manual-files.ts'
import { manualImportPages } from './manual-import/pages.ts'
import { docsRoutes } from './openapi/docs.ts'
import { OPERATIONS } from './operations.ts'
import { overviewPages } from './overview/pages.ts'
import { peopleRoutes } from './people/api.ts'
import { peoplePages } from './people/pages.ts'
import { runRoutes } from './runs/api.ts'
import { batchRoutes } from './runs/batches-api.ts'
import { LiveProgress } from './runs/live-progress.ts'
import { runsPages } from './runs/pages.ts'
import { healthRoutes, type Readiness } from './service/health-api.ts'
import { localMetricsRoutes, Metrics, metricsRoutes } from './service/metrics-api.ts'
import { servicePages } from './service/pages.ts'
import { signInRoutes, signOutRoutes } from './sign-in/api.ts'
import { invitationRoutes } from './sign-in/invitations.ts'
import { Passwords } from './sign-in/passwords.ts'
import { signInAgain } from './sign-in/sign-in.tsx'
import { unsentPage } from './sign-in/unsent.tsx'
import { type MakeRoot, type SetFilesAside, teamRoutes } from './teams/api.ts'
import { teamListPages } from './teams/list-pages.ts'
import { teamPages } from './teams/pages.ts'
import { teamUserRoutes } from './teams/users-api.ts'
import { usersPages } from './teams/users-pages.ts'
import { Assets } from './ui/assets.ts'
import { sharedPages } from './ui/pages.ts'
import { awayPage, problemPage } from './ui/problem.tsx'
import type { ServerFacts } from './ui/server-facts.ts'
import { type HealthChecks, ServerHealth } from './ui/server-health.ts'
import { withLook } from './ui/theme.ts'

/** Everything that the pages and the API need from the rest of the program. */
export interface WebParts {
  wall: Wall
  log: Log
  importer: Importer
  /** What the windows of the teams hold. */
  outlooks: Outlooks
  /** Signals between processes: the progress of imports, changes of rights. */
  signals: Pick<Signals, 'subscribe'>
  /** The recap of a batch as a mail, byte for byte. */
  recapMail: (batchId: string) => Promise<Buffer>
  sendWebhook: SendWebhook
  judgeWebhook: JudgeWebhook
  /** The key under which FTP passwords are stored. */
  secret: Buffer
  fileAreaOf: (team: Team) => FileArea
  /** Shared with the endpoints. */
  storage: StorageGuard
  checkStoredFile: CheckStoredFile
  prepareFolders: SettingsParts['prepareFolders']
  makeRoot: MakeRoot
  setFilesAside: SetFilesAside
  /** Called when a team, its time zone or its windows changed. */
  scheduleChanged: () => Promise<void>
  readiness: Readiness
  /** The address of the service for browsers. With https the session cookie is bound to TLS. */
  publicUrl: URL
  /** True if a mail server is set up. */
  mailLeaves: boolean
  /** Of the disk that holds the teams. */
  diskSpace: () => Promise<{ freeBytes: number; totalBytes: number }>
  /** Called when there is mail to send. */
  mailQueued: () => void
  /** Reverse proxies, as addresses or CIDR, whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[]
  now: () => Date
  /** Shown at the foot of the navigation. */
  healthChecks: HealthChecks
  /** For the connection instructions. */
  server: ServerFacts
}

/** Middleware and routes, in order: everything before `requireSignIn` is open to all, everything after it is not. */
export function webApp(parts: WebParts) {
  const { wall, log, publicUrl, now } = parts
  const { db } = wall
  const secure = publicUrl.protocol === 'https:'
  const cookie = new SessionCookie(secure)
  const passwords = new Passwords()
  const throttle = new Throttle(now)
  const mailLimit = new MailLimit(now)
  const { secret, mailLeaves, mailQueued } = parts
  const forms = new FormTokens(secret)
  const assets = new Assets()
  const metrics = new Metrics(wall, parts.diskSpace)
  const app = new Hono<AnyRequest>()
  const served = () => app.routes.map(({ method, path }) => `${method} ${path}`)
  const manualFiles = new ManualFiles({ ...parts, db })
  const pages = {
    ...parts,
    db,
    manualFiles,
    mailLimit,
    health: new ServerHealth(parts.healthChecks, now),
    contactFigures: new ContactFigures(db),
    progress: new LiveProgress(parts.signals),
    call: apiCaller((request, env) => app.fetch(request, env), publicUrl.origin),
  }
  app
    .onError(problemAnswer(log, { problem: problemPage, databaseAway: awayPage }))
    .notFound(() => {
      throw notFound('page')
    })
    .use(
      withLook(assets),
      accessLog(log),
      safetyHeaders(secure),
      noStore(),
      unbufferedStreams(),
      compressedPages(),
      clientAddress(parts.trustedProxies),
    )
    .route('/', healthRoutes(parts.readiness, log))
    .route('/', assets.routes())
    .route('/', docsRoutes({ publicUrl, operations: OPERATIONS, routes: served, script: assets.url('docs.js') }))
    .route('/', localMetricsRoutes(metrics, publicUrl))
    .use(requestPace(cookie), sameOrigin(publicUrl, cookie), bodyLimits())
    .route('/', signInRoutes({ db, log, cookie, passwords, throttle, secret, forms, now }))
    .route('/', invitationRoutes({ db, passwords, now }))
    .use(
      requireSignIn(wall, cookie, { forms, kept: new KeptRights(parts.signals, log), signInAgain }, now),
      requireFormToken(unsentPage),
    )
    .route('/', signOutRoutes(db, cookie))
    .route('/', accountPages(pages))
    .route('/', activityPages(pages))
    .route('/', configurePages(pages))
    .route('/', contactsPages(pages))
    .route('/', figuresPages(pages))
    .route('/', ftpAccountsPages(pages))
    .route('/', helpPages(pages))
    .route('/', importsPages(pages))
    .route('/', manualImportPages(pages))
    .route('/', overviewPages(pages))
    .route('/', peoplePages(pages))
    .route('/', runsPages(pages))
    .route('/', servicePages(pages))
    .route('/', sharedPages(pages))
    .route('/', teamListPages(pages))
    .route('/', teamPages(pages))
    .route('/', usersPages(pages))
    .route('/', runRoutes(db, parts.importer, parts.signals))
    .route('/', batchRoutes({ ...parts, db, mailLimit }))
    .route('/', teamFileRoutes({ ...parts, db, mailLimit }))
    .route('/', checkRoutes(db, parts.checkStoredFile))
    .route('/', manualImportRoutes({ ...parts, db, manualFiles }))
    .route('/', teamRoutes({ ...parts, db }))
    .route('/', importSettingsRoutes({ ...parts, db, mailLimit }))
    .route('/', webhookRoutes({ ...parts, db, mailLimit }))
    .route('/', mapAndImportRoutes({ ...parts, db, mailLimit }))
    .route('/', proposalRoutes({ ...parts, db }))
    .route('/', ftpAccountRoutes(db, parts.secret))
    .route('/', connectionRoutes(db, parts.server))
    .route('/', teamUserRoutes(db))
    .route('/', contactRoutes(db))
    .route('/', mergeFieldRoutes(db))
    .route('/', tokenRoutes(db, now))
    .route('/', ownAccountRoutes({ db, passwords, throttle, secret, now }))
    .route('/', peopleRoutes({ db, publicUrl, mailLeaves, mailQueued, mailLimit, now }))
    .route('/', auditRoutes(db))
    .route('/', metricsRoutes(metrics))
  return app
}
