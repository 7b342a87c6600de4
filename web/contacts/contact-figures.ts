import { type ContactCounts, contactsChangedAt, countContacts } from '../../store/contacts/contact-counts.ts'
import type { Database } from '../../store/postgres/database.ts'

/** With an older count at hand, a page waits no longer than this for a new one. */
const WAIT_MS = 15
/** A preference set by a person shows in the counts after this time, or after this multiple of the time that counting takes. */
const RECOUNT_MS = 15_000
const RECOUNT_TIMES = 50

interface Known {
  counts: ContactCounts
  changedAt: number
  countedAt: number
  /** Duration of the count. */
  tookMs: number
}

/** How many contacts a team has. Counting a million takes longer than a page may, so each count is kept until an import changes it. */
export class ContactFigures {
  readonly #db: Database
  readonly #known = new Map<number, Known>()
  readonly #counting = new Map<number, Promise<ContactCounts>>()

  constructor(db: Database) {
    this.#db = db
  }

  async of(teamId: number): Promise<ContactCounts> {
    const known = this.#known.get(teamId)
    const changedAt = await contactsChangedAt(this.#db, teamId)
    if (known?.changedAt === changedAt && isFresh(known)) return known.counts
    const counting = this.#count(teamId, changedAt)
    return known ? Promise.race([counting, after(WAIT_MS, known.counts)]) : counting
  }

  /** The counts that are known by now, or in a moment; the others are counted one after the other meanwhile. */
  async known(teamIds: readonly number[]): Promise<ReadonlyMap<number, ContactCounts>> {
    const all = (async () => {
      for (const id of teamIds) await this.of(id)
    })()
    // A failed count is tried again by the next page.
    all.catch(() => {})
    await Promise.race([all, after(WAIT_MS, null)])
    return new Map(
      teamIds.flatMap((id) => {
        const known = this.#known.get(id)
        return known ? [[id, known.counts]] : []
      }),
    )
  }

  #count(teamId: number, changedAt: number): Promise<ContactCounts> {
    const going = this.#counting.get(teamId)
    if (going) return going
    const begun = performance.now()
    const counting = countContacts(this.#db, teamId)
      .then((counts) => {
        const countedAt = performance.now()
        this.#known.set(teamId, { counts, changedAt, countedAt, tookMs: countedAt - begun })
        return counts
      })
      .finally(() => this.#counting.delete(teamId))
    // The page that asked may have gone on with the older count.
    counting.catch(() => {})
    this.#counting.set(teamId, counting)
    return counting
  }
}

function isFresh({ countedAt, tookMs }: Known): boolean {
  return performance.now() - countedAt < Math.max(RECOUNT_MS, RECOUNT_TIMES * tookMs)
}

function after<T>(ms: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(() => resolve(value), ms))
}
