import { isIP, isIPv4, isIPv6 } from 'node:net'
import { z } from 'zod'

export const port = z
  .string()
  .regex(/^\d+$/, 'must be a port number')
  .transform(Number)
  .refine((value) => value <= 65_535, 'must be a port number, 0 to 65535')

/** A port shown to clients, so never 0 (any free port). */
export const publicPort = port.refine((value) => value > 0, 'must be a port number, 1 to 65535')

export function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}`)
}

export const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true')

export const passivePorts = z
  .string()
  .regex(/^\d+-\d+$/, 'must be a range such as 50000-50199')
  .transform((text) => {
    const [first = 0, last = 0] = text.split('-').map(Number)
    return { first, last }
  })
  .refine(({ first, last }) => first >= 1024 && first <= last && last <= 65_535, 'must be a range within 1024-65535')

export const network = z.string().refine((text) => {
  const [address = '', bits] = text.split('/')
  const version = isIP(address)
  return version !== 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)))
}, 'must be addresses or networks such as 10.0.0.0/8, separated by commas')

export const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol.slice(0, -1)), {
    message: `must be a URL that begins with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`,
  })

/** The address that PASV tells. RFC 959 has room for IPv4 only. */
export const passiveHost = z
  .string()
  .refine((text) => !isIPv6(withoutBrackets(text)), {
    message:
      'must be an IPv4 address or a host name: PASV knows IPv4 only, and over IPv6 clients use EPSV, which needs none',
    abort: true,
  })
  .refine((text) => isIPv4(text) || isHostName(text), 'must be an IPv4 address or a host name such as ftp.example.edu')
  .refine((text) => text !== '0.0.0.0', 'must be an address that clients can reach, which 0.0.0.0 is not')

/** A name or an address of either kind, without a port. */
export const publicHost = z
  .string()
  .transform(withoutBrackets)
  .refine(
    (text) => isIP(text) !== 0 || isHostName(text),
    'must be a host name such as ftp.example.edu, or an address, without a port',
  )

/** `[::1]` as `::1`. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}

/** A last label of digits would be a damaged IPv4 address. */
function isHostName(text: string): boolean {
  const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i
  const labels = text.split('.')
  return text.length <= 253 && labels.every((part) => label.test(part)) && !/^\d+$/.test(labels.at(-1) as string)
}
