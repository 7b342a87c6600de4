import { sql } from 'kysely'
import type pg from 'pg'
import type { Log } from '../../log.ts'
import type { RunProgress } from '../../model/run.ts'
import type { Database } from './database.ts'

/** Notifications between the processes of one database. Each is a hint: the tables hold the truth. */
export type Signal =
  | { kind: 'run_queued' }
  | { kind: 'mail_queued' }
  /** Files, settings or decisions of the team were changed: what its pages show may be another. */
  | { kind: 'team'; teamId: number }
  /** A file that the service writes is due. */
  | { kind: 'file_due' }
  | { kind: 'abort'; runId: string }
  /** Windows, zones or teams were changed. */
  | { kind: 'schedule' }
  | { kind: 'progress'; runId: string; batchId: string; progress: RunProgress }
  /** A batch began or ended. */
  | { kind: 'batch'; runId: string; batchId: string }
  | { kind: 'finished'; runId: string }
  /** Somebody's rights were changed or removed, in the table `of`. A trigger sends it. */
  | { kind: 'rights'; of: string; account: string | null }
  /** Signals may have been lost: waiters check for themselves. */
  | { kind: 'reconnected' }

const CHANNEL = 'rosterport'
const RECONNECT_MS = 1_000

/** Reaches every process, this one too. */
export async function sendSignal(
  db: Database,
  signal: Exclude<Signal, { kind: 'reconnected' | 'rights' }>,
): Promise<void> {
  await sql`select pg_notify(${CHANNEL}, ${JSON.stringify(signal)})`.execute(db)
}

/**
 * Listens on a separate connection and reconnects when it breaks. While it is open, other processes know that this
 * one is alive.
 */
export class Signals {
  readonly #newClient: () => pg.Client
  readonly #log: Log
  readonly #listeners = new Set<(signal: Signal) => void>()
  #client: pg.Client | null = null
  #retry: NodeJS.Timeout | undefined
  #stopped = false

  constructor(newClient: () => pg.Client, log: Log) {
    this.#newClient = newClient
    this.#log = log
  }

  async open(): Promise<void> {
    const client = this.#newClient()
    client.on('notification', ({ payload }) => this.#tell(JSON.parse(payload ?? '') as Signal))
    client.on('error', (error) => this.#lost(client, error))
    client.on('end', () => this.#lost(client, null))
    this.#client = client
    await client.connect()
    await client.query(`listen ${CHANNEL}`)
  }

  /** Calls `listener` with each signal until the returned function is called. */
  subscribe(listener: (signal: Signal) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#retry)
    await this.#client?.end().catch(() => {})
  }

  #tell(signal: Signal): void {
    for (const listener of this.#listeners) listener(signal)
  }

  #lost(client: pg.Client, error: Error | null): void {
    if (this.#stopped || client !== this.#client) return
    this.#client = null
    if (error) this.#log.warn({ reason: error.message }, 'signal connection lost; reconnecting')
    client.end().catch(() => {})
    this.#retryLater()
  }

  #retryLater(): void {
    if (this.#stopped) return
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => {
      this.open().then(
        () => this.#tell({ kind: 'reconnected' }),
        () => this.#retryLater(),
      )
    }, RECONNECT_MS)
  }
}
