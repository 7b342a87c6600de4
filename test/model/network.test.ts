import { expect, test } from 'vitest'
import { addressMatcher, networkOf, plainAddress } from '../../model/network.ts'

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
