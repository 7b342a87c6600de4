import { Refusal } from '../refusal.ts'

const WITHIN_MS = 60 * 60_000
/** Mails to a list, which people ask for by hand: of one person, and of one team. */
export const MOST_MAILS = 10
/** Invitations of one person: a whole department may be invited in one go. */
export const MOST_INVITATIONS = 50

/** Limits what people have sent by hand, so that they cannot flood mailboxes or other servers. */
export class MailLimit {
  readonly #sent = new Map<string, number[]>()
  readonly #now: () => Date
  constructor(now: () => Date) {
    this.#now = now
  }

  /** Counts a mail to the list of a team, for which `person` asks; refuses it with 429 beyond the limit. */
  list(person: string, teamId: number): void {
    this.#take([`mails of ${person}`, `mails of team ${teamId}`], MOST_MAILS)
  }

  /** As `list`, for a test of the team's webhook. */
  webhook(person: string, teamId: number): void {
    this.#take([`tests of ${person}`, `tests of team ${teamId}`], MOST_MAILS, 'tests')
  }

  /** As `list`, for a mailed link. */
  invitation(person: string): void {
    this.#take([`invitations of ${person}`], MOST_INVITATIONS)
  }

  #take(keys: readonly string[], most: number, what = 'e-mails'): void {
    const now = this.#now().getTime()
    const recent = (times: readonly number[]) => times.filter((at) => at > now - WITHIN_MS)
    for (const [key, times] of this.#sent) if (recent(times).length === 0) this.#sent.delete(key)
    const counted = keys.map((key) => ({ key, times: recent(this.#sent.get(key) ?? []) }))
    const full = counted.find(({ times }) => times.length >= most)
    if (full) {
      const retryAfterSeconds = Math.ceil(((full.times[0] ?? now) + WITHIN_MS - now) / 1000)
      const minutes = Math.ceil(retryAfterSeconds / 60)
      throw new Refusal('too-many', `${most} such ${what} were sent within an hour. Try again in ${minutes} min.`, {
        retryAfterSeconds,
      })
    }
    for (const { key, times } of counted) this.#sent.set(key, [...times, now])
  }
}
