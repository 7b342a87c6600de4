import { isIP } from 'node:net'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { MiddlewareHandler } from 'hono'
import { addressMatcher, plainAddress, withoutZone } from '../../model/network.ts'
import type { AnyRequest } from './request-context.ts'

/** Finds the client address. Forwarded headers count only from the reverse proxies in `trustedProxies` (addresses or CIDR). */
export function clientAddress(trustedProxies: readonly string[]): MiddlewareHandler<AnyRequest> {
  const isTrusted = addressMatcher(trustedProxies)
  return async (c, next) => {
    let address = plainAddress(withoutZone(getConnInfo(c).remote.address ?? ''))
    // Each proxy appends the address of its client. Anything left of the first untrusted address may be forged.
    const forwarded = (c.req.header('X-Forwarded-For') ?? '')
      .split(',')
      .map((hop) => plainAddress(withoutZone(hop.trim())))
    while (isTrusted(address)) {
      const hop = forwarded.pop()
      if (hop === undefined || isIP(hop) === 0) break
      address = hop
    }
    c.set('address', address)
    await next()
  }
}
