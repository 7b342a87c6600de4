import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, lstat, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { isFinished, type Run } from '../../model/run.ts'
import { builtProgram, inherited, usedDataDir } from '../support/machine/built-programs.ts'
import { mountDisk, whyNoDisks } from '../support/machine/disks.ts'
import { SETTINGS } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

const whyNot = await whyNoDisks()
const FILE = 'ID,First,Last,Cell,OptOut,Major\n1001,Ann,Lee,716-555-0101,N,Biology\n'

interface Started {
  call(method: string, path: string, body?: unknown): Promise<Response>
  upload(user: string, password: string, path: string, content: string): Promise<string>
  rename(user: string, password: string, from: string, to: string): Promise<void>
}

/** The service as an operator starts it: a process with its own PostgreSQL, without a mail server. */
async function start(dataDir: string): Promise<Started> {
  const [command, ...args] = builtProgram('main.ts')
  const child: ChildProcess = spawn(command, args, {
    env: {
      ...{ ...inherited(), DATA_DIR: dataDir },
      ...{ HTTP_PORT: '0', FTP_PORT: '0', SFTP_PORT: '0', ADMIN_PASSWORD: 'correct horse battery' },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await ended
  })
  const { promise, resolve, reject } = Promise.withResolvers<{ http: string; ftp: string }>()
  ended.then(() => reject(new Error('the service ended')))
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    if (line.includes('"msg":"ready"')) resolve(JSON.parse(line))
  })
  const { http, ftp } = await promise
  const origin = `http://${http}`
  const signedIn = await fetch(`${origin}/api/session`, {
    method: 'POST',
    body: JSON.stringify({ email: 'admin@localhost', password: 'correct horse battery' }),
  })
  const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const inSession = async <T>(user: string, password: string, work: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client()
    const [host = '', port] = ftp.split(':')
    try {
      const secureOptions = { rejectUnauthorized: false }
      await client.access({ host, port: Number(port), user, password, secure: true, secureOptions })
      const done = await work(client)
      await client.send('QUIT')
      return done
    } finally {
      client.close()
    }
  }
  return {
    call: (method, path, body) =>
      fetch(origin + path, {
        method,
        headers: { cookie, origin },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    upload: (user, password, path, content) =>
      inSession(user, password, async (client) => (await client.uploadFrom(Readable.from([content]), path)).message),
    rename: (user, password, from, to) =>
      inSession(user, password, async (client) => void (await client.rename(from, to))),
  }
}

async function made(answer: Promise<Response>): Promise<unknown> {
  const response = await answer
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status}: ${text}`)
  return text === '' ? null : JSON.parse(text)
}

async function makeTeam({ call }: Started): Promise<{ username: string; password: string }> {
  await made(call('POST', '/api/teams', { team: 'admissions', name: 'Admissions', timeZone: 'America/New_York' }))
  await made(call('PUT', '/api/teams/admissions/import-settings', { ...SETTINGS, version: 0 }))
  const username = 'admissions-sis'
  const account = await made(call('POST', '/api/teams/admissions/ftp-accounts', { username, permissions: 'full' }))
  return { username, password: (account as { password: string }).password }
}

async function runImport({ call }: Started): Promise<Run> {
  const { runId } = (await made(call('POST', '/run-import', { team: 'admissions' }))) as { runId: string }
  for (;;) {
    const run: Run = await anyJson(await call('GET', `/api/runs/${runId}`))
    if (isFinished(run.state)) return run
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rosterport-day-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'data')
}

/** Waits for a file in `folder` whose name passes. */
async function fileIn(folder: string, passes: (name: string) => boolean): Promise<string> {
  for (;;) {
    const found = (await readdir(folder).catch(() => [] as string[])).find(passes)
    if (found) return join(folder, found)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const IN_ARCHIVE = /^cadence\/archive\/\.rosterport\/removed\/admissions_[^/]+\/StudentData_[ab]_[\d-]+\.csv$/
const isMail = (name: string) => name.endsWith('.eml')

test('after a first day nothing in DATA_DIR is open to other users of the machine', { timeout: 60_000 }, async () => {
  const dataDir = await dataFolder()
  const service = await start(dataDir)
  const { username, password } = await makeTeam(service)
  await service.upload(username, password, '/cadence/imports/StudentData.csv', FILE)
  expect((await runImport(service)).state).toBe('imported')
  const mail = await fileIn(join(dataDir, 'outbox'), isMail)

  const modes: Record<string, number> = { '': (await lstat(dataDir)).mode }
  for (const name of await readdir(dataDir, { recursive: true }))
    modes[name] = (await lstat(join(dataDir, name)).catch(() => ({ mode: 0 }))).mode
  for (const area of ['keys/secret', 'postgres/', 'teams/admissions/cadence/archive'])
    expect(Object.keys(modes).some((name) => name.startsWith(area))).toBe(true)
  const shown = (open: number) =>
    Object.entries(modes).flatMap(([name, mode]) =>
      (mode & 0o170000) !== 0o120000 && mode & open ? [`${(mode & 0o777).toString(8)} ${name}`] : [],
    )
  expect(shown(0o007)).toEqual([])
  // The group may look into the roots of the teams alone, once the operator lets it into DATA_DIR.
  const group = shown(0o070).filter((line) => !/^\d+ (teams|postgres)(\/|$)/.test(line))
  expect(group).toEqual([])
  expect((await stat(mail)).mode & 0o777).toBe(0o600)
  expect(['', 'teams', 'postgres'].map((name) => (modes[name] ?? 0) & 0o777)).toEqual([0o700, 0o750, 0o700])
})

test('a DATA_DIR of an earlier version is closed at the start; whom its group lets in stays in', {
  timeout: 60_000,
}, async () => {
  const dataDir = await dataFolder()
  await usedDataDir(dataDir)
  await chmod(dataDir, 0o755)
  await start(dataDir)
  expect((await stat(dataDir)).mode & 0o777).toBe(0o750)
})

describe('folders of DATA_DIR that are disks of their own', () => {
  beforeEach(({ skip }) => skip(whyNot !== null, whyNot ?? undefined))
  test('the first day works, and a team is removed and made again', { timeout: 60_000 }, async () => {
    const dataDir = await dataFolder()
    for (const folder of ['teams', 'outbox', 'keys']) onTestFinished(await mountDisk(join(dataDir, folder)))
    const service = await start(dataDir)
    const { username, password } = await makeTeam(service)
    const root = join(dataDir, 'teams', 'admissions')
    for (const folder of ['cadence/imports', 'cadence/archive']) onTestFinished(await mountDisk(join(root, folder)))

    expect(await service.upload(username, password, '/StudentData_a.csv', FILE)).toMatch(/^226 /)
    await service.rename(username, password, '/StudentData_a.csv', '/cadence/imports/StudentData_a.csv')
    const first = await runImport(service)
    expect([first.state, first.batches[0]?.afterImport?.path]).toEqual([
      'imported',
      expect.stringMatching(/^\/cadence\/archive\/StudentData_a_\d{4}-\d\d-\d\d\.csv$/),
    ])
    expect(await service.upload(username, password, '/cadence/imports/StudentData_b.csv', FILE)).toMatch(/^226 /)
    const second = await runImport(service)
    expect(second.batches.map(({ path, state }) => [path, state])).toEqual([
      ['/cadence/imports/StudentData_b.csv', 'imported'],
    ])
    expect(await readdir(join(root, 'cadence/imports'))).toEqual([])
    expect(await readdir(join(root, 'cadence/archive'))).toHaveLength(2)
    await fileIn(join(dataDir, 'outbox'), isMail)

    await made(service.call('DELETE', '/api/teams/admissions'))
    await made(
      service.call('POST', '/api/teams', { team: 'admissions', name: 'Admissions', timeZone: 'America/New_York' }),
    )
    // The disks stay where they are mounted; what they held is hidden from the new team.
    const seen = (await made(service.call('GET', '/api/teams/admissions/files'))) as { items: unknown[] }
    expect(seen.items).toEqual([])
    const kept = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.csv'))
    expect(kept).toEqual([expect.stringMatching(IN_ARCHIVE), expect.stringMatching(IN_ARCHIVE)])

    await made(service.call('POST', '/api/teams', { team: 'dining', name: 'Dining', timeZone: 'UTC' }))
    await made(service.call('DELETE', '/api/teams/dining'))
    expect(await readdir(join(dataDir, 'teams', '.removed'))).toEqual([expect.stringMatching(/^dining_/)])
  })
})
