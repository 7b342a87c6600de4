import { describe, expect, test } from 'vitest'
import { planSlots, startOffset } from '../../../ingest/schedule/slot-plan.ts'
import { slotOn } from '../../../ingest/schedule/windows.ts'
import { forEachWindow, WINDOW_NAMES } from '../../../model/daily-windows.ts'
import type { Pause } from '../../../model/pauses.ts'
import type { SlotRow } from '../../../store/postgres/tables.ts'
import type { TimedSlot } from '../../../store/runs/slots.ts'

const ALL = forEachWindow(true)
const OFF = forEachWindow(false)
const NEW_YORK = 'America/New_York'

/** The rows of one team, and what the schedule does with them. */
class Slots {
  rows: SlotRow[] = []
  readonly started: string[] = []
  schedule = ALL
  pauses: Pause[] = []
  timeZone: string
  constructor(timeZone: string) {
    this.timeZone = timeZone
  }

  /** One look; `fileThere` is whether it finds a file to import. */
  look(now: Date, fileThere = true): void {
    const plan = planSlots(
      this.rows,
      { schedule: this.schedule, timeZone: this.timeZone, offset: 0, pauses: this.pauses },
      now,
    )
    const set = (slot: { name: string; date: string }, changes: Partial<SlotRow>) =>
      Object.assign(this.row(slot) as SlotRow, changes)
    for (const slot of plan.drop) this.rows = this.rows.filter((row) => row !== this.row(slot))
    for (const slot of plan.missed.known) set(slot, { state: 'missed' })
    for (const slot of plan.missed.unknown) this.#add(slot, 'missed')
    for (const slot of plan.add) this.#add(slot, 'waiting')
    for (const row of plan.close) row.state = 'empty'
    for (const slot of plan.open) {
      set(slot, { opened_at: now })
      if (!fileThere) continue
      set(slot, { state: 'done' })
      this.started.push(`${slot.name} ${slot.date}`)
    }
  }

  states(): string[] {
    return this.rows.map(({ window_name, local_date, state }) => `${window_name} ${local_date} ${state}`)
  }

  row({ name, date }: { name: string; date: string }): SlotRow | undefined {
    return this.rows.find((row) => row.window_name === name && row.local_date === date)
  }

  #add({ name, date, opensAt, closesAt }: TimedSlot, state: SlotRow['state']): void {
    expect(this.row({ name, date })).toBeUndefined()
    this.rows.push({
      team_id: 1,
      window_name: name,
      local_date: date,
      state,
      opens_at: opensAt,
      closes_at: closesAt,
      run_id: null,
      opened_at: null,
      blocked_by: null,
      updated_at: opensAt,
    })
  }
}

const OVERNIGHT = { ...OFF, overnight: true }
const at = (time: string) => new Date(`2026-11-${time}Z`)

function overnight(): Slots {
  const slots = new Slots(NEW_YORK)
  slots.schedule = OVERNIGHT
  return slots
}

describe('a slot', () => {
  test('is planned ahead and opens with its window', () => {
    const slots = overnight()
    slots.look(at('22T07:55:00'))
    expect(slots.states()).toEqual(['overnight 2026-11-22 waiting', 'overnight 2026-11-23 waiting'])
    slots.look(at('22T08:00:00'))
    expect(slots.started).toEqual(['overnight 2026-11-22'])
  })

  test('waits for a late file, and is empty when none came until its end', () => {
    const slots = overnight()
    slots.look(at('22T08:00:00'), false)
    slots.look(at('22T09:55:00'), false)
    slots.look(at('22T10:00:00'))
    expect(slots.states()[0]).toBe('overnight 2026-11-22 empty')
    expect(slots.started).toEqual([])
  })

  test('that nobody saw is missed, and so are those of the days after it', () => {
    const slots = overnight()
    slots.look(at('22T07:00:00'))
    slots.look(at('24T15:00:00'))
    expect(slots.states()).toEqual([
      'overnight 2026-11-22 missed',
      'overnight 2026-11-23 missed',
      'overnight 2026-11-24 missed',
      'overnight 2026-11-25 waiting',
      'overnight 2026-11-26 waiting',
    ])
  })

  test('of a window that is switched off or moved to another zone does not come, and is not missed', () => {
    const slots = overnight()
    slots.look(at('22T07:00:00'))
    slots.schedule = OFF
    slots.look(at('22T07:30:00'))
    expect(slots.states()).toEqual([])
    slots.schedule = OVERNIGHT
    slots.look(at('22T07:40:00'))
    slots.timeZone = 'Europe/Athens'
    slots.look(at('22T07:50:00'))
    expect(slots.states()).toEqual(['overnight 2026-11-23 waiting', 'overnight 2026-11-24 waiting'])
  })

  test('of a window that is switched on while it is open starts at once', () => {
    const slots = overnight()
    slots.look(at('22T09:30:00'))
    expect(slots.started).toEqual(['overnight 2026-11-22'])
  })

  test('of a window that is switched off while it is open takes no file any more, until it is on again', () => {
    const slots = overnight()
    slots.look(at('22T08:00:00'), false)
    slots.schedule = OFF
    slots.look(at('22T08:30:00'))
    expect(slots.started).toEqual([])
    slots.schedule = OVERNIGHT
    slots.look(at('22T08:40:00'))
    expect(slots.started).toEqual(['overnight 2026-11-22'])
  })

  test('does not come on the days of a pause, and is not missed', () => {
    const slots = overnight()
    slots.look(at('22T07:00:00'))
    slots.pauses = [{ from: '2026-11-22', to: '2026-11-24', why: '' }]
    for (const time of ['22T07:30:00', '22T08:00:00', '23T08:00:00', '24T08:00:00']) slots.look(at(time))
    expect(slots.states()).toEqual(['overnight 2026-11-25 waiting', 'overnight 2026-11-26 waiting'])
    slots.look(at('25T08:00:00'))
    expect(slots.started).toEqual(['overnight 2026-11-25'])
  })

  test('is not repeated when the time zone changes after it was done', () => {
    const slots = overnight()
    slots.look(at('22T08:00:00'))
    slots.timeZone = 'America/Los_Angeles'
    slots.look(at('22T11:30:00'))
    expect(slots.started).toEqual(['overnight 2026-11-22'])
  })
})

