import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, vi } from 'vitest'
import { builtProgram, inherited } from './built-programs.ts'

/** Several starts, on a machine that does other things beside. */
const TEST_MS = 120_000

export const FREE_PORTS = { HTTP_PORT: '0', FTP_PORT: '0', SFTP_PORT: '' }

/** The program as a process of its own. */
export interface Process {
  child: ChildProcess
  /** Resolves with the first line that holds `text`. */
  line(text: string): Promise<string>
  ended: Promise<{ code: number | null; said: string }>
}

/** Processes that share a DATA_DIR, new for each test, and end with it. */
export function testProcesses() {
  vi.setConfig({ testTimeout: TEST_MS })
  let dataDir: string
  const started: Process[] = []
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'rosterport-process-'))
  })
  afterEach(async () => {
    for (const { child, ended } of started.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      await ended
    }
    rmSync(dataDir, { recursive: true, force: true })
  })
  return {
    dataDir: () => dataDir,
    run(env: NodeJS.ProcessEnv, ...args: string[]): Process {
      const process = runProgram({ DATA_DIR: dataDir, ...env }, args)
      started.push(process)
      return process
    },
  }
}

function runProgram(env: NodeJS.ProcessEnv, args: string[]): Process {
  const [command, ...first] = builtProgram('main.ts')
  const child = spawn(command, [...first, ...args], {
    env: { ...inherited(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
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

export async function ready(
  service: Process,
): Promise<{ http: string; ftp: string; ftps: string | null; sftp: string | null }> {
  return JSON.parse(await service.line('"msg":"ready"'))
}

/** Ends it as a service manager does; answers all that it said. */
export async function stop(service: Process): Promise<string> {
  service.child.kill('SIGTERM')
  const { code, said } = await service.ended
  if (code !== 0) throw new Error(`it ended with ${code}: ${said}`)
  return said
}

/** The password that a start printed, which it does before it says that it is ready. */
export function printedPassword(said: string): string | null {
  return /one-time password (\S+)/.exec(said)?.[1] ?? null
}

export async function signIn(http: string, password: string, email = 'admin@localhost'): Promise<Response> {
  return fetch(`http://${http}/api/session`, { method: 'POST', body: JSON.stringify({ email, password }) })
}
