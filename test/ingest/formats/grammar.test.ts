import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RecordSplitter } from '../../../ingest/formats/delimited.ts'
import { Framer, type Quotes } from '../../../ingest/formats/framer.ts'
import { ValueFinder } from '../../../ingest/reading/unchanged/value-finder.ts'
import { plainValue } from '../../../ingest/records/cell.ts'
import type { Delimiter } from '../../../model/delimiters.ts'
import type { FileRecord } from '../../../model/record.ts'

/** What the framer finds in any text at all, beside a second reading of the grammar that knows nothing of chunks. */
type Found = { line: number; values: string[] | 'damaged' }

/** Also checks each record as the framer counts it and as single values are looked up in it. */
function framed(text: string, delimiter: Delimiter, chunkSize: number): Found[] {
  const splitter = new RecordSplitter(delimiter, 'utf-8')
  const finder = new ValueFinder(delimiter)
  const found: FileRecord[] = []
  const framer = new Framer(delimiter, {
    record(bytes: Buffer, start: number, end: number, line: number, values: number, quotes: Quotes) {
      splitter.record(bytes, start, end, line, values, quotes)
      const [record] = splitter.take()
      if (!record || 'damage' in record) throw new Error('a good record was called damaged')
      expect(record.values).toHaveLength(values)
      finder.look(bytes, start, end, quotes)
      for (const [column, value] of record.values.entries()) {
        expect(finder.plain(column)).toBe(plainValue(value))
        expect(finder.isBlank(column)).toBe(plainValue(value) === '')
      }
      found.push(record)
    },
    damaged(...damage) {
      splitter.damaged(...damage)
      found.push(...splitter.take())
    },
  })
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += chunkSize) framer.push(bytes.subarray(at, at + chunkSize))
  framer.finish()
  return found.map((record) => ({ line: record.line, values: 'values' in record ? record.values : 'damaged' }))
}

const VALUE = /"(?:[^"]|"")*"[ \t]*(?=[,\r\n]|$)|="[^",\r\n]*"(?=[,\r\n]|$)|[^",\r\n]*(?=[,\r\n]|$)/y
const LINE_END = /\r\n|\r|\n/g

/** The strict grammar of comma files, record by record, with regular expressions on the whole text. */
function grammatical(text: string): Found[] {
  const found: Found[] = []
  let line = 1
  let width = 0
  for (let start = 0; start < text.length; ) {
    const values: string[] = []
    let at = start
    let damaged = false
    const doubted: boolean[] = []
    for (;;) {
      VALUE.lastIndex = at
      const value = VALUE.exec(text)?.[0]
      damaged = value === undefined
      if (value === undefined) break
      doubted.push(width > 0 && value.startsWith('"') && isDoubted(text, start, at, at + value.length, width))
      values.push(value.startsWith('"') ? value.trimEnd() : value)
      at += value.length
      if (text[at] !== ',') break
      at++
    }
    if (damaged || doubted.includes(true) || isDoubtful(text, at, values.at(-1) ?? '')) {
      at = start + text.slice(start).search(/[\r\n]|$/)
      found.push({ line, values: 'damaged' })
    } else if (values.some(hasText)) {
      width ||= values.length
      found.push({
        line,
        values: values.map((value) => (value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value)),
      })
    }
    const next = text.startsWith('\r\n', at) ? at + 2 : Math.min(at + 1, text.length)
    line += (text.slice(start, next).match(LINE_END) ?? []).length
    start = next
  }
  return found
}

function hasText(value: string): boolean {
  return value.startsWith('"') ? /[^ \t\r\n]/.test(value.slice(1, -1)) : /[^ \t]/.test(value)
}

/** Whether the lines of the quoted value from `from` to `to` look like records of their own. */
function isDoubted(text: string, start: number, from: number, to: number, width: number): boolean {
  const before = text.slice(start, from).split(LINE_END).at(-1) as string
  const lines = (before + text.slice(from, to) + /^[^\r\n]*/.exec(text.slice(to))).split(LINE_END)
  const [first, last] = [lines[0] as string, lines.at(-1) as string]
  if (lines.length === 1) return false
  const fits = (line: string, strict: boolean) => {
    const rest = strict ? /(?!)/y : /[^,]*/y
    const values: string[] = []
    for (let at = 0; at <= line.length; at += (values.at(-1) as string).length + 1) {
      VALUE.lastIndex = rest.lastIndex = at
      const value = VALUE.exec(line) ?? rest.exec(line)
      if (value === null) return false
      values.push(value[0])
    }
    const isRecord = values.some((value) => (value.startsWith('"') && value.length > 2) || /[^ \t"]/.test(value))
    const extra = line.endsWith(',') ? [width, width + 1] : [width]
    return isRecord && (strict ? extra.includes(values.length) : values.length >= width)
  }
  return (
    lines.slice(1, -1).some((line) => fits(line, true)) ||
    (width >= 4 && (fits(last, true) || (first.split(',').length >= width && fits(last, false))))
  )
}

/** Whether the last value before `end` is closed by what was meant to open a value that begins with the line end there. */
function isDoubtful(text: string, end: number, last: string): boolean {
  if (end === text.length || !/^".*[\r\n].*,"$/s.test(last)) return false
  const next = text.indexOf('"', end)
  return next >= 0 && !/[,\r\n=]/.test(text[next - 1] ?? '') && /^([",\r\n]|$)/.test(text.slice(next + 1))
}

const anything = fc
  .array(
    fc.constantFrom(
      'a',
      'é',
      ' ',
      '\t',
      ',',
      ',',
      '"',
      '"',
      '""',
      '\n',
      '\r\n',
      '\r',
      '=',
      '="1"',
      "'",
      '"x"',
      'b,c\n',
      ',d,e,f\n',
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''))
const chunkSizes = fc.constantFrom(1, 2, 3, 5, 7, 1000)

describe('any text at all', () => {
  test('is read in a comma file by the grammar: records, damages, and the lines on which they start', () => {
    fc.assert(
      fc.property(anything, chunkSizes, (text, chunkSize) => {
        expect(framed(text, 'comma', chunkSize)).toEqual(grammatical(text))
      }),
      { numRuns: 1_500 },
    )
  })

  test('is read in a tab file alike, however its bytes arrive, and nothing in it is damaged', () => {
    fc.assert(
      fc.property(anything, chunkSizes, (text, chunkSize) => {
        const tabs = text.replaceAll(',', '\t')
        const found = framed(tabs, 'tab', chunkSize)
        expect(found).toEqual(framed(tabs, 'tab', 1_000_000))
        expect(found.filter(({ values }) => values === 'damaged')).toEqual([])
      }),
      { numRuns: 800 },
    )
  })
})
