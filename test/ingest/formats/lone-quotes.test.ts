import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DELIMITER_NAMES, DELIMITERS, type Delimiter } from '../../../model/delimiters.ts'
import { fileOf, recordsOf } from '../../support/reading.ts'

/** A value of one line, plain or quoted, as it stands in a file. */
const cellOf = (character: string) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('', 'Ann', 'Lee', '716-555-0101', 'N', 'é', 'x y') },
    {
      weight: 2,
      arbitrary: fc.constantFrom('', 'Bo', `Lee${character} Jr.`, 'O""Neil', character).map((text) => `"${text}"`),
    },
    { weight: 1, arbitrary: fc.constantFrom('Bo', 'x y').map((text) => `"${text}"  `) },
  )

interface Case {
  delimiter: Delimiter
  lines: string[]
  /** Where quotes are planted: in which line, at which place of it. */
  quotes: { line: number; at: number }[]
  lineEnd: string
  chunkSize: number
}

const cases: fc.Arbitrary<Case> = fc
  .tuple(fc.constantFrom(...DELIMITER_NAMES), fc.integer({ min: 4, max: 7 }))
  .chain(([delimiter, width]) => {
    const { character } = DELIMITERS[delimiter]
    const line = fc
      .array(cellOf(character), { minLength: width - 1, maxLength: width - 1 })
      .map((values) => ['k', ...values].join(character))
    return fc.record({
      delimiter: fc.constant(delimiter),
      lines: fc.array(line, { minLength: 3, maxLength: 9 }),
      quotes: fc.array(fc.record({ line: fc.nat(8), at: fc.nat(40) }), { minLength: 1, maxLength: 4 }),
      lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
      chunkSize: fc.constantFrom(3, 1_000),
    })
  })

/** Each line with a number in front, so that it cannot be mistaken for another. */
function written({ delimiter, lines, quotes, lineEnd }: Case, planted: boolean): string {
  const { character } = DELIMITERS[delimiter]
  const header = Array.from({ length: widthOf({ delimiter, lines }) }, (_, index) => `h${index}`)
  const texts = lines.map((line, index) => `${index}${line}`)
  if (planted)
    for (const { line, at } of quotes) {
      const text = texts[line % texts.length] as string
      // One more than the text is long: also behind its last value.
      const place = at % (text.length + 1)
      texts[line % texts.length] = `${text.slice(0, place)}"${text.slice(place)}`
    }
  return [header.join(character), ...texts, ''].join(lineEnd)
}

function widthOf({ delimiter, lines }: Pick<Case, 'delimiter' | 'lines'>): number {
  return (lines[0] as string).replace(/"(?:[^"]|"")*"/g, '').split(DELIMITERS[delimiter].character).length
}

async function read(one: Case, planted: boolean) {
  const records = await recordsOf(fileOf(written(one, planted), one.chunkSize), { delimiter: one.delimiter })
  return new Map(records.map((record) => [record.line, record]))
}

const HIDDEN_DELIMITER: Case = {
  delimiter: 'tab',
  lines: [
    'k\t\t\t"Bo"  \t',
    'k\t""\t\t\t',
    'k\tN\t"x y"  \t716-555-0101\tx y',
    'k\tx y\tAnn\tLee\tAnn',
    'k\t"Bo"  \t\t\t"Bo"  ',
  ],
  quotes: [
    { line: 8, at: 18 },
    { line: 8, at: 27 },
    { line: 7, at: 39 },
    { line: 8, at: 2 },
  ],
  lineEnd: '\n',
  chunkSize: 3,
}

describe('lone quotes at random places of a random file', () => {
  test('cost no undamaged line anything, and put nothing of a line into another', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const [plain, found] = [await read(one, false), await read(one, true)]
        const hit = new Set(one.quotes.map(({ line }) => (line % one.lines.length) + 2))
        for (const [line, record] of plain) if (!hit.has(line)) expect(found.get(line)).toEqual(record)
        const width = widthOf(one)
        // Where two lines are hit that hold quoted delimiters, they may by chance be a record that one may write so.
        if (hit.size > 1 && one.lines.some((line) => line.includes(`"${DELIMITERS[one.delimiter].character}"`))) return
        for (const record of found.values())
          if ('values' in record && record.values.length === width)
            expect(record.values.filter((value) => /[\r\n]/.test(value))).toEqual([])
      }),
      {
        numRuns: Number(process.env.LONE_QUOTES ?? 3_000),
        // A damaged quote behind a quoted value, and two in the line below that hide a delimiter.
        examples: [[HIDDEN_DELIMITER]],
      },
    )
  })
})
