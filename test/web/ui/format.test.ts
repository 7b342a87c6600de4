import { expect, test } from 'vitest'
import { roughly } from '../../../web/ui/format.ts'

const MINUTE = 60_000

test('how far something is away is told in hours and minutes, then in hours, then in days', () => {
  const told = (minutes: number) => roughly(minutes * MINUTE)
  expect([0, 1, 48, 59.4].map(told)).toEqual(['1 min', '1 min', '48 min', '59 min'])
  expect([60, 63, 97, 120, 179].map(told)).toEqual(['1 h', '1 h 3 min', '1 h 37 min', '2 h', '2 h 59 min'])
  expect([180, 310, 47 * 60, 72 * 60].map(told)).toEqual(['3 h', '5 h', '47 h', '3 days'])
})
