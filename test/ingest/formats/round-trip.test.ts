import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { splitLiteral, splitQuoted } from '../../../ingest/formats/delimited.ts'
import { fileOf, recordsOf, shapesOf } from '../../support/reading.ts'

const letters = fc.constantFrom('a', 'é', '€', '😀', ' ', '"', ',', '\t', '\n', '\r', "'", '=', '0', ';', '\u00a0')
const value = fc.string({ unit: letters, maxLength: 8 })
const lineEnd = fc.constantFrom('\r\n', '\n', '\r')
const delimiters = fc.constantFrom<{ delimiter: 'comma' | 'tab'; character: string }>(
  { delimiter: 'comma', character: ',' },
  { delimiter: 'tab', character: '\t' },
)
const encodings = fc.constantFrom<(text: string) => Buffer>(
  (text) => Buffer.from(text),
  (text) => Buffer.from(`\ufeff${text}`),
  (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
)
const table = fc.integer({ min: 1, max: 5 }).chain((width) =>
  fc.array(fc.array(fc.tuple(value, fc.boolean()), { minLength: width, maxLength: width }), {
    minLength: 1,
    maxLength: 8,
  }),
)

function written(value: string, mayQuote: boolean, character: string): string {
  const mustQuote = /["\r\n]/.test(value) || value.includes(character)
  return mustQuote || mayQuote ? `"${value.replaceAll('"', '""')}"` : value
}

describe('reading back what was written', () => {
  // Lines that hold as many delimiters as the header has, quotes taken for characters, are no lines of a value: a record with
  // a value of several lines has none in its values.
  test('any table comes back, whatever the quoting, line ends, encoding and chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        delimiters,
        encodings,
        fc.array(lineEnd, { minLength: 8, maxLength: 8 }),
        fc.integer({ min: 1, max: 40 }),
        async (any, { delimiter, character }, encode, lineEnds, chunkSize) => {
          const rows = any.map((row) => {
            const ofSeveralLines = row.some(([text]) => /[\r\n]/.test(text))
            return row.map(
              ([text, mayQuote]) => [ofSeveralLines ? text.replaceAll(character, ';') : text, mayQuote] as const,
            )
          })
          const values = rows.map((row, index) => [`r${index}`, ...row.map(([text]) => text)])
          const header = ['h', ...(rows[0] as unknown[]).map((_, index) => `h${index}`)].join(character)
          const lines = rows.map((row, index) =>
            [`r${index}`, ...row.map(([text, mayQuote]) => written(text, mayQuote, character))].join(character),
          )
          const text = `${header}\n${lines.map((line, index) => line + lineEnds[index]).join('')}`
          expect(await shapesOf(encode(text), { delimiter }, chunkSize)).toEqual(values)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('both ways of splitting a cleanly quoted record agree', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, fc.boolean()), { minLength: 1, maxLength: 6 }),
        delimiters,
        (row, { character }) => {
          const text = ['"r"', ...row.map(([text, mayQuote]) => written(text, mayQuote, character))].join(character)
          const separator = character as ',' | '\t'
          expect(splitQuoted(Buffer.from(text), separator)).toEqual([splitLiteral(text, separator)])
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('both ways of splitting a record without quotes agree', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ',', ' ', 'é'), minLength: 1, maxLength: 20 }), (text) => {
        expect(splitQuoted(Buffer.from(text), ',')).toEqual([text.split(',')])
      }),
      { numRuns: 1_000 },
    )
  })

  const damages = fc.constantFrom<(values: string[]) => Buffer>(
    ([a, b, c]) => Buffer.from(`${a},"${b},${c}`),
    ([a, b, c]) => Buffer.from(`${a},"${b}"x,${c}`),
    ([a, b, c]) => Buffer.from(`${a},${b}"x",${c}`),
    ([a, b, c]) => Buffer.concat([Buffer.from(`${a},${b}`), Buffer.of(0xc3, 0x28), Buffer.from(`,${c}é`)]),
    ([a, b]) => Buffer.from(`${a},${'x'.repeat(1024 * 1024)}${b}`),
  )
  test('damage to one record refuses exactly that record', async () => {
    // A value that begins with a delimiter, or with a line end and has a delimiter or another before its next quote, could
    // close the quote before it.
    const word = fc
      .tuple(
        fc.constantFrom('', '\n', '\r\n'),
        fc.string({ unit: fc.constantFrom('a', 'é', ',', '"', '\n', 'z'), maxLength: 6 }),
      )
      .map(([start, text]) => `${start}w${start === '' ? text : text.replace(/[,\n]/g, 'a')}w`)
      .map((text) => (text.includes('\n') ? text.replaceAll(',', 'z') : text))
    const quotedValue = (text: string) => `"${text.replaceAll('"', '""')}"`
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(word, word), { minLength: 2, maxLength: 6 }),
        fc.nat(),
        damages,
        fc.constantFrom(7, 1000),
        async (rows, pick, damage, chunkSize) => {
          const damaged = pick % rows.length
          const lines = rows.map(([b, c], index) =>
            index === damaged ? damage(['k', 'bé', 'c']) : Buffer.from(`k,${quotedValue(b)},${quotedValue(c)}`),
          )
          const bytes = Buffer.concat([Buffer.from('a,b,cé\n'), ...lines.flatMap((line) => [line, Buffer.from('\n')])])
          const records = await recordsOf(fileOf(bytes, chunkSize))
          const good = records.flatMap((record) => ('values' in record ? [record.values] : []))
          expect(records).toHaveLength(rows.length)
          expect('damage' in (records[damaged] as object)).toBe(true)
          expect(good).toEqual(rows.filter((_, index) => index !== damaged).map(([b, c]) => ['k', b, c]))
        },
      ),
      { numRuns: 60 },
    )
  })
})
