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
