import { expect, test } from 'vitest'
import { IdFilter, idBits, mobileBits, mostRecords } from '../../../../ingest/reading/unchanged/id-filter.ts'

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
    const filter = new IdFilter(idBits(RECORDS))
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

test('the space for a file of any size is 96 MB at most, and that for long records small', () => {
  const megabytes = (bytes: number, length: number) => {
    const records = mostRecords(bytes, { length: 5_000, size: 5_000 * length })
    return [idBits(records), mobileBits(records)].map((bits) => Math.round(bits / 2 ** 23))
  }
  expect(megabytes(132e6, 132)).toEqual([6, 2])
  expect(megabytes(2 * 2 ** 30, 132)).toEqual([32, 16])
  expect(megabytes(2 * 2 ** 30, 1_000)).toEqual([12, 4])
  expect(megabytes(5e9, 132)).toEqual([59, 23])
  expect(megabytes(100 * 2 ** 30, 132)).toEqual([64, 32])
  expect(megabytes(100 * 2 ** 30, 10)).toEqual([64, 32])
})

test('a file without a record is expected to have a few', () => {
  expect(mostRecords(64, { length: 0, size: 0 })).toBe(2)
})
