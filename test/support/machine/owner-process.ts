import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setImmediate } from 'node:timers/promises'
import { readServerNote, serversOf } from '../../../store/postgres/embedded/processes.ts'
import { removeOldSocketFolders } from '../../../store/postgres/embedded/socket-folder.ts'

/** A program that owns an embedded PostgreSQL, and how its users know that it is ready. */
export interface Program {
  command: readonly string[]
  env?: NodeJS.ProcessEnv
  ready: string
}

export class OwnerProcess {
  readonly said: string[] = []
  readonly ended: Promise<unknown>
  readonly ready: Promise<void>
  readonly #child: ChildProcess

  constructor({ command: [first = '', ...rest], env = {}, ready }: Program) {
    this.#child = spawn(first, rest, {
      env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.ended = once(this.#child, 'close')
    this.ready = new Promise((resolve, reject) => {
      for (const stream of [this.#child.stdout, this.#child.stderr])
        createInterface({ input: stream as NodeJS.ReadableStream }).on('line', (line) => {
          this.said.push(line)
          if (line.includes(ready)) resolve()
        })
      this.ended.then(() => reject(new Error(`it ended: ${this.said.join('\n')}`)))
    })
    this.ready.catch(() => {})
  }

  get pid(): number {
    return this.#child.pid as number
  }

  get exitCode(): number | null {
    return this.#child.exitCode
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  async end(name: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill(name)
    await this.ended
  }
}

export function dataOf(dataDir: string): string {
  return join(dataDir, 'postgres/cluster')
}

export async function serverPid(dataDir: string): Promise<number> {
  const note = await readServerNote(dataOf(dataDir))
  if (!note) throw new Error('no PostgreSQL runs')
  return note.pid
}

/** Ends every process of the server in the same moment, as a manager does that kills a whole service. */
export async function killServer(dataDir: string): Promise<void> {
  for (const pid of await serversOf(dataOf(dataDir)).catch(() => []))
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself.
    }
}

/** Ends what an owner that was killed has left, and removes its socket folder, as its next start would. */
export async function clearAway(dataDir: string): Promise<void> {
  await killServer(dataDir)
  // Until it is gone its socket still accepts, and is left alone.
  while ((await serversOf(dataOf(dataDir)).catch(() => [])).length > 0) await setImmediate()
  await removeOldSocketFolders(join(dataDir, 'postgres'), [])
}
