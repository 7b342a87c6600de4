import type { Log } from '../log.ts'
import type { AuditActor } from '../model/audit.ts'
import { type AuditEvent, auditTogether } from '../store/audit.ts'
import type { Database } from '../store/postgres/database.ts'
import { isDatabaseAway } from '../store/postgres/database-errors.ts'

/** Rows written together, and rows that may wait: beyond that only the log has them. */
const TOGETHER = 500
const MOST_WAITING = 20_000
/** Events within this time are written together. */
const GATHER_MS = 50
const RETRY_MS = 2000

/** Writes each endpoint event to the log and the audit, in the background. */
export class EventLog {
  readonly #db: Database
  readonly #log: Log
  readonly #changed: (teamId: number) => void
  #waiting: [AuditActor, AuditEvent][] = []
  #writing: Promise<void> | null = null
  #stopping = false
  #wake = () => {}

  /** `changed` is called for each team whose files an event may have changed. */
  constructor(db: Database, log: Log, changed: (teamId: number) => void) {
    this.#db = db
    this.#log = log
    this.#changed = changed
  }

  add(actor: AuditActor, event: AuditEvent, level: 'info' | 'warn' = 'info'): void {
    this.#log[level](
      {
        account: actor.name,
        client: actor.address,
        ...(event.team && { team: event.team.team }),
        ...(event.subject !== undefined && { path: event.subject }),
        ...event.details,
      },
      event.action,
    )
    if (event.team) this.#changed(event.team.id)
    if (this.#waiting.length >= MOST_WAITING) return
    this.#waiting.push([actor, event])
    this.#writing ??= this.#write()
  }

  /** Resolves when all is written; does not wait for an unreachable database. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#wake()
    await this.#writing
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#waiting.length < TOGETHER) await this.#pause(GATHER_MS)
      try {
        await this.#keepFirst(TOGETHER)
      } catch (error) {
        if (this.#stopping) this.#lose(TOGETHER, error)
        else await this.#pause(RETRY_MS)
      }
    }
    this.#writing = null
  }

  /** One event that cannot be stored (its team was deleted) must not block the rest. */
  async #keepFirst(count: number): Promise<void> {
    const events = this.#waiting.slice(0, count)
    try {
      await auditTogether(this.#db, events)
      this.#waiting.splice(0, events.length)
    } catch (error) {
      if (isDatabaseAway(error)) throw error
      if (events.length === 1) this.#lose(1, error)
      else for (const _ of events) await this.#keepFirst(1)
    }
  }

  #lose(count: number, error: unknown): void {
    const events = this.#waiting.splice(0, count).length
    this.#log.error({ err: error, events }, 'writing events to the audit failed')
  }

  #pause(milliseconds: number): Promise<void> {
    if (this.#stopping) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
