import { expect, test } from 'vitest'
import { Outlooks } from '../../../ingest/choosing/upload-reply.ts'
import { forEachWindow } from '../../../model/daily-windows.ts'

const off = forEachWindow(false)
const told = (outlooks: Outlooks, schedule: typeof off, now: string, timeZone = 'America/New_York') => {
  const { slot, isOpen } = outlooks.at(schedule, timeZone, new Date(now))
  return slot && `${isOpen ? 'open' : 'next'} ${slot.name} ${slot.date}`
}

test('what is known of the next slot holds until it opens, and of an open one until it ends', () => {
  const outlooks = new Outlooks()
  const schedule = { ...off, overnight: true, evening: true }
  const cases = [
    ['2026-11-22T15:00:00Z', 'next evening 2026-11-22'],
    ['2026-11-22T22:59:59.999Z', 'next evening 2026-11-22'],
    ['2026-11-22T23:00:00Z', 'open evening 2026-11-22'],
    ['2026-11-23T00:59:59.999Z', 'open evening 2026-11-22'],
    ['2026-11-23T01:00:00Z', 'next overnight 2026-11-23'],
    ['2026-11-23T08:00:00Z', 'open overnight 2026-11-23'],
    ['2026-11-23T10:00:00Z', 'next evening 2026-11-23'],
    // A clock that was put back.
    ['2026-11-22T23:30:00Z', 'open evening 2026-11-22'],
  ] as const
  for (const [now, expected] of cases) expect(told(outlooks, schedule, now), now).toBe(expected)
})

test('other windows and other zones have an outlook of their own', () => {
  const outlooks = new Outlooks()
  const now = '2026-11-22T15:00:00Z'
  expect(told(outlooks, { ...off, overnight: true }, now)).toBe('next overnight 2026-11-23')
  expect(told(outlooks, { ...off, morning: true }, now)).toBe('open morning 2026-11-22')
  expect(told(outlooks, { ...off, morning: true }, now, 'Europe/Vienna')).toBe('next morning 2026-11-23')
  expect(told(outlooks, off, now)).toBe(null)
})
