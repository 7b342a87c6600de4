import { BlockList, isIP } from 'node:net'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { MiddlewareHandler } from 'hono'
import type { AnyRequest } from './request-context.ts'

/** Finds the client address. Forwarded headers count only from the reverse proxies in `trustedProxies` (addresses or CIDR). */
export function clientAddress(trustedProxies: readonly string[]): MiddlewareHandler<AnyRequest> {
  const trusted = new BlockList()
  for (const proxy of trustedProxies) {
    const [net = '', bits] = proxy.split('/')
    const family = isIP(net) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) trusted.addAddress(net, family)
    else trusted.addSubnet(net, Number(bits), family)
  }
  const isTrusted = (address: string) =>
    isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  return async (c, next) => {
    let address = plainAddress(getConnInfo(c).remote.address ?? '')
    // Each proxy appends the address of its client. Anything left of the first untrusted address may be forged.
    const forwarded = (c.req.header('X-Forwarded-For') ?? '').split(',').map((hop) => plainAddress(hop.trim()))
    while (isTrusted(address)) {
      const hop = forwarded.pop()
      if (hop === undefined || isIP(hop) === 0) break
      address = hop
    }
    c.set('address', address)
    await next()
  }
}

/** An IPv4 client of a socket that listens on both shows as `::ffff:192.0.2.1`, a neighbour as `fe80::1%eth0`. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
}
