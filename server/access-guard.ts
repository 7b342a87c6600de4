import { Counted } from '../model/limits/counted.ts'
import { Pace } from '../model/limits/pace.ts'
import { networkOf } from '../model/network.ts'
import { FTP_USERNAME } from '../store/ftp-accounts.ts'

export interface AccessLimits {
  /** Connections at the same time, over all endpoints. */
  readonly maxConnections: number
  readonly maxPerAddress: number
  /** Sessions of one account at the same time. */
  readonly maxPerAccount: number
  /** Failed logins of one address until it is refused, and for how long. */
  readonly banAfter: number
  readonly banMinutes: number
  /** The wait behind a first failed login; each further one doubles it, eightfold at most. */
  readonly delayMilliseconds: number
  /** How fast one address may begin sessions. */
  readonly beginning: { readonly burst: number; readonly perSecond: number }
  /** How fast the sessions of one team may ask, reading and writing open files aside. */
  readonly commands: { readonly burst: number; readonly perSecond: number }
}

interface Guesses {
  failed: number
  lastAt: number
  bannedUntil: number
  /** An account last logged in from there; undefined until asked. */
  usual?: boolean | undefined
}

const MOST_DELAYS = 8
/** Addresses remembered; beyond that the oldest is forgotten. */
const MOST_ADDRESSES = 50_000

/** The wait before one session too many is refused: a client that tries again at once is not to keep the service busy. */
export const TOO_MANY_SESSIONS_WAIT_MS = 1_000

/** Of one account from one network: thousands of small files with a login each go through at full speed. */
const LOGINS = { burst: 5_000, perSecond: 50 }
const LONGEST_LOGIN_WAIT_MS = 20_000
const LONGEST_WAIT_TO_BEGIN_MS = 20_000

/** Of the range of data ports one team may hold this share, but always so many. */
const PORT_SHARE = 0.25
const FEWEST_PORTS = 4

/**
 * Counts over all endpoints what everybody shares: connections and failed logins by address, sessions by account, data ports
 * by team. An IPv6 address counts with its network.
 */
export class AccessGuard {
  readonly #limits: AccessLimits
  readonly #now: () => number
  readonly #connections = new Counted<string>()
  readonly #sessions = new Counted<string>()
  readonly #ports = new Counted<number>()
  readonly #guesses = new Map<string, Guesses>()
  readonly #logins: Pace
  readonly #beginning: Pace
  readonly #commands: Pace
  #total = 0

  constructor(limits: AccessLimits, now: () => number = Date.now) {
    this.#limits = limits
    this.#now = now
    this.#logins = new Pace(LOGINS, now)
    this.#beginning = new Pace(limits.beginning, now)
    this.#commands = new Pace(limits.commands, now)
  }

  /** After true, call `left` when the connection ends. */
  enter(address: string): boolean {
    if (this.#total >= this.#limits.maxConnections) return false
    if (!this.#connections.enter(networkOf(address), this.#limits.maxPerAddress)) return false
    this.#total += 1
    return true
  }

  left(address: string): void {
    this.#connections.leave(networkOf(address))
    this.#total -= 1
  }

  /** After true, call `leftAccount` when the session ends. */
  enterAccount(username: string): boolean {
    return this.#sessions.enter(username, this.#limits.maxPerAccount)
  }

  leftAccount(username: string): void {
    this.#sessions.leave(username)
  }

  /** How long a new session from there waits before anything is done for it; null where it is refused. */
  waitToBegin(address: string): number | null {
    return this.#beginning.takeWithin(LONGEST_WAIT_TO_BEGIN_MS, networkOf(address))
  }

  /** How long the next command of the team waits. */
  waitToAsk(teamId: number): number {
    return this.#commands.take(String(teamId))
  }

  /** Called before a password is looked at: the milliseconds that the login has to wait. */
  loginWait(username: string, address: string): number {
    // A stranger may send any text as a name: what is kept of it has a bound.
    const key = `${networkOf(address)} ${FTP_USERNAME.test(username) ? username : ''}`
    // Tries that wait for as long as any make the next ones wait no longer.
    return this.#logins.takeWithin(LONGEST_LOGIN_WAIT_MS, key) ?? LONGEST_LOGIN_WAIT_MS
  }

  /** `size`: data ports in the range. After true, call `freedPort` when the port closes. */
  holdPort(teamId: number, size: number): boolean {
    return this.#ports.enter(teamId, Math.max(FEWEST_PORTS, Math.floor(size * PORT_SHARE)))
  }

  freedPort(teamId: number): void {
    this.#ports.leave(teamId)
  }

  isBanned(address: string): boolean {
    return (this.#guesses.get(networkOf(address))?.bannedUntil ?? 0) > this.#now()
  }

  /**
   * An account that normally uses a banned `address` may still try. `ask` is called once a ban; until it has answered no
   * client is turned away.
   */
  isUsual(address: string, ask: () => Promise<boolean>): boolean {
    const guesses = this.#guesses.get(networkOf(address))
    if (!guesses) return true
    if (guesses.usual === undefined) {
      guesses.usual = true
      ask().then(
        (usual) => {
          guesses.usual = usual
        },
        () => {
          guesses.usual = undefined
        },
      )
    }
    return guesses.usual
  }

  /** Counts a failed login: how long its answer has to wait, and whether the address is banned from now on. */
  failed(address: string): { delayMilliseconds: number; banned: boolean } {
    const key = networkOf(address)
    const now = this.#now()
    const before = this.#guesses.get(key)
    const forgotten = !before || now - before.lastAt > this.#limits.banMinutes * 60_000
    const failed = forgotten ? 1 : before.failed + 1
    const banned = failed >= this.#limits.banAfter
    this.#guesses.delete(key)
    this.#guesses.set(key, {
      failed: banned ? 0 : failed,
      lastAt: now,
      bannedUntil: banned ? now + this.#limits.banMinutes * 60_000 : (before?.bannedUntil ?? 0),
    })
    for (const oldest of this.#guesses.keys()) {
      if (this.#guesses.size <= MOST_ADDRESSES) break
      this.#guesses.delete(oldest)
    }
    return { delayMilliseconds: this.#limits.delayMilliseconds * Math.min(2 ** (failed - 1), MOST_DELAYS), banned }
  }
}
