import crypto, { randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { Refusal } from '../http/refusal.ts'

// A named import would fail on older Node before `start/node-version.ts` can say so.
const derive = promisify(crypto.argon2)

/** OWASP's minimum for argon2id: 19 MiB, 2 passes, 1 lane. */
const COST = { memory: 19 * 1024, passes: 2, parallelism: 1 }
const HASH_BYTES = 32
const SALT_BYTES = 16
/** Each takes 19 MiB and a core. The rest waits; beyond `MOST_WAITING` a request is refused. */
const AT_ONCE = 2
const MOST_WAITING = 20

interface Waiting {
  suspicion: number
  begin: () => void
  refuse: (refusal: Refusal) => void
}

/** Hashes and checks the passwords of administrators, two at a time. */
export class Passwords {
  #working = 0
  /** The least suspicious first; among equals the latest, as those who waited long have given up. */
  readonly #waiting: Waiting[] = []

  /** In the PHC form: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. */
  hash(password: string): Promise<string> {
    return this.#inTurn(0, async () => {
      const salt = randomBytes(SALT_BYTES)
      return phcOf(salt, await argon2id(password, salt, COST, HASH_BYTES))
    })
  }

  /**
   * `phc` is null for an account that does not exist or has no password: the answer is no, and takes as long. Requests with
   * less `suspicion` (recent tries from their network) go first, so that a storm of guesses does not delay the right people.
   */
  async verify(password: string, phc: string | null, suspicion = 0): Promise<boolean> {
    const expected = phc ?? phcOf(randomBytes(SALT_BYTES), randomBytes(HASH_BYTES))
    const matches = await this.#inTurn(suspicion, () => matchesPhc(password, expected))
    return matches && phc !== null
  }

  async #inTurn<T>(suspicion: number, work: () => Promise<T>): Promise<T> {
    // A finished task passes its place on, so `#working` stays the same.
    if (this.#working >= AT_ONCE) await this.#turn(suspicion)
    else this.#working++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next.begin()
      else this.#working--
    }
  }

  #turn(suspicion: number): Promise<void> {
    return new Promise((begin, refuse) => {
      const before = this.#waiting.findIndex((other) => other.suspicion >= suspicion)
      this.#waiting.splice(before < 0 ? this.#waiting.length : before, 0, { suspicion, begin, refuse })
      if (this.#waiting.length > MOST_WAITING)
        this.#waiting.pop()?.refuse(
          new Refusal('busy', 'Too many sign-ins right now. Try again in a few seconds.', {
            retryAfterSeconds: 5,
          }),
        )
    })
  }
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

async function matchesPhc(password: string, phc: string): Promise<boolean> {
  const [, m, t, p, salt, hash] = PHC.exec(phc) ?? []
  if (!salt || !hash) throw new Error('a stored password hash is not in the PHC form of argon2id')
  const expected = Buffer.from(hash, 'base64')
  const cost = { memory: Number(m), passes: Number(t), parallelism: Number(p) }
  return timingSafeEqual(await argon2id(password, Buffer.from(salt, 'base64'), cost, expected.length), expected)
}

function argon2id(password: string, nonce: Buffer, cost: typeof COST, tagLength: number): Promise<Buffer> {
  // The same character typed on different keyboards may come in different forms.
  return derive('argon2id', { message: password.normalize('NFKC'), nonce, ...cost, tagLength })
}

function phcOf(salt: Buffer, hash: Buffer): string {
  const { memory, passes, parallelism } = COST
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
