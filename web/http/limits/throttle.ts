import { networkOf } from '../../../model/network.ts'

const FREE_TRIES = 5
/** A whole campus may share one address. */
const FREE_TRIES_OF_ADDRESS = 50
const LONGEST_WAIT_MS = 15 * 60_000
const FORGOTTEN_AFTER_MS = 30 * 60_000
const MOST_REMEMBERED = 20_000

interface Tries {
  count: number
  at: number
}

/**
 * Slows down password guessing, per address and account and per address. Tries from elsewhere never lock a person out. A
 * try counts when it begins, so parallel tries gain nothing.
 */
export class Throttle {
  readonly #tries = new Map<string, Tries>()
  /** Networks from which an account has signed in before. */
  readonly #known = new Set<string>()
  readonly #now: () => Date
  constructor(now: () => Date) {
    this.#now = now
  }

  /** Counts a try, or answers the seconds until one is allowed. */
  attempt(address: string, account: string): number | null {
    const keys = [
      [pairKey(address, account), FREE_TRIES],
      [networkOf(address), FREE_TRIES_OF_ADDRESS],
    ] as const
    const wait = Math.max(...keys.map(([key, free]) => this.#waitMs(key, free)))
    if (wait > 0) return Math.ceil(wait / 1000)
    for (const [key] of keys) this.#count(key)
    return null
  }

  /** The try was right: it does not count. */
  succeeded(address: string, account: string): void {
    const pair = pairKey(address, account)
    this.#tries.delete(pair)
    this.#known.delete(pair)
    this.#known.add(pair)
    if (this.#known.size > MOST_REMEMBERED) this.#known.delete(this.#known.keys().next().value as string)
    const ofAddress = this.#tries.get(networkOf(address))
    if (ofAddress) ofAddress.count--
  }

  /** How many recent tries came from this network; 0 if this account has signed in from there before. */
  suspicion(address: string, account: string): number {
    return this.#known.has(pairKey(address, account)) ? 0 : (this.#tries.get(networkOf(address))?.count ?? 0)
  }

  #waitMs(key: string, free: number): number {
    const known = this.#tries.get(key)
    if (!known || known.count < free) return 0
    const pause = Math.min(1000 * 2 ** (known.count - free), LONGEST_WAIT_MS)
    return known.at + pause - this.#now().getTime()
  }

  #count(key: string): void {
    const at = this.#now().getTime()
    const known = this.#tries.get(key)
    const count = known && at - known.at < FORGOTTEN_AFTER_MS ? known.count + 1 : 1
    // Moved to the end, so that the first entry is the one that was idle for longest.
    this.#tries.delete(key)
    this.#tries.set(key, { count, at })
    if (this.#tries.size > MOST_REMEMBERED) this.#tries.delete(this.#tries.keys().next().value as string)
  }
}

function pairKey(address: string, account: string): string {
  return `${networkOf(address)} ${account.trim().toLowerCase()}`
}
