import { expect, test } from 'vitest'
import { median, usualInstead } from '../../model/usual.ts'

const NIGHTLY = [18_200, 18_150, 18_300, 18_250, 18_100]

test.each([
  { latest: 18_400, before: NIGHTLY, usual: null },
  { latest: 412, before: NIGHTLY, usual: 18_200 },
  { latest: 40_000, before: NIGHTLY, usual: 18_200 },
  // Five imports show what is usual, four do not.
  { latest: 412, before: NIGHTLY.slice(1), usual: null },
  { latest: 412, before: [], usual: null },
  // Small and large files in turn; a second short one may still be a fault.
  { latest: 250, before: [18_200, 261, 18_150, 240, 18_300, 255], usual: null },
  { latest: 412, before: [405, ...NIGHTLY], usual: 18_175 },
  // A small team varies.
  { latest: 3, before: [12, 11, 13, 12, 12], usual: null },
  { latest: 0, before: [40, 41, 42, 40, 40], usual: 40 },
  { latest: 500, before: [0, 0, 0, 0, 0], usual: 0 },
])('$latest records after $before: usually $usual', ({ latest, before, usual }) => {
  expect(usualInstead(latest, before)).toBe(usual)
})

test.each([
  { values: [], is: 0 },
  { values: [3], is: 3 },
  { values: [9, 1], is: 5 },
  { values: [100, 1, 2], is: 2 },
])('the median of $values is $is', ({ values, is }) => {
  expect(median(values)).toBe(is)
})
