#!/usr/bin/env node
import './start/node-version.ts'

import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { type Config, configurationWarnings, EXIT_CONFIGURATION, tlsFiles } from './config.ts'
import { Digests } from './files/digests.ts'
import { diskFileArea } from './files/disk-file-area.ts'
import { DiskPace } from './files/disk-pace.ts'
import { openKeys } from './files/keys.ts'
import { Leftovers } from './files/leftovers.ts'
import { ReadBudget } from './files/open-file.ts'
import { GatherBudget } from './files/pending-file.ts'
import { setAside } from './files/set-aside.ts'
import { StorageGuard } from './files/storage-guard.ts'
import { readTlsFiles } from './files/tls-files.ts'
import { checkStoredFile } from './ingest/check-file.ts'
import { hasFile } from './ingest/choosing/list-candidates.ts'
import { Outlooks, whatWillHappen } from './ingest/choosing/upload-reply.ts'
import { RunQueue } from './ingest/run-queue.ts'
import { Schedule } from './ingest/schedule/schedule.ts'
import { MailOut } from './ingest/telling/mail-out.ts'
import { RoomWatch } from './ingest/telling/no-room-notice.ts'
import { recapMailOf, recapMessage } from './ingest/telling/recap-message.ts'
import { createLog, type Log } from './log.ts'
import type { Team } from './model/team.ts'
import type { NoRoom } from './model/upload.ts'
import { mailTroubleWords } from './notify/mail-trouble.ts'
import { folderNotifier, renderMessage, smtpNotifier } from './notify/nodemailer-notifier.ts'
import { AccessGuard } from './server/access-guard.ts'
import type { Endpoint } from './server/endpoint.ts'
import { EventLog } from './server/event-log.ts'
import { ftpEndpoint } from './server/ftp/endpoint.ts'
import { watchPassiveAddress } from './server/ftp/transfers/passive-address.ts'
import { receiving } from './server/receiving/upload-content.ts'
import { CERTIFICATE_FILE } from './server/self-signed.ts'
import { sftpEndpoint } from './server/sftp/endpoint.ts'
import { loadHostKeys } from './server/sftp/host-keys.ts'
import { watchTls } from './server/tls.ts'
import { sweepUploads, UploadRecovery } from './server/uploads/recover-uploads.ts'
import { runCommandLine } from './start/command-line.ts'
import { configurationOf } from './start/configuration.ts'
import { openAndMigrate, type Stop } from './start/database.ts'
import { offerFirstPassword, printPassword, type ShowPassword } from './start/first-password.ts'
import { answerTime, diskSpace, freeSpace, portOf, remembered, takesConnections } from './start/probes.ts'
import { ftpHostOf, namesOfServer, publicUrlOf } from './start/public-names.ts'
import { closeToOthers, explainListen, isExplained, makeFolder } from './start/start-problems.ts'
import { isMailStuck, mailTrouble } from './store/outbox.ts'
import type { DatabasePool } from './store/postgres/database.ts'
import { Signals, sendSignal } from './store/postgres/signals.ts'
import { webApp } from './web/app.ts'
import { startHttpServer } from './web/http/http-server.ts'
import { Degraded } from './web/ui/server-health.ts'

/** A started service. */
export interface Service {
  /** Where each part listens, `host:port`; null where it is switched off. */
  readonly addresses: { http: string; ftp: string; ftps: string | null; sftp: string | null }
  readonly db: DatabasePool['db']
  readonly secret: Buffer
  /** What FTP clients have to trust; null with a certificate of the operator. */
  readonly certificateFile: string | null
  readonly dataDir: string
  /** The folder that mails are written to; null where a mail server takes them. */
  readonly outbox: string | null
  /** Stops taking work, lets transfers end and rolls back the batch in progress. */
  stop(): Promise<void>
}

