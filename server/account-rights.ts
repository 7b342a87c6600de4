import type { Log } from '../log.ts'
import { ftpVersion } from '../store/ftp-accounts.ts'
import type { Database } from '../store/postgres/database.ts'
import type { Signals } from '../store/postgres/signals.ts'
import type { Login } from './login.ts'
import { within } from './uploads/ledger-queue.ts'

/** How long a database answer about an account is valid. */
const FRESH_MS = 1000
/** How long a command waits for the database; sessions survive an outage and are checked after it. */
const PATIENCE_MS = 1000

interface Parts {
  readonly db: Database
  readonly signals: Pick<Signals, 'subscribe'>
  readonly log: Log
}

/** The accounts that are logged in at any endpoint of this process: a session ends as soon as its account changes. */
export class AccountRights {
  readonly #parts: Parts
  readonly #accounts = new Map<string, AccountWatch>()
  readonly #unsubscribe: () => void
  /** Number of change signals so far. */
  heard = 0

  constructor(parts: Parts) {
    this.#parts = parts
    this.#unsubscribe = parts.signals.subscribe((signal) => {
      if (signal.kind === 'reconnected') this.#changed([...this.#accounts.values()])
      else if (signal.kind === 'rights' && signal.account !== null)
        this.#changed([this.#accounts.get(signal.account)].filter((account) => account !== undefined))
    })
  }

  /** For one connection; `end` is called once its login does not hold any more. */
  session(end: () => void): SessionRights {
    return new SessionRights(this, end)
  }

  stop(): void {
    this.#unsubscribe()
    for (const account of this.#accounts.values()) account.stop()
  }

  /** The watch over an account; it is dropped with its last session. */
  of(username: string): AccountWatch {
    const known = this.#accounts.get(username)
    if (known) return known
    const watch = new AccountWatch(username, this.#parts, () => this.#accounts.delete(username))
    this.#accounts.set(username, watch)
    return watch
  }

  #changed(accounts: AccountWatch[]): void {
    this.heard += 1
    for (const account of accounts) account.changed()
  }
}

/** The rights of one connection. */
export class SessionRights {
  readonly #all: AccountRights
  readonly #end: () => void
  /** A change that came during the login may not have been seen by it. */
  #heard: number
  #watch: AccountWatch | null = null
  #version: string | null = null
  #ended = false

  constructor(all: AccountRights, end: () => void) {
    this.#all = all
    this.#end = end
    this.#heard = all.heard
  }

  loggedIn({ account, version }: Login): void {
    this.#version = version
    this.#watch = this.#all.of(account.username)
    this.#watch.join(this, version)
    if (this.#heard !== this.#all.heard) this.#watch.changed()
  }

  /** The client leaves, or logs in again. */
  left(): void {
    this.#watch?.leave(this)
    this.#watch = null
    this.#heard = this.#all.heard
  }

  /** Called before each command; asks the database once a second at most. */
  holds(): boolean | Promise<boolean> {
    if (this.#ended) return false
    if (!this.#watch || this.#watch.isFresh) return true
    return this.#watch.ask().then(() => !this.#ended)
  }

  /** `version` is null once the account is gone. */
  hasVersion(version: string | null): boolean {
    return this.#version === version
  }

  end(): void {
    this.#ended = true
    this.left()
    this.#end()
  }
}

/** One account and its sessions. */
class AccountWatch {
  readonly #username: string
  readonly #parts: Parts
  readonly #unused: () => void
  readonly #sessions = new Set<SessionRights>()
  #askedAt = Number.NEGATIVE_INFINITY
  #asking: Promise<void> | null = null
  #away = false
  #retry: NodeJS.Timeout | undefined

  constructor(username: string, parts: Parts, unused: () => void) {
    this.#username = username
    this.#parts = parts
    this.#unused = unused
  }

  join(session: SessionRights, version: string): void {
    const known = this.#sessions.values().next().value
    this.#sessions.add(session)
    if (known && !known.hasVersion(version)) this.changed()
    else this.#askedAt = performance.now()
  }

  leave(session: SessionRights): void {
    this.#sessions.delete(session)
    if (this.#sessions.size > 0) return
    this.stop()
    this.#unused()
  }

  stop(): void {
    clearTimeout(this.#retry)
  }

  get isFresh(): boolean {
    return performance.now() - this.#askedAt < FRESH_MS
  }

  /** An answer that is on its way may be older than the change. */
  changed(): void {
    this.#askedAt = Number.NEGATIVE_INFINITY
    const asking = this.#asking ?? Promise.resolve()
    void asking.then(() => this.#look())
  }

  /** Resolves when the sessions have been compared, or when that takes too long. */
  async ask(): Promise<void> {
    await within(PATIENCE_MS, this.#look())
  }

  #look(): Promise<void> {
    this.#asking ??= this.#compare().finally(() => {
      this.#asking = null
    })
    return this.#asking
  }

  async #compare(): Promise<void> {
    clearTimeout(this.#retry)
    try {
      const asked = performance.now()
      const version = await ftpVersion(this.#parts.db, this.#username)
      this.#askedAt = asked
      this.#away = false
      const outdated = [...this.#sessions].filter((session) => !session.hasVersion(version))
      if (outdated.length === 0) return
      this.#parts.log.info({ account: this.#username, sessions: outdated.length }, 'account changed: its sessions end')
      for (const session of outdated) session.end()
    } catch (error) {
      if (!this.#away)
        this.#parts.log.warn({ reason: (error as Error).message }, 'rights of an FTP account not checked; trying again')
      this.#away = true
      this.#askedAt = performance.now()
      if (this.#sessions.size > 0) this.#retry = setTimeout(() => void this.#look(), FRESH_MS)
    }
  }
}
