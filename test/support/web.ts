import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { diskFileArea } from '../../files/disk-file-area.ts'
import { StorageGuard } from '../../files/storage-guard.ts'
import { checkStoredFile } from '../../ingest/check-file.ts'
import type { GivenFile } from '../../ingest/manual-import.ts'
import type { NamedFiles } from '../../ingest/named-files.ts'
import type { Importer, StartedRun } from '../../ingest/run-queue.ts'
import { Outlooks } from '../../ingest/schedule/outlooks.ts'
import type { UndoAsked } from '../../ingest/undo.ts'
import { createLog } from '../../log.ts'
import type { Team } from '../../model/team.ts'
import { openDatabase } from '../../store/postgres/database.ts'
import { WEB_ROLE } from '../../store/postgres/roles.ts'
import { openWall } from '../../store/postgres/row-security.ts'
import { type WebParts, webApp } from '../../web/app.ts'
import { type HttpServer, startHttpServer } from '../../web/http/http-server.ts'
import { FormTokens } from '../../web/http/sessions/form-tokens.ts'
import { newSecret, secretHash } from '../../web/http/sessions/session-cookie.ts'
import { ensureFirstAdministrator } from '../../web/sign-in/first-administrator.ts'
import { TEST_SECRET, testDatabase } from './database.ts'

export const OWNER = { email: 'dana@example.edu', password: 'correct horse battery' }

export const SERVER_FACTS: WebParts['server'] = {
  host: 'files.example.edu',
  ftp: { port: 2121, tls: 'required' },
  ftpsPort: 2990,
  sftpPort: null,
  passivePorts: { first: 50_000, last: 50_199 },
  passiveAddress: null,
  certificate: () => ({
    fingerprint: 'AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89',
    subject: 'files.example.edu',
    validUntil: new Date('2027-06-30T00:00:00Z'),
    pem: '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n',
  }),
  hostKeys: [],
  mail: { via: 'folder', from: 'Rosterport <rosterport@example.edu>' },
  dataDir: '/var/lib/rosterport',
}

/** The pages and the API on a socket of their own, with a first administrator and a clock that the test sets. */
export function testWeb(more: Partial<WebParts> = {}) {
  const own = testDatabase()
  const { db, address: database } = own
  const wall = openWall(openDatabase(database, createLog('warn'), { size: 5, role: WEB_ROLE, secret: TEST_SECRET }))
  const clock = { now: new Date('2026-11-22T15:00:00Z') }
  const importer = new ScriptedImporter()
  const madeRoots: string[] = []
  const setAside: string[] = []
  const filesFolder = join(tmpdir(), `rosterport-web-${randomBytes(6).toString('hex')}`)
  const parts: WebParts = {
    wall,
    log: createLog('silent'),
    importer,
    outlooks: new Outlooks(() => 0),
    signals: { subscribe: () => () => {} },
    recapMail: async () => Buffer.from(''),
    secret: TEST_SECRET,
    fileAreaOf: (team) => diskFileArea(join(filesFolder, team.team)),
    storage: new StorageGuard(),
    checkStoredFile: (team, path, work) =>
      checkStoredFile(own, diskFileArea(join(filesFolder, team.team)), team, path, work),
    makeRoot: async (team) => void madeRoots.push(team.team),
    setFilesAside: async (team) => void setAside.push(team.team),
    prepareFolders: async () => {},
    scheduleChanged: async () => {},
    readiness: {},
    publicUrl: new URL('https://files.example.edu'),
    diskSpace: async () => ({ freeBytes: 300e9, totalBytes: 1e12 }),
    mailLeaves: false,
    mailQueued: () => {},
    sendWebhook: () => Promise.reject(new Error('no webhook is expected')),
    judgeWebhook: async () => null,
    trustedProxies: [],
    now: () => clock.now,
    healthChecks: [{ title: 'Database', check: async () => '1 ms' }],
    server: SERVER_FACTS,
    ...more,
  }
  const app = webApp(parts)
  let server: HttpServer
  const url = (path: string) => `http://${server.address}${path}`
  beforeAll(async () => {
    await ensureFirstAdministrator(db, OWNER.email, OWNER.password)
    server = await startHttpServer({ app, host: '127.0.0.1', port: 0, tls: null })
  })
  afterAll(async () => {
    await server?.stop(0)
    await wall.close()
    await rm(filesFolder, { recursive: true, force: true })
  })

  const request = (method: string, path: string, headers: Record<string, string>, body?: unknown) =>
    fetch(url(path), {
      method,
      headers,
      redirect: 'manual',
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })

  /** The cookie of a new session of the owner. */
  const signIn = async () => {
    const response = await request('POST', '/api/session', {}, OWNER)
    const cookie = response.headers.getSetCookie()[0]?.split(';')[0]
    if (response.status !== 204 || cookie === undefined) throw new Error(`not signed in: ${response.status}`)
    return cookie
  }

  /** Calls with a session of the owner that has just begun. */
  const asOwner = async (method: string, path: string, body?: unknown) =>
    request(method, path, { cookie: await signIn(), origin: parts.publicUrl.origin }, body)

  const formToken = (cookie: string) => new FormTokens(parts.secret).of(secretHash(cookie.split('=')[1] ?? ''))

  /** Calls with a token of the owner, or of someone made by `asAdmin`. */
  const caller = async (administrator: string, teamId: number | null = null, access: 'full' | 'read_only' = 'full') => {
    const token = newSecret()
    const { id } = await db
      .selectFrom('administrator')
      .select('id')
      .where('email', '=', administrator)
      .executeTakeFirstOrThrow()
    await db
      .insertInto('api_token')
      .values({ name: 'test', token_hash: secretHash(token), team_id: teamId, administrator_id: id, access })
      .execute()
    return (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      request(method, path, { authorization: `Bearer ${token}`, ...headers }, body)
  }

  return {
    db,
    app,
    clock,
    importer,
    madeRoots,
    setAside,
    filesFolder,
    request,
    signIn,
    asOwner,
    formToken,
    caller,
    address: () => server.address,
  }
}

/** An importer that gives the test's answers. */
class ScriptedImporter implements Importer {
  answer: StartedRun = { ok: true, runId: '11111111-1111-4111-8111-111111111111' }
  readonly started: { team: string; requestedBy: string }[] = []
  readonly given: GivenFile[] = []
  async startManual(_team: Team, file: GivenFile): Promise<StartedRun> {
    this.given.push(file)
    return this.answer
  }
  async startNamed(team: Team, _files: NamedFiles, requestedBy: string): Promise<StartedRun> {
    return this.start(team, requestedBy)
  }
  async abort(): Promise<boolean> {
    return this.answer.ok
  }
  async undo(): Promise<UndoAsked> {
    return { ok: true }
  }
  async start(team: Team, requestedBy: string): Promise<StartedRun> {
    this.started.push({ team: team.team, requestedBy })
    return this.answer
  }
}

/** Untyped: the test knows what it expects. */
// biome-ignore lint/suspicious/noExplicitAny: each test looks at other parts of other bodies
export async function anyJson(response: Response): Promise<any> {
  return response.json()
}
