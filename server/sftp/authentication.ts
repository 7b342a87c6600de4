import { randomBytes, timingSafeEqual } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import ssh2, { type AuthContext, type PublicKeyAuthContext } from 'ssh2'
import type { Log } from '../../log.ts'
import { FTP_USERNAME, ftpLoggedIn, ftpLoginOf } from '../../store/ftp-accounts.ts'
import { TOO_MANY_SESSIONS_WAIT_MS } from '../access-guard.ts'
import { type Login, login, mayComeFrom } from '../login.ts'
import type { SftpOptions } from './sftp-options.ts'

const MAX_FAILED_LOGINS = 3
/** A client offers each key that it has: that is no guess, but it has an end. */
const MAX_OFFERS = 20
const METHODS = ['publickey', 'password'] as const
/** Hashes accepted with an `ssh-rsa` key: no SHA-1. */
const SHA2 = ['sha256', 'sha512']
/** Compared for an unknown user, so that the work is the same. */
const NO_KEY = randomBytes(51)

/** The log-in of one connection. */
export class Authentication {
  login: Login | null = null
  readonly #options: SftpOptions
  readonly #log: Log
  readonly #address: string
  readonly #end: () => void
  readonly #enter: (username: string) => boolean
  readonly #loggedIn: (login: Login) => void
  #failed = 0
  #offers = 0

  /** `enter` answers whether the account may have one more session. */
  constructor({
    options,
    log,
    address,
    end,
    enter,
    welcome,
  }: {
    options: SftpOptions
    log: Log
    address: string
    end(): void
    enter(username: string): boolean
    welcome(login: Login): void
  }) {
    this.#options = options
    this.#log = log
    this.#address = address
    this.#end = end
    this.#enter = enter
    this.#loggedIn = welcome
  }

  /** Answers one request to be let in. Never rejects. */
  async answer(attempt: AuthContext): Promise<void> {
    try {
      if (attempt.method !== 'none') await wait(this.#options.access.loginWait(attempt.username, this.#address))
      if (attempt.method === 'password') await this.#byPassword(attempt.username, attempt.password, attempt)
      else if (attempt.method === 'publickey') await this.#byKey(attempt)
      else this.#pass(attempt)
    } catch (error) {
      // An unreachable database says nothing about the password.
      this.#log.error({ err: error }, 'login check failed')
      this.#end()
    }
  }

  async #byPassword(username: string, password: string, attempt: AuthContext): Promise<void> {
    const found = await login(this.#options, { username, password, address: this.#address, onlyUsual: this.#onlyUsual })
    if (found) return this.#welcome(found, attempt)
    await this.#refuse(attempt)
  }

  /** First the client asks whether a key is known, then it signs with it. */
  async #byKey(attempt: PublicKeyAuthContext): Promise<void> {
    const found = await ftpLoginOf(this.#options.db, attempt.username)
    const known = knownKey(found?.account.publicKeys ?? [], attempt.key.data)
    const welcome = known && found && this.#mayCome(found) ? found : null
    if (!attempt.signature || !attempt.blob) return welcome ? attempt.accept() : this.#pass(attempt)
    if (!welcome || !isSigned(attempt, known)) return this.#refuse(attempt)
    await ftpLoggedIn(this.#options.db, welcome.account, this.#address)
    await this.#welcome(welcome, attempt)
  }

  /** From a banned address only those are let in who came from there last. */
  get #onlyUsual(): boolean {
    return this.#options.access.isBanned(this.#address)
  }

  #mayCome({ account }: Login): boolean {
    if (this.#onlyUsual && account.lastLoginAddress !== this.#address) return false
    return mayComeFrom(account.allowedAddresses, this.#address)
  }

  async #welcome(found: Login, attempt: AuthContext): Promise<void> {
    if (!this.#enter(found.account.username)) {
      this.#log.warn({ account: found.account.username }, 'login refused: too many sessions of this account')
      await wait(TOO_MANY_SESSIONS_WAIT_MS)
      this.#end()
      return
    }
    this.login = found
    this.#loggedIn(found)
    this.#options.events.add(this.#actor(found.account.username), {
      action: 'ftp.login',
      team: found.team,
      details: { protocol: 'sftp', method: attempt.method },
    })
    attempt.accept()
  }

  #actor(name: string) {
    return { name, kind: 'ftp_account' as const, address: this.#address }
  }

  /** A question that was answered no, not a guess. */
  #pass(attempt: AuthContext): void {
    this.#offers += 1
    if (this.#offers > MAX_OFFERS) this.#end()
    else attempt.reject([...METHODS])
  }

  /** A wrong password, a wrong signature and an unknown user get the same answer, later with each try. */
  async #refuse(attempt: AuthContext): Promise<void> {
    this.#failed += 1
    const { delayMilliseconds, banned } = this.#options.access.failed(this.#address)
    const actor = this.#actor(FTP_USERNAME.test(attempt.username) ? attempt.username : '(no user name)')
    const details = { protocol: 'sftp', method: attempt.method, failed: this.#failed }
    this.#options.events.add(actor, { action: 'ftp.login-failed', details }, 'warn')
    if (banned) this.#options.events.add(actor, { action: 'ftp.ban' }, 'warn')
    await wait(delayMilliseconds)
    if (banned || this.#failed >= MAX_FAILED_LOGINS) return this.#end()
    attempt.reject([...METHODS])
  }
}

/** The line of `publicKeys` that holds this key. */
function knownKey(publicKeys: readonly string[], data: Buffer): string | null {
  let known: string | null = null
  for (const line of [null, ...publicKeys]) {
    const key = line === null ? NO_KEY : Buffer.from(line.split(' ')[1] ?? '', 'base64')
    const same = timingSafeEqual(key.length === data.length ? key : data, data) && key.length === data.length
    if (same) known = line
  }
  return known
}

function isSigned({ signature, blob, hashAlgo, key: { algo } }: PublicKeyAuthContext, line: string | null): boolean {
  if (!line || !signature || !blob) return false
  if (algo === 'ssh-rsa' && !SHA2.includes(hashAlgo ?? '')) return false
  const key = ssh2.utils.parseKey(line)
  return !(key instanceof Error) && key.verify(blob, signature, hashAlgo) === true
}
