import { expect, test } from 'vitest'
import { laterSlot, type Slot, WINDOW_NAMES } from '../../../model/daily-windows.ts'
import type { SlotOutcome } from '../../../store/runs/import-figures.ts'
import { ImportNotes } from '../../../web/imports/notes.tsx'
import type { ImportsView } from '../../../web/imports/view.ts'

const DATES = ['2026-11-29', '2026-11-30', '2026-12-01']
const IN_ORDER: Slot[] = DATES.flatMap((date) => WINDOW_NAMES.map((name) => ({ date, name })))

test('slots are in the order of the calendar and the clock', () => {
  for (const [a, slot] of IN_ORDER.entries())
    for (const [b, other] of IN_ORDER.entries())
      expect([slot, other, laterSlot(slot, other)]).toEqual([slot, other, a > b])
})

const empty = (name: SlotOutcome['name'], date = '2026-11-30'): SlotOutcome => ({
  name,
  date,
  state: 'empty',
  run: null,
})
const done = (name: SlotOutcome['name'], date = '2026-11-30'): SlotOutcome => ({
  ...empty(name, date),
  state: 'done',
  run: { id: '1', state: 'imported', imported: 1, rejected: 0 },
})

const cases: { slots: SlotOutcome[]; lastWindow?: Slot; names: string | null }[] = [
  { slots: [empty('overnight'), empty('evening')], names: 'Evening window' },
  { slots: [empty('evening', '2026-11-29'), empty('overnight')], names: 'Overnight window' },
  { slots: [empty('overnight'), done('evening')], names: null },
  { slots: [done('overnight'), empty('evening')], names: 'Evening window' },
  { slots: [empty('evening', '2026-11-29')], lastWindow: { name: 'overnight', date: '2026-11-30' }, names: null },
  { slots: [empty('evening')], lastWindow: { name: 'overnight', date: '2026-11-30' }, names: 'Evening window' },
]

for (const { slots, lastWindow = null, names } of cases)
  test(`of ${slots.map(({ name, state }) => `${name} ${state}`).join(', ')}${lastWindow ? ', and a later run' : ''} the note names ${names}`, () => {
    const last = lastWindow && { window: lastWindow, state: 'imported', batches: [] }
    const view = { slots, last, login: null, errors: [], team: { team: 'admissions' } } as unknown as ImportsView
    const note = String(ImportNotes({ view }))
    expect(/No file for the (.*?)\./.exec(note)?.[1] ?? null).toBe(names)
  })
