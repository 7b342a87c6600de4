import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const MAIN = join(import.meta.dirname, '../../dist/main.js')
const FILE_FAULT = join(import.meta.dirname, 'file-fault.mjs')

/** The service as a process of its own, which can be killed. */
export class ServiceProcess {
  http = ''
  ftp = ''
  readonly said: string[] = []
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #ready: Promise<void>

  constructor(env: NodeJS.ProcessEnv) {
    const faulty = env.FAULT_AT !== undefined
    this.#child = spawn(process.execPath, [...(faulty ? ['--import', FILE_FAULT] : []), MAIN], {
      env: { PATH: process.env.PATH, HTTP_PORT: '0', FTP_PORT: '0', LOG_LEVEL: 'info', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#ended = once(this.#child, 'exit')
    this.#ready = new Promise((resolve, reject) => {
      for (const stream of [this.#child.stdout, this.#child.stderr])
        createInterface({ input: stream as NodeJS.ReadableStream }).on('line', (line) => {
          this.said.push(line)
          if (!line.includes('"msg":"ready"')) return
          const { http, ftp } = JSON.parse(line)
          this.http = http
          this.ftp = ftp
          resolve()
        })
      this.#ended.then(() => reject(new Error(`the service ended: ${this.said.slice(-3).join('\n')}`)))
    })
    this.#ready.catch(() => {})
  }

  ready(): Promise<void> {
    return this.#ready
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  async end(name: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.alive) return
    this.#child.kill(name)
    await this.#ended
  }

  /** Waits until it has ended, `ms` at most. */
  async ended(ms: number): Promise<boolean> {
    const timer = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), ms).unref())
    return Promise.race([this.#ended.then(() => true), timer])
  }
}
