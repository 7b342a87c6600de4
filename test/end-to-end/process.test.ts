import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const MAIN = join(import.meta.dirname, '../../main.ts')
const FREE_PORTS = { HTTP_PORT: '0', FTP_PORT: '0', SFTP_PORT: '' }

let dataDir: string
const started: ChildProcess[] = []

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'rosterport-process-'))
})

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
  }
})

interface Process {
  child: ChildProcess
  /** Resolves with the line that holds `text`. */
  line(text: string): Promise<string>
  ended: Promise<{ code: number | null; said: string }>
}

function run(env: NodeJS.ProcessEnv): Process {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], {
    env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  const lines: string[] = []
  const hear: (() => void)[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream as NodeJS.ReadableStream }).on('line', (line) => {
      lines.push(line)
      for (const listener of hear) listener()
    })
  const ended = once(child, 'close').then(([code]) => ({ code, said: lines.join('\n') }))
  return {
    child,
    ended,
    line: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find((line) => line.includes(text))
          if (found) resolve(found)
        }
        hear.push(look)
        look()
        ended.then(({ said }) => reject(new Error(`it ended: ${said}`)))
      }),
  }
}

async function ready(
  service: Process,
): Promise<{ http: string; ftp: string; ftps: string | null; sftp: string | null }> {
  return JSON.parse(await service.line('"msg":"ready"'))
}

test('a first start shows a one-time password, a second one none; kill -9 in between loses nothing', async () => {
  const first = run(FREE_PORTS)
  const { http, ftp, ftps, sftp } = await ready(first)
  expect([http, ftp]).toEqual([
    expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    expect.stringMatching(/^127\.0\.0\.1:\d+$/),
  ])
  expect([ftps, sftp]).toEqual([null, null])
  const [, password = ''] = /one-time password (\S+)/.exec(await first.line('one-time password')) ?? []
  expect((await signIn(http, password)).status).toBe(204)
  first.child.kill('SIGKILL')
  await first.ended

  // The database outlived the process; it is joined, not started again.
  const second = run(FREE_PORTS)
  const again = await ready(second)
  expect((await signIn(again.http, password)).status).toBe(204)
  const begun = Date.now()
  second.child.kill('SIGTERM')
  const { code, said } = await second.ended
  expect(code).toBe(0)
  expect(Date.now() - begun).toBeLessThan(10_000)
  expect(said).not.toContain('one-time password')

  const third = run(FREE_PORTS)
  expect((await signIn((await ready(third)).http, password)).status).toBe(204)
})

async function signIn(http: string, password: string): Promise<Response> {
  return fetch(`http://${http}/api/session`, {
    method: 'POST',
    body: JSON.stringify({ email: 'admin@localhost', password }),
  })
}

describe('a start that cannot be', () => {
  test('names every fault of the configuration and exits 78', async () => {
    const { code, said } = await run({ HTTP_PORT: 'x', FTP_TLS: 'y' }).ended
    expect(code).toBe(78)
    expect(said.split('\n')).toEqual([
      'The configuration has 2 faults:',
      'HTTP_PORT must be a port number.',
      'FTP_TLS must be required, optional or off.',
    ])
  })

  test('says in one sentence that a port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const { code, said } = await run({ ...FREE_PORTS, FTP_PORT: String(port), LOG_LEVEL: 'error' }).ended
    other.close()
    expect(code).toBe(1)
    expect(said).toBe(
      `FTP_PORT: port ${port} cannot be listened on: another program listens there; stop it, or choose another port.`,
    )
  })

  test('says in one sentence that the database cannot be reached', async () => {
    const { code, said } = await run({ ...FREE_PORTS, DATABASE_URL: 'postgres://127.0.0.1:1/none', LOG_LEVEL: 'error' })
      .ended
    expect(code).toBe(1)
    expect(said).toMatch(/^The database at DATABASE_URL cannot be used \(.*ECONNREFUSED.*\): check that/)
    expect(said.split('\n')).toHaveLength(1)
  })

  test('says in one sentence that DATA_DIR cannot be written', async () => {
    const file = join(dataDir, 'a-file')
    writeFileSync(file, '')
    const { code, said } = await run({ ...FREE_PORTS, DATA_DIR: join(file, 'data') }).ended
    expect(code).toBe(1)
    expect(said).toMatch(/^The folder .* cannot be made \(ENOTDIR\): set DATA_DIR/)
  })
})
