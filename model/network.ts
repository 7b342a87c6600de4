import { BlockList, isIP, SocketAddress } from 'node:net'

/** An address in its shortest form. An IPv4 client of a socket for both shows as `::ffff:192.0.2.1`. The zone of a neighbour stays. */
export function plainAddress(address: string): string {
  const bare = withoutZone(address)
  if (isIP(bare) !== 6) return address
  const short = new SocketAddress({ address: bare, family: 'ipv6' }).address
  return short.replace(/^::ffff:(?=\d+\.)/, '') + address.slice(bare.length)
}

/** `fe80::1` of `fe80::1%eth0`. */
export function withoutZone(address: string): string {
  return address.replace(/%.*$/, '')
}

/** The network that an address counts with: the whole /64 of an IPv6 subscriber, or one IPv4 address. */
export function networkOf(address: string): string {
  const plain = plainAddress(withoutZone(address))
  if (!plain.includes(':')) return plain
  const [left = [], right = []] = plain.split('::').map((side) => side.split(':').filter((group) => group !== ''))
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return [...left, ...zeros, ...right].slice(0, 4).join(':')
}

/** `entries` are addresses or networks (CIDR), in any notation. */
export function addressMatcher(entries: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const entry of entries) {
    const [network = '', bits] = entry.split('/')
    const family = isIP(network) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(network, family)
    else list.addSubnet(network, Number(bits), family)
  }
  return (address) => {
    const plain = plainAddress(withoutZone(address))
    const kind = isIP(plain)
    return kind !== 0 && list.check(plain, kind === 6 ? 'ipv6' : 'ipv4')
  }
}

/**
 * Networks of IPv4 that no public service has: this host, private, shared by a provider (RFC 6598), loopback, link-local with the
 * metadata services of clouds, documentation, benchmarks, multicast, reserved (RFC 6890). The last is the metadata service of Azure.
 */
const SPECIAL_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4', '168.63.129.16'],
]
/** Within 2000::/3, the only part of IPv6 in public use: protocols and tunnels, which lead to other addresses, and documentation. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const isSpecial = addressMatcher([...SPECIAL_IPV4, ...SPECIAL_IPV6])
const isGlobal = addressMatcher(['0.0.0.0/0', '2000::/3'])

/** An address of the public internet. One with a zone is that of a neighbour. */
export function isPublicAddress(address: string): boolean {
  return !address.includes('%') && isGlobal(address) && !isSpecial(address)
}