describe('clock jumps', () => {
  test('over a start: the window runs when it is looked at', () => {
    const slots = overnight()
    slots.look(at('22T07:50:00'))
    slots.look(at('22T08:15:00'))
    expect(slots.started).toEqual(['overnight 2026-11-22'])
  })

  test('back by an hour: it does not run twice', () => {
    const slots = overnight()
    slots.look(at('22T08:30:00'))
    slots.look(at('22T07:30:00'))
    slots.look(at('22T08:00:00'))
    expect(slots.started).toEqual(['overnight 2026-11-22'])
  })

  test('ahead by a year and back: what was taken for missed is still to come, once', () => {
    const slots = overnight()
    slots.look(at('22T07:30:00'))
    slots.look(new Date('2027-11-22T07:30:00Z'))
    expect(slots.states()).toContain('overnight 2026-11-23 missed')
    for (const day of ['22', '23', '24', '25']) slots.look(at(`${day}T08:00:00`))
    expect(slots.started).toEqual(['22', '23', '24', '25'].map((day) => `overnight 2026-11-${day}`))
    expect(slots.states().filter((state) => state.endsWith('missed'))).toEqual([])
  })

  test('ahead over the end of a window and back: the file that comes late is still taken', () => {
    const slots = overnight()
    slots.look(at('22T08:00:00'), false)
    slots.look(at('22T11:00:00'), false)
    expect(slots.states()).toContain('overnight 2026-11-22 empty')
    slots.look(at('22T08:30:00'))
    expect(slots.started).toEqual(['overnight 2026-11-22'])
  })
})

describe('a year of windows', () => {
  // Daylight saving by an hour in both halves of the world, by half an hour, and none at all.
  for (const zone of [NEW_YORK, 'Europe/Athens', 'Australia/Lord_Howe', 'Asia/Kolkata'])
    test(`in ${zone}: each runs exactly once, or is told as missed`, () => {
      const slots = new Slots(zone)
      const first = Date.UTC(2026, 0, 1, 12)
      const days = 365
      const missed = new Set<string>()
      // A week of absence, longer than any window.
      const away = [Date.UTC(2026, 5, 10), Date.UTC(2026, 5, 17)] as const
      const look = (now: Date) => {
        if (now.getTime() > away[0] && now.getTime() < away[1]) return
        slots.look(now)
        for (const row of slots.rows) if (row.state === 'missed') missed.add(`${row.window_name} ${row.local_date}`)
        // What has ended long ago is not read again.
        slots.rows = slots.rows.filter((row) => row.state === 'waiting' || +row.closes_at > +now - 20 * 86_400_000)
      }
      for (let time = first; time < first + days * 86_400_000; time += 86_400_000) {
        const date = new Date(time).toISOString().slice(0, 10)
        for (const name of WINDOW_NAMES) look(slotOn(name, date, zone).opensAt)
        look(slotOn('evening', date, zone).closesAt)
      }
      expect(new Set(slots.started).size).toBe(slots.started.length)
      const told = new Set([...slots.started, ...missed])
      for (let time = first + 86_400_000; time < first + (days - 1) * 86_400_000; time += 86_400_000)
        for (const name of WINDOW_NAMES) {
          const date = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date(time))
          expect(told, `${name} ${date}`).toContain(`${name} ${date}`)
        }
      expect(missed.size).toBeGreaterThan(20)
      for (const slot of missed) expect(slots.started).not.toContain(slot)
    })
})

test('many teams start within ten minutes of each other, one alone at once', () => {
  expect(startOffset(17, 1)).toBe(0)
  const offsets = Array.from({ length: 100 }, (_, i) => startOffset(i + 1, 100))
  expect(Math.max(...offsets)).toBeLessThan(600_000)
  expect(new Set(offsets.map((offset) => Math.floor(offset / 60_000))).size).toBe(10)
})
