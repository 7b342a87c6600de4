import { describe, expect, test } from 'vitest'
import { nextSlot, openSlots, slotOn } from '../../../ingest/schedule/windows.ts'
import { forEachWindow } from '../../../model/daily-windows.ts'

const NEW_YORK = 'America/New_York'
const OFF = forEachWindow(false)

describe('the bounds of a window on a day', () => {
  const cases = [
    {
      title: 'are hours of local time',
      name: 'overnight',
      date: '2026-11-22',
      zone: NEW_YORK,
      opens: '2026-11-22T08:00:00.000Z',
      closes: '2026-11-22T10:00:00.000Z',
    },
    {
      title: 'follow summer time',
      name: 'overnight',
      date: '2026-07-01',
      zone: NEW_YORK,
      opens: '2026-07-01T07:00:00.000Z',
      closes: '2026-07-01T09:00:00.000Z',
    },
    {
      title: 'begin at the first existing instant when the start does not exist',
      name: 'overnight',
      date: '2026-03-29',
      zone: 'Europe/Athens',
      opens: '2026-03-29T01:00:00.000Z',
      closes: '2026-03-29T02:00:00.000Z',
    },
    {
      title: 'begin at the first pass of a repeated hour',
      name: 'overnight',
      date: '2026-10-25',
      zone: 'Europe/Athens',
      opens: '2026-10-25T00:00:00.000Z',
      closes: '2026-10-25T03:00:00.000Z',
    },
    {
      title: 'hold in a zone of half hours',
      name: 'evening',
      date: '2026-10-04',
      zone: 'Australia/Lord_Howe',
      opens: '2026-10-04T07:00:00.000Z',
      closes: '2026-10-04T09:00:00.000Z',
    },
  ] as const
  for (const { title, name, date, zone, opens, closes } of cases)
    test(title, () => {
      const slot = slotOn(name, date, zone)
      expect([slot.opensAt.toISOString(), slot.closesAt.toISOString()]).toEqual([opens, closes])
    })
})

test('a window is open from its start up to, but not at, its end', () => {
  const open = (at: string) =>
    openSlots({ ...OFF, overnight: true }, NEW_YORK, new Date(at)).map(({ name, date }) => `${name} ${date}`)
  expect(open('2026-11-22T07:59:59Z')).toEqual([])
  expect(open('2026-11-22T08:00:00Z')).toEqual(['overnight 2026-11-22'])
  expect(open('2026-11-22T09:59:59Z')).toEqual(['overnight 2026-11-22'])
  expect(open('2026-11-22T10:00:00Z')).toEqual([])
})

test('a window that is switched off never opens', () => {
  expect(openSlots(OFF, NEW_YORK, new Date('2026-11-22T08:30:00Z'))).toEqual([])
  expect(nextSlot(OFF, NEW_YORK, new Date('2026-11-22T08:30:00Z'))).toBeNull()
})

test('the next window is the enabled one that starts first, tomorrow if need be', () => {
  const schedule = { ...OFF, overnight: true, morning: true }
  expect(nextSlot(schedule, NEW_YORK, new Date('2026-11-22T08:30:00Z'))).toMatchObject({
    name: 'morning',
    date: '2026-11-22',
  })
  expect(nextSlot(schedule, NEW_YORK, new Date('2026-11-22T15:00:01Z'))).toMatchObject({
    name: 'overnight',
    date: '2026-11-23',
  })
})
