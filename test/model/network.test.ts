import { expect, test } from 'vitest'
import { addressMatcher, isPublicAddress, networkOf, plainAddress } from '../../model/network.ts'

const PLAIN: [string, string][] = [
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:C000:201', '192.0.2.1'],
  ['2001:0db8:0001:0002::00', '2001:db8:1:2::'],
  ['fe80:0::1%eth0', 'fe80::1%eth0'],
  ['unknown', 'unknown'],
]
for (const [written, plain] of PLAIN)
  test(`${written} is ${plain}`, () => {
    expect(plainAddress(written)).toBe(plain)
  })

const NETWORKS: [string, string][] = [
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['::ffff:c000:202', '192.0.2.2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:0DB8:0001:0002:a:b:c:d', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
]
for (const [address, network] of NETWORKS)
  test(`${address} counts with ${network}`, () => {
    expect(networkOf(address)).toBe(network)
  })

test('an address is found in a list however either is written', () => {
  const matches = addressMatcher(['192.0.2.0/24', '2001:db8::7', '2001:DB8:1::/48'])
  for (const address of ['192.0.2.9', '::ffff:192.0.2.9', '::ffff:c000:209', '2001:0db8:0::7', '2001:db8:1:ffff::1'])
    expect([address, matches(address)]).toEqual([address, true])
  for (const address of ['192.0.3.1', '2001:db8::8', '', 'unknown', '192.0.2.0/24'])
    expect([address, matches(address)]).toEqual([address, false])
})

/** Of each range its first and its last address, and the ways in which IPv6 hides an IPv4 address. */
const NOT_PUBLIC = [
  ...[
    '0.0.0.0',
    '0.255.255.255',
    '10.0.0.0',
    '10.255.255.255',
    '100.64.0.0',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.255',
  ],
  ...['169.254.0.1', '169.254.169.254', '172.16.0.0', '172.31.255.255', '192.0.0.192', '192.0.2.1', '192.88.99.1'],
  ...['192.168.0.0', '192.168.255.255', '198.18.0.0', '198.19.255.255', '198.51.100.1', '203.0.113.1'],
  ...['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '100.100.100.200', '168.63.129.16'],
  ...['::', '::1', '::127.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:a9fe:a9fe', '::ffff:0:127.0.0.1'],
  ...['64:ff9b::127.0.0.1', '64:ff9b:1::a00:1', '100::1', '2001::1', '2001:db8::1', '2002:7f00:1::', '3fff::1'],
  ...['fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '5f00::1', 'localhost', ''],
]
test('no address of a private, local or special range is public, however it is written', () => {
  expect(NOT_PUBLIC.filter(isPublicAddress)).toEqual([])
})

const PUBLIC = [
  ...['1.1.1.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.0.0.1', '128.0.0.1', '169.253.0.1'],
  ...['172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0', '198.17.0.1', '198.20.0.0', '223.255.255.255'],
  ...['2606:4700::1111', '2a00:1450:4001::200e', '::ffff:1.1.1.1'],
]
test('addresses beside those ranges are public', () => {
  expect(PUBLIC.filter((address) => !isPublicAddress(address))).toEqual([])
})
