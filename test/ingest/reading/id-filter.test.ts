import { expect, test } from 'vitest'
import { IdFilter, idBits, mobileBits } from '../../../ingest/reading/id-filter.ts'

const RECORDS = 50_000

/** How many of so many different IDs the filter says it knows, while they are added. */
function countKnown(filter: IdFilter, id: (n: number) => string): number {
  let known = 0
  for (let n = 0; n < RECORDS; n++) if (filter.add(id(n))) known++
  return known
}

const kinds: { title: string; id: (n: number) => string }[] = [
  { title: 'numbers one after the other', id: (n) => String(n) },
  { title: 'numbers of a fixed width', id: (n) => `S${String(n).padStart(9, '0')}` },
  { title: 'numbers with gaps', id: (n) => `a${n * 7_919}` },
  { title: 'random ones', id: (n) => (Math.imul(n, 0x9e3779b1) >>> 0).toString(16) },
]
for (const { title, id } of kinds)
  test(`every ID is known the second time and hardly one the first: ${title}`, () => {
    const filter = new IdFilter(idBits(RECORDS * 100))
    expect(countKnown(filter, id)).toBeLessThan(3)
    expect(countKnown(filter, id)).toBe(RECORDS)
  })

test('where a record has 14 bits, as in a file of 5 GB, 1 in 1,000 seems known at most', () => {
  const filter = new IdFilter(RECORDS * 14)
  expect(countKnown(filter, (n) => `S${n}`)).toBeLessThan(RECORDS / 1_000)
})

test('a file of a few bytes has a filter, too', () => {
  const filter = new IdFilter(idBits(1))
  expect([filter.add('1'), filter.add('1'), filter.add('2')]).toEqual([false, true, false])
})

test('the space for a file of any size is 96 MB at most', () => {
  const megabytes = (bytes: number) => [idBits(bytes), mobileBits(bytes)].map((bits) => Math.round(bits / 2 ** 23))
  expect(megabytes(100 * 2 ** 20)).toEqual([9, 3])
  expect(megabytes(2 ** 30)).toEqual([64, 16])
  expect(megabytes(2 * 2 ** 30)).toEqual([32, 20])
  expect(megabytes(100 * 2 ** 30)).toEqual([64, 32])
})
