import { expect, test } from 'vitest'
import { Pace } from '../../../model/limits/pace.ts'

const clock = { ms: 0 }
const pace = () => {
  clock.ms = 0
  return new Pace({ burst: 10, perSecond: 5 }, () => clock.ms)
}

test('a burst waits for nothing, and what comes beyond it waits its turn', () => {
  const waits = pace()
  expect(Array.from({ length: 12 }, () => waits.take('dana'))).toEqual([...Array(10).fill(0), 200, 400])
})

test('one does not wait for another', () => {
  const waits = pace()
  for (let n = 0; n < 100; n++) waits.take('dana')
  expect(waits.take('lee')).toBe(0)
})

test('time gives the budget back, never more than the burst', () => {
  const waits = pace()
  expect(waits.take('dana', 10)).toBe(0)
  clock.ms = 1_000
  expect([waits.take('dana', 5), waits.take('dana')]).toEqual([0, 200])
  clock.ms = 3_600_000
  expect([waits.take('dana', 10), waits.take('dana')]).toEqual([0, 200])
})

test('what was not done costs nothing', () => {
  const waits = pace()
  waits.take('dana', 10)
  waits.take('dana', 3)
  waits.giveBack('dana', 3)
  expect(waits.take('dana', 1)).toBe(200)
})

test('who is remembered does not grow without end', () => {
  const waits = pace()
  waits.take('dana', 11)
  for (let n = 0; n < 20_000; n++) waits.take(`made-up-${n}`)
  expect(waits.take('dana')).toBe(0)
})
