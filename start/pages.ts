import { type Config, tlsFiles } from '../config.ts'
import type { StorageGuard } from '../files/storage-guard.ts'
import { readTlsFiles } from '../files/tls-files.ts'
import type { CheckStoredFile } from '../ingest/check-file.ts'
import type { Space } from '../ingest/import-room.ts'
import type { Log } from '../log.ts'
import type { Signals } from '../store/postgres/signals.ts'
import { webApp } from '../web/app.ts'
import { startHttpServer } from '../web/http/http-server.ts'
import type { ServerFacts } from '../web/ui/server-facts.ts'
import type { ServiceDatabase } from './database.ts'
import type { Endpoints } from './endpoints.ts'
import type { Mail } from './mail.ts'
import { diskSpace, portOf } from './probes.ts'
import { explainListen } from './problems.ts'
import { behindProxies } from './proxy-protocol.ts'
import { ftpHostOf, publicUrlOf } from './public-names.ts'
import { healthChecksOf, readinessOf } from './readiness.ts'
import type { Runs } from './runs.ts'
import type { Stop } from './stops.ts'
import type { FileAreaOf } from './team-files.ts'
import type { TeamRoots } from './team-roots.ts'

export interface PageParts extends Pick<ServiceDatabase, 'db' | 'wall'> {
  config: Config
  log: Log
  now: () => Date
  teamsFolder: string
  secret: Buffer
  signals: Signals
  storage: StorageGuard
  fileAreaOf: FileAreaOf
  roots: TeamRoots
  checkStoredFile: CheckStoredFile
  mail: Mail
  runs: Runs
  endpoints: Endpoints
  databaseSpace: () => Promise<Space>
}

/** Serves the pages and the API; answers where, as `host:port`. */
export async function startPages(parts: PageParts, stops: Stop[]): Promise<string> {
  const { config } = parts
  const files = tlsFiles(config, 'HTTP_TLS_CERT', 'HTTP_TLS_KEY')
  const http = await startHttpServer({
    app: appOf(parts),
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
    tls: files && (await readTlsFiles(files, new Date())),
    behindProxy: behindProxies(config.PROXY_PROTOCOL_FROM, parts.log),
  }).catch(explainListen({ host: config.HTTP_HOST, hostVariable: 'HTTP_HOST', portVariable: 'HTTP_PORT' }))
  stops.push(() => http.stop())
  return http.address
}

function appOf(parts: PageParts): ReturnType<typeof webApp> {
  const { config, log, now, secret, teamsFolder, storage, fileAreaOf, roots } = parts
  const { db, wall, signals, mail, runs, endpoints } = parts
  const asked = { db, teamsFolder, databaseSpace: parts.databaseSpace, mail, addresses: endpoints.addresses }
  return webApp({
    ...{ wall, log, now, secret, signals, storage, fileAreaOf },
    importer: runs.importer,
    outlooks: runs.outlooks,
    scheduleChanged: runs.scheduleChanged,
    checkStoredFile: parts.checkStoredFile,
    makeRoot: (team) => roots.make(team, now()),
    setFilesAside: (team) => roots.setAside(team, now()),
    prepareFolders: async (team, paths) => {
      for (const path of paths) await fileAreaOf(team).makeFolder(path)
    },
    diskSpace: () => diskSpace(teamsFolder),
    recapMail: mail.recapMail,
    mailQueued: mail.mailQueued,
    sendWebhook: mail.sendWebhook,
    judgeWebhook: mail.judgeWebhook,
    mailLeaves: mail.outbox === null,
    readiness: readinessOf(asked),
    healthChecks: healthChecksOf(asked),
    publicUrl: publicUrlOf(config),
    trustedProxies: config.TRUSTED_PROXIES,
    server: serverFacts(config, endpoints, mail),
  })
}

function serverFacts(config: Config, endpoints: Endpoints, { outbox }: Mail): ServerFacts {
  const { addresses, passiveAddress, tls, hostKeyFingerprints } = endpoints
  const { ftp, ftps, sftp } = addresses
  return {
    host: ftpHostOf(config),
    ftp: { port: config.FTP_PUBLIC_PORT ?? portOf(ftp), tls: config.FTP_TLS },
    ftpsPort: ftps === null ? null : (config.FTPS_PUBLIC_PORT ?? portOf(ftps)),
    sftpPort: sftp === null ? null : (config.SFTP_PUBLIC_PORT ?? portOf(sftp)),
    passiveAddress,
    passivePorts: config.FTP_PASSIVE_PORTS,
    certificate: () => (config.FTP_TLS === 'off' && ftps === null ? null : tls.certificate),
    hostKeys: hostKeyFingerprints,
    mail: { via: outbox === null ? 'smtp' : 'folder', from: config.MAIL_FROM },
    dataDir: config.DATA_DIR,
  }
}
