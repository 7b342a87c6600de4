import { isIPv4, isIPv6, SocketAddress } from 'node:net'

/** An end of the connection that a load balancer took. */
export interface ProxiedEnd {
  address: string
  port: number
}

export type ProxyHeader =
  /** More bytes are needed. */
  | { state: 'partial' }
  /** What came is no header. */
  | { state: 'wrong' }
  /** `ends` is null for a connection of the balancer's own, such as a health check. */
  | { state: 'whole'; length: number; ends: { client: ProxiedEnd; server: ProxiedEnd } | null }

const V1 = Buffer.from('PROXY ')
/** With CR LF, by the specification. */
const V1_LONGEST = 107
const V2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const V2_FIXED = 16
/** Behind the addresses come extensions, such as a certificate; none needs more. */
const V2_LONGEST = 4096

const WRONG = { state: 'wrong' } as const
const PARTIAL = { state: 'partial' } as const

/** The header of the PROXY protocol, version 1 or 2, at the beginning of `bytes`. */
export function parseProxyHeader(bytes: Buffer): ProxyHeader {
  if (beginsLike(bytes, V2)) return bytes.length < V2_FIXED ? PARTIAL : version2(bytes)
  return beginsLike(bytes, V1) ? version1(bytes) : WRONG
}

function beginsLike(bytes: Buffer, signature: Buffer): boolean {
  const compared = Math.min(bytes.length, signature.length)
  return bytes.subarray(0, compared).equals(signature.subarray(0, compared))
}

function version1(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, V1_LONGEST).indexOf('\r\n')
  if (end === -1) return bytes.length < V1_LONGEST ? PARTIAL : WRONG
  const length = end + 2
  const [, family, from = '', to = '', fromPort = '', toPort = '', ...rest] = bytes
    .toString('latin1', 0, end)
    .split(' ')
  if (family === 'UNKNOWN') return { state: 'whole', length, ends: null }
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : () => false
  if (!isAddress(from) || !isAddress(to) || !isPort(fromPort) || !isPort(toPort) || rest.length > 0) return WRONG
  const client = { address: from, port: Number(fromPort) }
  return { state: 'whole', length, ends: { client, server: { address: to, port: Number(toPort) } } }
}

function isPort(text: string): boolean {
  return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535
}

const LOCAL = 0x20
const PROXIED = 0x21
/** Bytes of an address, by family and transport: TCP over IPv4, over IPv6. */
const ADDRESS_BYTES: Record<number, number> = { 17: 4, 33: 16 }
/** Nothing known, and sockets of the balancer's machine. */
const WITHOUT_ADDRESS = [0x00, 0x31]

function version2(bytes: Buffer): ProxyHeader {
  const [command, family] = [bytes.readUInt8(12), bytes.readUInt8(13)]
  const length = V2_FIXED + bytes.readUInt16BE(14)
  if ((command !== LOCAL && command !== PROXIED) || length > V2_LONGEST) return WRONG
  const size = ADDRESS_BYTES[family]
  if (command === PROXIED && size === undefined && !WITHOUT_ADDRESS.includes(family)) return WRONG
  if (command === PROXIED && size !== undefined && length < V2_FIXED + 2 * size + 4) return WRONG
  if (bytes.length < length) return PARTIAL
  if (command === LOCAL || size === undefined) return { state: 'whole', length, ends: null }
  const endAt = (side: 0 | 1) => ({
    address: addressFrom(bytes.subarray(V2_FIXED + side * size, V2_FIXED + (side + 1) * size)),
    port: bytes.readUInt16BE(V2_FIXED + 2 * size + 2 * side),
  })
  return { state: 'whole', length, ends: { client: endAt(0), server: endAt(1) } }
}

function addressFrom(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16))
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address
}
