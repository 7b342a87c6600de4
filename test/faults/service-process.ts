import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { SERVICE_FLAGS } from '../../bench/program.ts'

const MAIN = join(import.meta.dirname, '../../dist/main.js')
/** What is loaded into the service before anything else, by the variable that asks for it. */
const PRELOADED = {
  FAULT_AT: join(import.meta.dirname, 'file-fault.mjs'),
  CLOCK_FILE: join(import.meta.dirname, 'clock-shift.mjs'),
}

/** The service as a process of its own, which can be killed. */
export class ServiceProcess {
  http = ''
  ftp = ''
  readonly said: string[] = []
  #dying = false
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #ready: Promise<void>

  constructor(env: NodeJS.ProcessEnv) {
    const preloaded = Object.entries(PRELOADED).flatMap(([name, file]) => (env[name] ? ['--import', file] : []))
    this.#child = spawn(process.execPath, [...SERVICE_FLAGS, ...preloaded, MAIN], {
      env: { PATH: process.env.PATH, HTTP_PORT: '0', FTP_PORT: '0', SFTP_PORT: '0', LOG_LEVEL: 'info', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // What ends the tests from the keyboard lets a point that has begun come to its end.
      detached: true,
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

  /** Whether it is frozen. */
  get stopped(): boolean {
    return this.#status('State').startsWith('T')
  }

  /** The memory that it holds now. */
  get residentBytes(): number {
    return Number.parseInt(this.#status('VmRSS'), 10) * 1024
  }

  #status(field: string): string {
    if (!this.alive) return ''
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? ''
  }

  /** Whether it was killed, though its end may not have been heard of yet. */
  get dying(): boolean {
    return this.#dying
  }

  signal(name: NodeJS.Signals): void {
    if (name === 'SIGKILL') this.#dying = true
    this.#child.kill(name)
  }

  async end(name: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.alive) return
    // Whoever is frozen hears nothing else.
    this.#child.kill('SIGCONT')
    this.#child.kill(name)
    await this.#ended
  }

  /** Waits until it has ended by what was done to it. */
  async gone(): Promise<void> {
    await this.#ended
  }
}
