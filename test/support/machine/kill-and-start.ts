import { spawn } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { createLog } from '../../../log.ts'
import { connectEmbeddedPostgres } from '../../../start/embedded-postgres.ts'
import { type DatabasePool, openDatabase } from '../../../store/postgres/database.ts'
import { serversOf } from '../../../store/postgres/embedded/processes.ts'
import { clearAway, dataOf, killServer, OwnerProcess, type Program, serverPid } from './owner-process.ts'

/** Done to the service before a restart; a round ends with the service up and its rows there. */
export const HARDSHIPS = [
  'the process',
  'everything',
  'the server',
  'the server, then the process',
  'a backend',
  'the process while it starts',
  'everything while it starts',
  'everything while it stops',
  'the process while it stops',
  'the process at its very first start',
  'everything at its very first start',
  'a stale pid',
  'an empty pid file',
  'a folder of somebody else',
  'a full disk',
] as const
export type Hardship = (typeof HARDSHIPS)[number]

/** A disk that can be filled; where none can be made, a full disk is left out. */
export interface Disk {
  fill(): Promise<void>
  free(): Promise<void>
}

export interface Round {
  hardship: Hardship
  seconds: number
  wrong: string[]
}

const log = createLog('silent')
/** The longest that a start or a stop may still be under way. */
const START_MS = 2_500
const FIRST_START_MS = 4_000
const STOP_MS = 400
const OTHER_USER = 1234

/** Kills an owner of an embedded PostgreSQL in every way there is, while rows are written, and starts it again at once. */
export class KillAndStart {
  #owner: OwnerProcess
  #committed = 0
  #writing = { stop: async () => {} }
  readonly #dataDir: string
  readonly #program: (dataDir: string) => Program
  readonly #random: () => number
  readonly #disk: Disk | null

  constructor(options: {
    dataDir: string
    program: (dataDir: string) => Program
    random: () => number
    disk: Disk | null
  }) {
    this.#dataDir = options.dataDir
    this.#program = options.program
    this.#random = options.random
    this.#disk = options.disk
    this.#owner = this.#start()
  }

  async open(): Promise<void> {
    await this.#owner.ready
    await this.#query(({ db }) => sql`create table row_of_round (n bigint primary key)`.execute(db))
    this.#write()
  }

