import { expect, test } from 'vitest'
import { parseProxyHeader } from '../../model/proxy-header.ts'

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const v2 = (...bytes: number[]) => Buffer.from([...SIGNATURE, ...bytes])
const IPV4 = [198, 51, 100, 7, 203, 0, 113, 5, 0x9c, 0x40, 8, 73]
const IPV6 = [
  ...[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7],
  ...[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5],
  ...[0x9c, 0x40, 8, 73],
]
const ends = (client: string, server: string) => ({
  client: { address: client, port: 40_000 },
  server: { address: server, port: 2121 },
})
const OF_IPV4 = ends('198.51.100.7', '203.0.113.5')
const OF_IPV6 = ends('2001:db8::7', '2001:db8::5')

const whole = [
  {
    title: 'version 1 over IPv4',
    bytes: Buffer.from('PROXY TCP4 198.51.100.7 203.0.113.5 40000 2121\r\n'),
    to: OF_IPV4,
  },
  {
    title: 'version 1 over IPv6',
    bytes: Buffer.from('PROXY TCP6 2001:db8::7 2001:db8::5 40000 2121\r\n'),
    to: OF_IPV6,
  },
  { title: 'version 1 without addresses', bytes: Buffer.from('PROXY UNKNOWN\r\n'), to: null },
  { title: 'version 1 of an unknown kind', bytes: Buffer.from('PROXY UNKNOWN ffff:: ffff:: 1 2\r\n'), to: null },
  { title: 'version 2 over IPv4', bytes: v2(0x21, 0x11, 0, 12, ...IPV4), to: OF_IPV4 },
  { title: 'version 2 over IPv6', bytes: v2(0x21, 0x21, 0, 36, ...IPV6), to: OF_IPV6 },
  { title: 'version 2 with extensions', bytes: v2(0x21, 0x11, 0, 16, ...IPV4, 4, 0, 1, 0), to: OF_IPV4 },
  { title: 'version 2 of a health check', bytes: v2(0x20, 0, 0, 0), to: null },
  { title: 'version 2 of a socket on its machine', bytes: v2(0x21, 0x31, 0, 2, 0, 0), to: null },
]
for (const { title, bytes, to } of whole)
  test(`${title} is read, whatever comes behind it and however it is cut`, () => {
    const expected = { state: 'whole', length: bytes.length, ends: to }
    expect(parseProxyHeader(Buffer.concat([bytes, Buffer.from('USER dana\r\n')]))).toEqual(expected)
    for (let length = 0; length < bytes.length; length += 1)
      expect(parseProxyHeader(bytes.subarray(0, length))).toEqual({ state: 'partial' })
  })

const wrong = [
  { title: 'a command of a client', bytes: Buffer.from('USER dana\r\n') },
  { title: 'a greeting of SSH', bytes: Buffer.from('SSH-2.0-OpenSSH') },
  { title: 'a TLS hello', bytes: Buffer.from([22, 3, 1]) },
  { title: 'another family', bytes: Buffer.from('PROXY UDP4 198.51.100.7 203.0.113.5 1 2\r\n') },
  { title: 'an address of the other family', bytes: Buffer.from('PROXY TCP4 2001:db8::7 2001:db8::5 1 2\r\n') },
  { title: 'a name of an object', bytes: Buffer.from('PROXY constructor a b 1 2\r\n') },
  { title: 'an impossible port', bytes: Buffer.from('PROXY TCP4 198.51.100.7 203.0.113.5 65536 2\r\n') },
  { title: 'a port with a zero in front', bytes: Buffer.from('PROXY TCP4 198.51.100.7 203.0.113.5 01 2\r\n') },
  { title: 'a word too many', bytes: Buffer.from('PROXY TCP4 198.51.100.7 203.0.113.5 1 2 3\r\n') },
  { title: 'a line without an end', bytes: Buffer.from(`PROXY TCP4 ${'1'.repeat(107)}`) },
  { title: 'a third version', bytes: v2(0x31, 0x11, 0, 12, ...IPV4) },
  { title: 'an unknown command', bytes: v2(0x22, 0x11, 0, 12, ...IPV4) },
  { title: 'datagrams', bytes: v2(0x21, 0x12, 0, 12, ...IPV4) },
  { title: 'too few bytes for two addresses', bytes: v2(0x21, 0x11, 0, 11, ...IPV4) },
  { title: 'more than anybody sends', bytes: v2(0x21, 0x11, 0xff, 0xff, ...IPV4) },
]
for (const { title, bytes } of wrong)
  test(`${title} is no header`, () => {
    expect(parseProxyHeader(bytes)).toEqual({ state: 'wrong' })
  })
