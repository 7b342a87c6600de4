import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { MiddlewareHandler } from 'hono'
import { Pace } from '../../../model/limits/pace.ts'
import { networkOf } from '../../../model/network.ts'
import { Refusal } from '../refusal.ts'
import type { AnyRequest } from '../request-context.ts'
import { bearerOf, type SessionCookie } from '../sessions/session-cookie.ts'
import { isManualImport } from './body-limits.ts'

/** Of one session or token: several times what an administrator with many open pages asks for. */
const OF_CREDENTIAL = { burst: 1_000, perSecond: 100 }
/** Of one network without a credential: a campus signs in from one address. */
const OF_STRANGERS = { burst: 500, perSecond: 50 }
/** Of one network in all, since credentials can be made up. */
const OF_NETWORK = { burst: 4_000, perSecond: 500 }

/** A change costs the database more than a look, a file more than either, and a check reads a file of any size. */
const COST_OF_CHANGE = 3
const COST_OF_CHECK = 30
const COST_OF_FILE = { least: 10, bytesForOne: 10_000, most: 50 }
const CHECK = /^(\/api)?\/teams\/[^/]+\/check$/
const LONGEST_WAIT_MS = 10_000
const REFUSED_AFTER_MS = 1_000

/**
 * Slows down who asks faster than people and honest programs do, before anything is read or looked up for the request: a
 * loop of one person then leaves time to everybody else. Who would wait too long gets 429.
 */
export function requestPace(
  cookie: Pick<SessionCookie, 'read'>,
  now?: () => number,
  sleep: (ms: number) => Promise<unknown> = wait,
): MiddlewareHandler<AnyRequest> {
  const ofCredential = new Pace(OF_CREDENTIAL, now)
  const ofStrangers = new Pace(OF_STRANGERS, now)
  const ofNetwork = new Pace(OF_NETWORK, now)
  return async (c, next) => {
    const { method, path } = c.req
    const network = networkOf(c.var.address)
    const credential = bearerOf(c) ?? cookie.read(c)
    const cost = costOf(method, path, Number(c.req.header('Content-Length') ?? Number.POSITIVE_INFINITY))
    const [own, key] = credential ? [ofCredential, digest(credential)] : [ofStrangers, network]
    const waitMs = Math.max(own.take(key, cost), ofNetwork.take(network, cost))
    if (waitMs > LONGEST_WAIT_MS) {
      own.giveBack(key, cost)
      ofNetwork.giveBack(network, cost)
      // Answered late, so that a loop of refused requests costs little, too.
      await sleep(REFUSED_AFTER_MS)
      // The body is not read, so nothing more can come on this connection.
      c.header('Connection', 'close')
      throw new Refusal('too-many', 'Too many requests in a short time. Wait a few seconds and try again.', {
        retryAfterSeconds: Math.ceil(LONGEST_WAIT_MS / 1000),
      })
    }
    if (waitMs > 0) await sleep(waitMs)
    await next()
  }
}

function costOf(method: string, path: string, bytes: number): number {
  const { least, bytesForOne, most } = COST_OF_FILE
  if (isManualImport(method, path)) return Math.min(most, least + bytes / bytesForOne)
  if (CHECK.test(path)) return COST_OF_CHECK
  return method === 'GET' || method === 'HEAD' ? 1 : COST_OF_CHANGE
}

function digest(credential: string): string {
  return createHash('sha256').update(credential).digest('base64')
}
