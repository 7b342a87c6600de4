import { expect, test } from 'vitest'
import { Throttle } from '../../../../web/http/limits/throttle.ts'

function timeline() {
  let now = new Date('2026-11-22T15:00:00Z')
  const throttle = new Throttle(() => now)
  return {
    throttle,
    pass: (seconds: number) => {
      now = new Date(now.getTime() + seconds * 1000)
    },
  }
}

test('each wrong try beyond the fifth doubles the wait, up to 15 minutes', () => {
  const { throttle, pass } = timeline()
  for (let i = 0; i < 5; i++) expect(throttle.attempt('192.0.2.1', 'a')).toBeNull()
  const waits: number[] = []
  for (let i = 0; i < 12; i++) {
    const wait = throttle.attempt('192.0.2.1', 'a') ?? 0
    waits.push(wait)
    pass(wait)
    expect(throttle.attempt('192.0.2.1', 'a')).toBeNull()
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
})

test('who waits and is right starts anew', () => {
  const { throttle, pass } = timeline()
  for (let i = 0; i < 5; i++) throttle.attempt('192.0.2.1', 'a')
  pass(1)
  throttle.attempt('192.0.2.1', 'a')
  throttle.succeeded('192.0.2.1', 'a')
  for (let i = 0; i < 5; i++) expect(throttle.attempt('192.0.2.1', 'a')).toBeNull()
})

test('nobody is kept out by what others do from another address', () => {
  const { throttle } = timeline()
  for (let i = 0; i < 100; i++) throttle.attempt('192.0.2.1', 'a')
  expect(throttle.attempt('192.0.2.2', 'a')).toBeNull()
})

test('an address that tries account after account is slowed down too, though it knows one of them', () => {
  const { throttle } = timeline()
  for (let i = 0; i < 50; i++) {
    expect(throttle.attempt('192.0.2.1', 'its own')).toBeNull()
    throttle.succeeded('192.0.2.1', 'its own')
    expect(throttle.attempt('192.0.2.1', `account ${i}`)).toBeNull()
  }
  expect(throttle.attempt('192.0.2.1', 'another')).toBe(1)
})

test('wrong tries are forgotten after half an hour', () => {
  const { throttle, pass } = timeline()
  for (let i = 0; i < 6; i++) throttle.attempt('192.0.2.1', 'a')
  pass(30 * 60)
  for (let i = 0; i < 5; i++) expect(throttle.attempt('192.0.2.1', 'a')).toBeNull()
})

const networks = [
  { title: 'another address of the same IPv6 network', from: '2001:db8:0:1:ffff::2', wait: 1 },
  { title: 'the same network written out', from: '2001:db8:0:1:0:0:0:9', wait: 1 },
  { title: 'another IPv6 network', from: '2001:db8:0:2::1', wait: null },
]
for (const { title, from, wait } of networks)
  test(`${title} ${wait ? 'has to wait too' : 'need not wait'}`, () => {
    const { throttle } = timeline()
    for (let i = 0; i < 5; i++) throttle.attempt('2001:db8:0:1::1', 'a')
    expect(throttle.attempt(from, 'a')).toBe(wait)
  })
