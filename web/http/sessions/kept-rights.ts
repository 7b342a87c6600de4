import type { Context } from 'hono'
import type { Log } from '../../../log.ts'
import type { Signals } from '../../../store/postgres/signals.ts'
import type { Actor, SignedInRequest } from '../request-context.ts'

/** A request is asked about once a second at most, its beginning being the first time. */
const ASK_MS = 1000
/** Without a signal: a session also ends by itself, and a signal may be lost. */
const LOOK_MS = 10_000

/**
 * Ends each request behind the sign-in that lasts longer than the right to it: live pages, events, checks, downloads and
 * uploads alike. The connection is cut, as if the client had closed it, so that nothing half sent looks whole.
 */
export class KeptRights {
  readonly #log: Log
  readonly #requests = new Set<LastingRequest>()

  constructor(signals: Pick<Signals, 'subscribe'>, log: Log) {
    this.#log = log
    signals.subscribe((signal) => {
      if (signal.kind !== 'reconnected' && (signal.kind !== 'rights' || signal.account !== null)) return
      for (const request of this.#requests) request.changed()
    })
  }

  /** `holds` says whether the request would still be let in; it rejects while the database is away. */
  watch(c: Context<SignedInRequest>, holds: () => Promise<boolean>): void {
    const { outgoing } = c.env
    // A removal may take away the right that it was asked with, and gives nothing away. A form asks for it from within.
    if (c.req.method === 'DELETE') {
      this.#release(outgoing)
      return
    }
    const request = new LastingRequest(outgoing, holds, () => {
      this.#log.info({ reference: c.var.reference }, 'request ended: the right to it has gone')
      outgoing.destroy()
    })
    this.#requests.add(request)
    outgoing.once('close', () => {
      request.stop()
      this.#requests.delete(request)
    })
  }

  #release(outgoing: Outgoing): void {
    for (const request of this.#requests)
      if (request.outgoing === outgoing) {
        request.stop()
        this.#requests.delete(request)
      }
  }
}

type Outgoing = SignedInRequest['Bindings']['outgoing']

class LastingRequest {
  readonly outgoing: Outgoing
  readonly #holds: () => Promise<boolean>
  readonly #end: () => void
  #askedAt = performance.now()
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(outgoing: Outgoing, holds: () => Promise<boolean>, end: () => void) {
    this.outgoing = outgoing
    this.#holds = holds
    this.#end = end
    this.#askIn(LOOK_MS)
  }

  changed(): void {
    this.#askIn(this.#askedAt + ASK_MS - performance.now())
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #askIn(milliseconds: number): void {
    if (this.#stopped) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#ask(), milliseconds).unref()
  }

  async #ask(): Promise<void> {
    this.#askedAt = performance.now()
    this.#askIn(LOOK_MS)
    // The session goes on while the database is away.
    const holds = await this.#holds().catch(() => true)
    if (!holds && !this.#stopped) this.#end()
  }
}

export function hasLostRights(before: Actor, now: Actor): boolean {
  const reaches = (id: number) => now.teams === 'all' || now.teams.includes(id)
  const fewerTeams = before.teams === 'all' ? now.teams !== 'all' : !before.teams.every(reaches)
  return (
    fewerTeams ||
    (before.owner && !now.owner) ||
    (now.readOnly && !before.readOnly) ||
    (now.mustChangePassword && !before.mustChangePassword) ||
    (now.secondFactorMissing && !before.secondFactorMissing)
  )
}