/** The wait behind a first failed login; it doubles with each. */
const FAILED_LOGIN_MS = 1000

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
  const stop = async () => {
    for (const step of stops.splice(0).reverse())
      await Promise.resolve()
        .then(step)
        .catch((error) => log.error({ err: error }, 'component failed to stop'))
  }
  try {
    const { ready, ...service } = await startParts(config, log, now, stops)
    await offerFirstPassword(service.db, config, log, showPassword)
    ready()
    return { ...service, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startParts(
  config: Config,
  log: Log,
  now: () => Date,
  stops: Stop[],
): Promise<Omit<Service, 'stop'> & { ready: () => void }> {
  const keysFolder = join(config.DATA_DIR, 'keys')
  const teamsFolder = join(config.DATA_DIR, 'teams')
  await makeFolder(config.DATA_DIR, 0o700)
  await makeFolder(teamsFolder)
  if (!(await closeToOthers(config.DATA_DIR)))
    log.warn({ folder: config.DATA_DIR }, 'DATA_DIR is open to every user of this machine and belongs to another one')
  const { secret } = await openKeys(keysFolder)

  const { db, pool, wall, processName, newClient } = await openAndMigrate(config, log, stops)
  const signals = new Signals(newClient, log)
  stops.push(() => signals.stop())
  await signals.open()

  const [gathering, reading] = [new GatherBudget(), new ReadBudget()]
  const storage = new StorageGuard()
  const leftovers = new Leftovers((error) => log.warn({ err: error }, 'a hidden file cannot be removed; trying again'))
  const [pace, digests] = [new DiskPace(), new Digests()]
  const fileAreaOf = (team: Team) =>
    diskFileArea(join(teamsFolder, team.team), gathering, reading, leftovers, pace, digests)
  const recovery = new UploadRecovery({ db, processName, fileAreaOf, leftovers, log })
  await recovery.open()
  stops.push(() => recovery.stop())
  stops.push(sweepUploads({ db, fileAreaOf, log }))

  const outbox = join(config.DATA_DIR, 'outbox')
  const notifier = config.SMTP_URL
    ? smtpNotifier(config.SMTP_URL, config.MAIL_FROM)
    : folderNotifier(outbox, config.MAIL_FROM)
  const publicUrl = publicUrlOf(config)
  const mailOut = new MailOut({ db, log, notifier, recapOf: (batchId) => recapMessage(db, batchId, publicUrl, now()) })
  mailOut.open()
  signals.subscribe(({ kind }) => {
    if (kind === 'mail_queued' || kind === 'reconnected') mailOut.look()
  })
  stops.push(() => mailOut.stop())

  const room = new RoomWatch({ db, log, space: () => diskSpace(teamsFolder), mailQueued: () => mailOut.look() })
  room.open()
  stops.push(() => room.stop())

  const importer = new RunQueue({
    db,
    pool,
    log,
    now,
    owner: processName,
    signals,
    fileAreaOf,
    runEnded: (teamId) => {
      mailOut.look()
      lookAt(teamId)
    },
  })

  const schedule = new Schedule({
    db,
    log,
    now,
    importer,
    signals,
    hasFile: (team, tried) => hasFile(db, fileAreaOf(team), team, now(), tried),
    mailQueued: () => mailOut.look(),
  })
  const lookAt = (teamId: number) =>
    void schedule.look(teamId).catch((error) => log.warn({ err: error }, 'window check failed'))
  importer.open()
  stops.push(() => importer.stop())
  await schedule.open()
  stops.push(() => schedule.stop())

  const ftpFiles = tlsFiles(config, 'FTP_TLS_CERT', 'FTP_TLS_KEY')
  const tls = await watchTls({ keysFolder, files: ftpFiles, names: namesOfServer(config) }, log)
  stops.push(() => tls.stop())
  const passiveAddress = config.FTP_PASSIVE_HOST ? await watchPassiveAddress(config.FTP_PASSIVE_HOST, log) : null
  stops.push(() => passiveAddress?.stop())
  const events = new EventLog(db, log)
  stops.push(() => events.stop())
  const received = receiving()
  const outlooks = new Outlooks()
  stops.push(() => received.hashes.stop())
  const ftpOptions = {
    host: config.FTP_HOST,
    active: config.FTP_ACTIVE,
    access: new AccessGuard({
      maxConnections: config.FTP_MAX_CONNECTIONS,
      maxPerAddress: config.FTP_MAX_PER_ADDRESS,
      banAfter: config.FTP_BAN_AFTER,
      banMinutes: config.FTP_BAN_MINUTES,
      delayMilliseconds: FAILED_LOGIN_MS,
    }),
    storage,
    events,
    receiving: received,
    passive: {
      minPort: config.FTP_PASSIVE_PORTS.first,
      maxPort: config.FTP_PASSIVE_PORTS.last,
      address: () => passiveAddress?.current() ?? null,
    },
    limits: {
      loginSeconds: config.FTP_LOGIN_SECONDS,
      idleSeconds: config.FTP_IDLE_SECONDS,
      stallSeconds: config.FTP_STALL_SECONDS,
    },
    db,
    processName,
    secret,
    log,
    fileAreaOf,
    strictClose: config.FTP_TLS_STRICT_CLOSE,
    describeUpload: (team: Team, path: Parameters<typeof whatWillHappen>[2]) =>
      whatWillHappen({ db, outlooks }, team, path, now()),
    uploadReady: (team: Team) => {
      room.taken()
      lookAt(team.id)
    },
    noRoom: (team: Team, noRoom: NoRoom) => room.refused(team, noRoom),
  }
  const listen = async (endpoint: Endpoint, variable: string) => {
    const address = await endpoint.start().catch(explainListen(variable))
    stops.push(() => endpoint.stop())
    return address
  }
  const ftp = await listen(
    ftpEndpoint({
      ...ftpOptions,
      port: config.FTP_PORT,
      tls: config.FTP_TLS === 'off' ? { mode: 'off' } : { mode: config.FTP_TLS, server: tls },
    }),
    'FTP_PORT',
  )
  const ftps =
    config.FTPS_PORT === undefined
      ? null
      : await listen(
          ftpEndpoint({ ...ftpOptions, port: config.FTPS_PORT, tls: { mode: 'implicit', server: tls } }),
          'FTPS_PORT',
        )

  const hostKeys = config.SFTP_PORT === null ? null : await loadHostKeys(keysFolder)
  const sftp =
    config.SFTP_PORT === null || hostKeys === null
      ? null
      : await listen(sftpEndpoint({ ...ftpOptions, port: config.SFTP_PORT, hostKeys }), 'SFTP_PORT')

  const askMailServer = remembered(() => notifier.check())
  const mailReady = async () => {
    if (await isMailStuck(db)) throw new Degraded('mail is due and nobody sends it')
    const trouble = await mailTrouble(db)
    if (trouble !== null) throw new Degraded(`mail waits: ${mailTroubleWords(trouble)}`)
    await askMailServer().catch((error: Error) => {
      throw new Degraded(mailTroubleWords(error.message))
    })
  }
  const app = webApp({
    wall,
    log,
    importer,
    signals,
    fileAreaOf,
    storage,
    checkStoredFile: async (team, file, work) => checkStoredFile({ db, pool }, fileAreaOf(team), team, file, work),
    recapMail: async (batchId) =>
      renderMessage(
        await recapMailOf(db, batchId, await recapMessage(db, batchId, publicUrl, now())),
        config.MAIL_FROM,
      ),
    secret,
    setFilesAside: (team) => setAside(join(teamsFolder, team.team), now()),
    prepareFolders: async (team, paths) => {
      for (const path of paths) await fileAreaOf(team).makeFolder(path)
    },
    scheduleChanged: async () => {
      await schedule.changed()
      await sendSignal(db, { kind: 'schedule' }).catch(() => {})
    },
    readiness: {
      database: () => db.selectFrom('team').select('id').limit(1).execute(),
      files: async () => {
        await access(teamsFolder, constants.R_OK | constants.W_OK)
        freeSpace(await diskSpace(teamsFolder))
      },
      ftp: () => takesConnections(ftp),
      ...(ftps && { ftps: () => takesConnections(ftps) }),
      ...(sftp && { sftp: () => takesConnections(sftp) }),
      mail: mailReady,
    },
    publicUrl,
    diskSpace: () => diskSpace(teamsFolder),
    mailLeaves: config.SMTP_URL !== undefined,
    mailQueued: () => mailOut.look(),
    trustedProxies: config.TRUSTED_PROXIES,
    now,
    healthChecks: [
      {
        title: [ftps ? 'FTP, FTPS' : 'FTP', ...(sftp ? ['SFTP'] : [])].join(', '),
        check: () => Promise.all([ftp, ftps, sftp].map((at) => at && takesConnections(at))).then(() => 'listening'),
      },
      { title: 'Database', check: () => answerTime(() => db.selectFrom('team').select('id').limit(1).execute()) },
      { title: 'Mail', check: () => mailReady().then(() => (config.SMTP_URL ? 'sending' : 'to a folder')) },
      { title: 'Disk', check: async () => freeSpace(await diskSpace(teamsFolder)) },
    ],
    server: {
      host: ftpHostOf(config),
      ftp: { port: config.FTP_PUBLIC_PORT ?? portOf(ftp), tls: config.FTP_TLS },
      ftpsPort: ftps === null ? null : (config.FTPS_PUBLIC_PORT ?? portOf(ftps)),
      sftpPort: sftp === null ? null : (config.SFTP_PUBLIC_PORT ?? portOf(sftp)),
      passiveAddress,
      passivePorts: config.FTP_PASSIVE_PORTS,
      certificate: () => (config.FTP_TLS === 'off' && ftps === null ? null : tls.certificate),
      hostKeys: hostKeys?.fingerprints ?? [],
      mail: { via: config.SMTP_URL ? 'smtp' : 'folder', from: config.MAIL_FROM },
      dataDir: config.DATA_DIR,
    },
  })
  const httpFiles = tlsFiles(config, 'HTTP_TLS_CERT', 'HTTP_TLS_KEY')
  const http = await startHttpServer({
    app,
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
    tls: httpFiles && (await readTlsFiles(httpFiles, new Date())),
  }).catch(explainListen('HTTP_PORT'))
  stops.push(() => http.stop())

  const addresses = { http: http.address, ftp, ftps, sftp }
  const hostKeyFingerprints = hostKeys?.fingerprints ?? []
  return {
    addresses,
    db,
    secret,
    certificateFile: ftpFiles ? null : join(keysFolder, CERTIFICATE_FILE),
    dataDir: config.DATA_DIR,
    outbox: config.SMTP_URL ? null : outbox,
    ready: () => log.info({ ...addresses, fingerprint: tls.fingerprint, hostKeyFingerprints }, 'ready'),
  }
}

/**
 * Starts the service as the environment says and ends it on SIGTERM or SIGINT. Answers null when it could not be started:
 * then the reason has been said and the exit code is set.
 */
export async function startFromEnvironment(
  env: NodeJS.ProcessEnv,
  showPassword: ShowPassword = printPassword,
): Promise<Service | null> {
  const config = configurationOf(env)
  if (!config) {
    process.exitCode = EXIT_CONFIGURATION
    return null
  }
  const log = createLog(config.LOG_LEVEL)
  for (const warning of configurationWarnings(env)) log.warn(warning)
  // Files hold personal data: what is made from here on is for the service and its group alone.
  process.umask(process.umask() | 0o027)
  const starting = startService(config, log, undefined, showPassword)
  stopOnSignal(starting, log)
  try {
    return await starting
  } catch (error) {
    if (isExplained(error)) process.stderr.write(`${error.message}\n`)
    else log.fatal({ err: error }, 'the service could not be started')
    process.exitCode = 1
    return null
  }
}

/** A stop that takes longer is cut: whatever is left is taken up again at the next start. */
const STOP_WITHIN_MS = 9_500

/** A signal that comes during the start is heard, too: what was started by then is stopped in good order. */
function stopOnSignal(starting: Promise<Service>, log: Log): void {
  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref()
    starting
      .then((service) => service.stop())
      .then(
        () => {
          log.info('stopped')
          process.exit(0)
        },
        // The start failed meanwhile, and whoever waits for it says why.
        () => {},
      )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

if (import.meta.main) {
  const code = await runCommandLine(process.argv.slice(2), {
    env: process.env,
    serve: (env) => startFromEnvironment(env),
  })
  if (code !== null) process.exitCode = code
}