  async close(): Promise<void> {
    await this.#writing.stop()
    await this.#owner.end()
    await clearAway(this.#dataDir)
  }

  async round(hardship: Hardship): Promise<Round> {
    const begun = performance.now()
    const wrong: string[] = []
    await delay(this.#random() * 300)
    await this.#suffer(hardship, wrong)
    try {
      await this.#owner.ready
      // A server that died alone is started again by its owner.
      wrong.push(...(await this.#check()))
    } catch (error) {
      wrong.push((error as Error).message)
      await Promise.all([this.#owner.end('SIGKILL'), killServer(this.#dataDir)])
      this.#owner = this.#start()
      await this.#owner.ready.catch(() => {})
    }
    await this.#writing.stop()
    this.#write()
    return { hardship, wrong, seconds: (performance.now() - begun) / 1000 }
  }

  async #suffer(hardship: Hardship, wrong: string[]): Promise<void> {
    switch (hardship) {
      case 'the process':
        return this.#killAndStart(false)
      case 'everything':
        return this.#killAndStart(true)
      case 'the server':
        return signalTo(await serverPid(this.#dataDir))
      case 'the server, then the process':
        signalTo(await serverPid(this.#dataDir))
        await delay(this.#random() * 300)
        return this.#killAndStart(false)
      case 'a backend': {
        const server = await serverPid(this.#dataDir)
        const others = (await serversOf(dataOf(this.#dataDir))).filter((pid) => pid !== server)
        return signalTo(others[Math.floor(this.#random() * others.length)] as number)
      }
      case 'the process while it starts':
      case 'everything while it starts':
        await this.#killAndStart(this.#random() < 0.7)
        await delay(this.#random() * START_MS)
        return this.#killAndStart(hardship === 'everything while it starts')
      case 'the process while it stops':
      case 'everything while it stops':
        this.#owner.signal('SIGTERM')
        await delay(this.#random() * STOP_MS)
        return this.#killAndStart(hardship === 'everything while it stops')
      case 'the process at its very first start':
      case 'everything at its very first start':
        return this.#firstStart(hardship === 'everything at its very first start', wrong)
      case 'a stale pid':
        return this.#stalePid(wrong)
      case 'an empty pid file':
        await this.#killAll()
        await writeFile(join(dataOf(this.#dataDir), 'postmaster.pid'), '')
        this.#owner = this.#start()
        return
      case 'a folder of somebody else':
        return this.#folderOfSomebodyElse(wrong)
      case 'a full disk':
        return this.#fullDisk(wrong)
    }
  }

  #start(): OwnerProcess {
    return new OwnerProcess(this.#program(this.#dataDir))
  }

  /** The new one is started before the old ones are known to be gone. */
  async #killAndStart(serverToo: boolean): Promise<void> {
    this.#owner.signal('SIGKILL')
    if (serverToo) await killServer(this.#dataDir)
    this.#owner = this.#start()
  }

  async #killAll(): Promise<void> {
    await Promise.all([this.#owner.end('SIGKILL'), killServer(this.#dataDir)])
  }

  async #firstStart(serverToo: boolean, wrong: string[]): Promise<void> {
    const fresh = await mkdtemp(join(tmpdir(), 'rosterport-first-'))
    const first = new OwnerProcess(this.#program(fresh))
    await delay(this.#random() * FIRST_START_MS)
    first.signal('SIGKILL')
    if (serverToo) await killServer(fresh)
    const second = new OwnerProcess(this.#program(fresh))
    await second.ready.catch((error: Error) => wrong.push(error.message))
    await second.end()
    await first.ended
    await clearAway(fresh)
    await rm(fresh, { recursive: true, force: true, maxRetries: 10 })
  }

  async #stalePid(wrong: string[]): Promise<void> {
    await this.#killAll()
    const other = spawn('sleep', ['600'], { stdio: 'ignore' })
    const path = join(dataOf(this.#dataDir), 'postmaster.pid')
    const text = await readFile(path, 'utf8').catch(() => '\n')
    await writeFile(path, text.replace(/^.*/, String(other.pid)))
    this.#owner = this.#start()
    await this.#owner.ready.catch(() => {})
    if (other.exitCode !== null || other.signalCode !== null) wrong.push('the process of somebody else was ended')
    other.kill('SIGKILL')
  }

  async #folderOfSomebodyElse(wrong: string[]): Promise<void> {
    const before = (await connectEmbeddedPostgres(this.#dataDir))?.socketFolder
    await this.#killAll()
    if (!before) return
    await rm(before, { recursive: true, force: true })
    await mkdir(before)
    await chmod(before, 0o777)
    if (process.getuid?.() === 0) await chown(before, OTHER_USER, OTHER_USER)
    this.#owner = this.#start()
    await this.#owner.ready.catch(() => {})
    if ((await connectEmbeddedPostgres(this.#dataDir))?.socketFolder === before)
      wrong.push('the folder of somebody else was used')
    await rm(before, { recursive: true, force: true })
  }

  /** It comes up, or says why not without a word about a variable that is not set. */
  async #fullDisk(wrong: string[]): Promise<void> {
    await this.#killAll()
    await this.#disk?.fill()
    const cramped = this.#start()
    const came = await cramped.ready.then(
      () => true,
      () => false,
    )
    if (!came && !/No space left|ENOSPC|is full/.test(cramped.said.join('\n')))
      wrong.push(`on a full disk it said ${cramped.said.slice(-3).join('\n')}`)
    if (!came && /at DATABASE_URL/.test(cramped.said.join('\n'))) wrong.push('it spoke of DATABASE_URL')
    cramped.signal('SIGKILL')
    await this.#disk?.free()
    this.#owner = this.#start()
  }

  /** Writes rows one by one until the server is gone, or until it is stopped. */
  #write(): void {
    let stopped = false
    const writing = this.#query(async ({ db }) => {
      while (!stopped) {
        await sql`insert into row_of_round values (${this.#committed + 1}) on conflict do nothing`.execute(db)
        this.#committed++
        await delay(5)
      }
    }).catch(() => {})
    this.#writing = {
      stop: () => {
        stopped = true
        return writing
      },
    }
  }

  async #check(): Promise<string[]> {
    await this.#writing.stop()
    const committed = this.#committed
    for (const until = Date.now() + 30_000; ; await delay(50))
      try {
        const { rows } = await this.#query(({ db }) =>
          sql<{ count: number }>`select count(*) from row_of_round where n <= ${committed}`.execute(db),
        )
        const count = rows[0]?.count
        return count === committed ? [] : [`${count} rows of ${committed} are there`]
      } catch (error) {
        if (Date.now() > until) return [`no answer: ${(error as Error).message}`]
      }
  }

  async #query<T>(work: (pool: DatabasePool) => Promise<T>): Promise<T> {
    const address = await connectEmbeddedPostgres(this.#dataDir)
    if (!address) throw new Error('no PostgreSQL answers')
    const pool = openDatabase(address, log, { size: 1 })
    return work(pool).finally(() => pool.close())
  }
}

function signalTo(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
