import { join } from 'node:path'
import { type Config, tlsFiles } from '../config.ts'
import type { StorageGuard } from '../files/storage-guard.ts'
import type { CheckStoredFile } from '../ingest/check-file.ts'
import { fileStatus } from '../ingest/choosing/file-status.ts'
import { whatWillHappen } from '../ingest/choosing/upload-reply.ts'
import { mayTakeName } from '../ingest/reading/last-record.ts'
import type { RoomWatch } from '../ingest/telling/no-room-notice.ts'
import type { Log } from '../log.ts'
import { AccessGuard } from '../server/access-guard.ts'
import { AccountRights } from '../server/account-rights.ts'
import type { Endpoint } from '../server/endpoint.ts'
import { EventLog } from '../server/event-log.ts'
import { ftpEndpoint } from '../server/ftp/endpoint.ts'
import type { FtpOptions } from '../server/ftp/ftp-options.ts'
import { type PassiveAddress, watchPassiveAddress } from '../server/ftp/transfers/passive-address.ts'
import { receiving } from '../server/receiving/upload-content.ts'
import { CERTIFICATE_FILE } from '../server/self-signed.ts'
import { sftpEndpoint } from '../server/sftp/endpoint.ts'
import { loadHostKeys } from '../server/sftp/host-keys.ts'
import { type WatchedTls, watchTls } from '../server/tls.ts'
import { UnconfirmedUploads } from '../server/uploads/unconfirmed-uploads.ts'
import type { DatabasePool } from '../store/postgres/database.ts'
import type { Signals } from '../store/postgres/signals.ts'
import { TeamChanges } from '../store/postgres/team-changes.ts'
import { checkForFtp } from './checks.ts'
import { explainListen } from './problems.ts'
import { behindProxies } from './proxy-protocol.ts'
import { namesOfServer } from './public-names.ts'
import type { Runs } from './runs.ts'
import type { Stop } from './stops.ts'
import type { FileAreaOf } from './team-files.ts'

export interface EndpointParts extends Pick<DatabasePool, 'db' | 'processName'> {
  config: Config
  log: Log
  now: () => Date
  keysFolder: string
  secret: Buffer
  storage: StorageGuard
  signals: Signals
  fileAreaOf: FileAreaOf
  checkStoredFile: CheckStoredFile
  room: RoomWatch
  runs: Pick<Runs, 'look' | 'outlooks'>
}

/** Where files arrive, and how clients recognise the server. */
export interface Endpoints {
  /** Where each listens, `host:port`; null where it is switched off. */
  readonly addresses: { ftp: string; ftps: string | null; sftp: string | null }
  readonly passiveAddress: PassiveAddress | null
  readonly tls: WatchedTls
  /** For FTP clients to trust; null with a certificate of the operator. */
  readonly certificateFile: string | null
  readonly hostKeyFingerprints: readonly string[]
}

export async function startEndpoints(parts: EndpointParts, stops: Stop[]): Promise<Endpoints> {
  const { config, log, keysFolder } = parts
  const { FTP_PORT, FTPS_PORT, SFTP_PORT, FTP_TLS, FTP_PASSIVE_HOST } = config
  const files = tlsFiles(config, 'FTP_TLS_CERT', 'FTP_TLS_KEY')
  const server = await watchTls({ keysFolder, files, names: namesOfServer(config) }, log)
  stops.push(() => server.stop())
  const passiveAddress = FTP_PASSIVE_HOST ? await watchPassiveAddress(FTP_PASSIVE_HOST, log) : null
  stops.push(() => passiveAddress?.stop())
  const shared = sharedOptions(parts, passiveAddress, stops)

  const listen = async (portVariable: string, endpoint: Endpoint) => {
    const place = { host: config.FTP_HOST, hostVariable: 'FTP_HOST', portVariable }
    const address = await endpoint.start().catch(explainListen(place))
    stops.push(() => endpoint.stop())
    return address
  }
  const tls = FTP_TLS === 'off' ? ({ mode: 'off' } as const) : { mode: FTP_TLS, server }
  const implicit = { mode: 'implicit', server } as const
  const ftp = await listen('FTP_PORT', ftpEndpoint({ ...shared, port: FTP_PORT, tls }))
  const ftps =
    FTPS_PORT === undefined
      ? null
      : await listen('FTPS_PORT', ftpEndpoint({ ...shared, port: FTPS_PORT, tls: implicit }))
  const hostKeys = SFTP_PORT === null ? null : await loadHostKeys(keysFolder)
  const sftp =
    SFTP_PORT === null || hostKeys === null
      ? null
      : await listen('SFTP_PORT', sftpEndpoint({ ...shared, port: SFTP_PORT, hostKeys }))

  return {
    addresses: { ftp, ftps, sftp },
    passiveAddress,
    tls: server,
    certificateFile: files ? null : join(keysFolder, CERTIFICATE_FILE),
    hostKeyFingerprints: hostKeys?.fingerprints ?? [],
  }
}

/** The wait behind a first failed login; it doubles with each. */
const FAILED_LOGIN_MS = 1000

/** Bans, limits and disk space apply to all endpoints together. */
function sharedOptions(
  parts: EndpointParts,
  passiveAddress: PassiveAddress | null,
  stops: Stop[],
): Omit<FtpOptions, 'port' | 'tls'> {
  const { config, log, now, db, processName, secret, storage, fileAreaOf, room, runs } = parts
  const changes = new TeamChanges(db)
  const events = new EventLog(db, log, (teamId) => changes.add(teamId))
  stops.push(() => changes.stop())
  stops.push(() => events.stop())
  const rights = new AccountRights(parts)
  stops.push(() => rights.stop())
  const received = receiving()
  stops.push(() => received.hashes.stop())
  const { outlooks } = runs
  return {
    ...{ db, processName, secret, log, fileAreaOf, storage, events, rights, receiving: received },
    host: config.FTP_HOST,
    behindProxy: behindProxies(config.PROXY_PROTOCOL_FROM, log),
    active: config.FTP_ACTIVE,
    strictClose: config.FTP_TLS_STRICT_CLOSE,
    access: new AccessGuard({
      maxConnections: config.FTP_MAX_CONNECTIONS,
      maxPerAddress: config.FTP_MAX_PER_ADDRESS,
      maxPerAccount: config.FTP_MAX_PER_ACCOUNT,
      banAfter: config.FTP_BAN_AFTER,
      banMinutes: config.FTP_BAN_MINUTES,
      delayMilliseconds: FAILED_LOGIN_MS,
      beginning: { burst: 5_000, perSecond: 50 },
      commands: { burst: 20_000, perSecond: 500 },
    }),
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
    unconfirmed: new UnconfirmedUploads(),
    mayTakeName: (team, path, file) => mayTakeName(db, team, path, file),
    fileStatus: (team, path) => fileStatus({ db, outlooks, now: now() }, fileAreaOf(team), team, path),
    checkFile: checkForFtp(parts, parts.checkStoredFile),
    describeUpload: (team, path) => whatWillHappen({ db, outlooks, now: now() }, team, path),
    uploadReady: (team) => {
      room.taken()
      changes.add(team.id)
      void runs.look(team.id)
    },
    noRoom: (team, noRoom) => room.refused(team, noRoom),
  }
}
