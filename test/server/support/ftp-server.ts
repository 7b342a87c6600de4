import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import type { FileArea } from '../../../files/file-area.ts'
import { StorageGuard } from '../../../files/storage-guard.ts'
import { mayTakeName } from '../../../ingest/reading/last-record.ts'
import { createLog } from '../../../log.ts'
import type { Team } from '../../../model/team.ts'
import { AccessGuard, type AccessLimits } from '../../../server/access-guard.ts'
import { AccountRights } from '../../../server/account-rights.ts'
import { EventLog } from '../../../server/event-log.ts'
import { ftpEndpoint } from '../../../server/ftp/endpoint.ts'
import type { FtpOptions } from '../../../server/ftp/ftp-options.ts'
import { receiving } from '../../../server/receiving/upload-content.ts'
import { loadTls, type ServerTls } from '../../../server/tls.ts'
import { UnconfirmedUploads } from '../../../server/uploads/unconfirmed-uploads.ts'
import { checkFtpLogin, createFtpAccount, type FtpPermissions } from '../../../store/ftp-accounts.ts'
import type { Database } from '../../../store/postgres/database.ts'

export const SECRET = Buffer.alloc(32, 7)

/** The certificate and the folders of a test file's servers, there from its first test to its last. */
export function serverFolders(): { tls(): ServerTls; teams(): string } {
  let folder = ''
  let tls: ServerTls
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rosterport-ftp-'))
    tls = await loadTls({ keysFolder: join(folder, 'keys') })
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  return { tls: () => tls, teams: () => join(folder, 'teams') }
}

export interface TeamLogin {
  team: Team
  username: string
  password: string
}

/** A team of its own with one account. */
export async function teamLogin(db: Database, permissions: FtpPermissions = 'full'): Promise<TeamLogin> {
  const team = `team-${randomBytes(6).toString('hex')}`
  const { id } = await db
    .insertInto('team')
    .values({ team, name: 'Admissions', time_zone: 'America/New_York' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const account = await addAccount(db, id, `${team}.sis`, permissions)
  const login = await checkFtpLogin(db, SECRET, account.username, account.password)
  if (!login) throw new Error('the account was made just now')
  return { team: login.team, ...account }
}

export async function addAccount(db: Database, teamId: number, username: string, permissions: FtpPermissions) {
  const made = await createFtpAccount(db, SECRET, teamId, { username, permissions })
  if (!made.ok) throw new Error(made.reason)
  return { username, password: made.password }
}

export interface TestServer {
  port: number
  area: FileArea
  /** The paths that were reported ready, in order. */
  ready: string[]
  /** Resolves when the next file is reported ready. */
  nextReady(): Promise<string>
  /** Lets the pending waits of the endpoint pass, or those of so many milliseconds alone. */
  passTime(milliseconds?: number): void
  stop(): Promise<void>
}

/** For endpoints whose accounts do not change. */
export const NO_SIGNALS = { subscribe: () => () => {} }

export const NO_LIMITS: AccessLimits = {
  maxConnections: 100_000,
  maxPerAddress: 100_000,
  maxPerAccount: 100_000,
  banAfter: 1000,
  banMinutes: 30,
  delayMilliseconds: 1,
  beginning: { burst: 1_000_000, perSecond: 1_000_000 },
  commands: { burst: 1_000_000, perSecond: 1_000_000 },
}

/** An endpoint of the test's own, stopped at its end. */
export async function startServer(
  given: { db: Database; team: Team; teams: string } & Pick<FtpOptions, 'tls'> & Partial<FtpOptions>,
): Promise<TestServer> {
  const area = diskFileArea(join(given.teams, given.team.team))
  const ready: string[] = []
  let announce = Promise.withResolvers<string>()
  const waits = new Map<() => void, number>()
  const endpoint = ftpEndpoint({
    host: '127.0.0.1',
    port: 0,
    strictClose: true,
    passive: { minPort: 0, maxPort: 0 },
    active: false,
    access: new AccessGuard(NO_LIMITS),
    rights: new AccountRights({ db: given.db, signals: NO_SIGNALS, log: createLog('silent') }),
    storage: new StorageGuard(),
    events: new EventLog(given.db, createLog('silent'), () => {}),
    receiving: receiving(),
    processName: 'rosterport/test',
    limits: { loginSeconds: 30, idleSeconds: 60, stallSeconds: 30 },
    secret: SECRET,
    log: createLog('silent'),
    unconfirmed: new UnconfirmedUploads(),
    mayTakeName: (team, path, file) => mayTakeName(given.db, team, path, file),
    fileAreaOf: () => area,
    uploadReady(_team, path) {
      ready.push(path)
      announce.resolve(path)
      announce = Promise.withResolvers()
    },
    after(milliseconds, run) {
      waits.set(run, milliseconds)
      return () => waits.delete(run)
    },
    ...given,
  })
  const address = await endpoint.start()
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= endpoint.stop()
    return stopped
  }
  onTestFinished(stop)
  return {
    port: Number(address.split(':').at(-1)),
    area,
    ready,
    nextReady: () => announce.promise,
    passTime(milliseconds) {
      for (const [run, wait] of [...waits]) if (milliseconds === undefined || wait === milliseconds) run()
    },
    stop,
  }
}

export async function names(area: FileArea, path = '/'): Promise<string[]> {
  const found: string[] = []
  for await (const { name } of area.list(path as Parameters<FileArea['list']>[0])) found.push(name)
  return found.sort()
}

export async function textOf(area: FileArea, path: string): Promise<string> {
  const file = await area.open(path as Parameters<FileArea['open']>[0])
  try {
    let text = ''
    for await (const chunk of file.read()) text += chunk.toString()
    return text
  } finally {
    await file.close()
  }
}

/** `area` with some of its operations replaced; private fields forbid to inherit from it. */
export function overlaid(area: FileArea, changes: Partial<FileArea>): FileArea {
  return new Proxy(area, {
    get(target, key) {
      const own = Reflect.get(changes, key)
      if (own) return own
      const value = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
