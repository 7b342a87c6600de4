import { createHash } from 'node:crypto'
import { readFile as readBytes } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { surveyFile } from '../../../ingest/formats/survey.ts'
import type { FileCode } from '../../../model/codes.ts'
import type { ImportSettings } from '../../../model/import-settings.ts'
import { fileOf, recordsOf, settingsOf, shapesOf } from '../../support/reading.ts'

const latin1 = (text: string) => Buffer.from(text, 'latin1')
const utf16 = (text: string) => Buffer.from(text, 'utf16le')
type FileSettings = Partial<ImportSettings['file']>

function survey(bytes: string | Buffer, file: FileSettings = {}, chunkSize?: number) {
  return surveyFile(fileOf(bytes, chunkSize), settingsOf({ file }).file)
}

const refused: { title: string; bytes: string | Buffer; file?: FileSettings; code: FileCode; says: RegExp }[] = [
  { title: 'no bytes at all', bytes: '', code: 'F_EMPTY', says: /empty/ },
  { title: 'only a byte order mark', bytes: '\ufeff', code: 'F_EMPTY', says: /empty/ },
  { title: 'only blanks and line ends', bytes: ' \r\n\t\n', code: 'F_EMPTY', says: /empty/ },
  { title: 'UTF-16 of blanks and Ctrl-Z', bytes: utf16('\ufeff \r\n\x1a'), code: 'F_EMPTY', says: /empty/ },
  {
    title: 'a damaged header with signs that cannot be seen',
    bytes: '"a"\u200b,b\n',
    code: 'F_HEADER_MISSING',
    says: /holds U\+200B, a zero-width space/,
  },
  { title: 'gzip', bytes: gzipSync('a,b'), code: 'F_NOT_TEXT', says: /gzip/ },
  {
    title: 'an Excel workbook',
    bytes: latin1('PK\x03\x04....[Content_Types].xml'),
    code: 'F_NOT_TEXT',
    says: /Excel workbook; export it as CSV/,
  },
  {
    title: 'an old Excel workbook',
    bytes: latin1('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'),
    code: 'F_NOT_TEXT',
    says: /Excel/,
  },
  { title: 'PDF', bytes: '%PDF-1.7', code: 'F_NOT_TEXT', says: /PDF/ },
  { title: 'HTML', bytes: '\ufeff\n<!DOCTYPE html><html>', code: 'F_NOT_TEXT', says: /HTML/ },
  ...[
    '<html>',
    '<HTML lang="en">',
    '<table border="1"><tr><td>ID',
    '\n\t <table>\n<tr>',
    '<!-- x -->\n<div class="a">',
  ].map((start) => ({ title: JSON.stringify(start), bytes: start, code: 'F_NOT_TEXT' as const, says: /HTML/ })),
  ...[
    '<?xml version="1.0"?>\n<Workbook xmlns="urn:x">',
    ' \ufeff<?xml version="1.0" encoding="utf-8"?>',
    '<students>\n  <student id="1"/>',
    '<Workbook xmlns="urn:x"><Worksheet>',
  ].map((start) => ({ title: JSON.stringify(start), bytes: start, code: 'F_NOT_TEXT' as const, says: /XML/ })),
  ...['<?xml version="1.0"?>', '\r\n<table>', '<html>'].flatMap((start) => [
    { title: `UTF-16 LE ${start}`, bytes: utf16(`\ufeff${start}`), code: 'F_NOT_TEXT' as const, says: /HTML|XML/ },
    {
      title: `UTF-16 BE ${start}`,
      bytes: utf16(`\ufeff${start}`).swap16(),
      code: 'F_NOT_TEXT' as const,
      says: /HTML|XML/,
    },
    { title: `UTF-16 without a mark ${start}`, bytes: utf16(start), code: 'F_NOT_TEXT' as const, says: /HTML|XML/ },
  ]),
  { title: 'XHTML', bytes: '<?xml version="1.0"?>\n<html>', code: 'F_NOT_TEXT', says: /HTML/ },
  { title: 'UTF-16 without a mark', bytes: utf16('ID,First\n'), code: 'F_NOT_TEXT', says: /zero bytes/ },
  {
    title: 'UTF-8 where UTF-16 is set',
    bytes: 'a,b\n',
    file: { encoding: 'utf-16' },
    code: 'F_ENCODING',
    says: /set to UTF-16/,
  },
  {
    title: 'UTF-16 where UTF-8 is set',
    bytes: utf16('\ufeffa,b\n'),
    file: { encoding: 'utf-8' },
    code: 'F_ENCODING',
    says: /mark of UTF-16/,
  },
  {
    title: 'marked UTF-8 where Windows-1252 is set',
    bytes: '\ufeffa,b\n',
    file: { encoding: 'windows-1252' },
    code: 'F_ENCODING',
    says: /mark of UTF-8/,
  },
  {
    title: 'a header with a broken byte',
    bytes: latin1('a,\xe9,\xc3\xa9\n1,2,3\n'),
    code: 'F_ENCODING',
    says: /header on line 1/,
  },
  ...[0x81, 0x8d, 0x8f, 0x90, 0x9d].map((byte) => ({
    title: `the byte ${byte.toString(16)} in what would be Windows-1252`,
    bytes: Buffer.concat([latin1('a,b\n\xe9,2\n3,'), Buffer.of(byte, 0x0a)]),
    code: 'F_ENCODING' as const,
    says: new RegExp(`no byte ${byte.toString(16)}`, 'i'),
  })),
  {
    title: 'the encoding of old Macs',
    bytes: latin1('a,b\rJos\x8e,Mu\x96oz\rRen\x8f,2\r'),
    code: 'F_ENCODING',
    says: /neither UTF-8 nor Windows-1252/,
  },
  {
    title: 'a header with damaged quoting',
    bytes: '"a"x,b\n1,2\n',
    code: 'F_HEADER_MISSING',
    says: /closing quote.*""a"x,b"/,
  },
  {
    title: 'a quoted header of another delimiter',
    bytes: '"a"\t"b"\t"c"\n',
    code: 'F_HEADER_MISSING',
    says: /set to comma, but the header has 2 tabs/,
  },
]

describe('a file that is refused at first sight', () => {
  for (const { title, bytes, file, code, says } of refused)
    for (const chunkSize of [1, 65536])
      test(`${title} (chunks of ${chunkSize})`, async () => {
        await expect(survey(bytes, file, chunkSize)).rejects.toMatchObject({
          code,
          message: expect.stringMatching(says),
        })
      })
})

const text = 'a,b\n“é”,€😀\n'
const back = [['“é”', '€😀']]
const encodings: {
  title: string
  bytes: Buffer
  file?: FileSettings
  encoding: string
  shapes?: (string | string[])[]
}[] = [
  { title: 'UTF-8', bytes: Buffer.from(text), encoding: 'utf-8' },
  { title: 'UTF-8 with a mark, also a doubled one', bytes: Buffer.from(`\ufeff\ufeff${text}`), encoding: 'utf-8' },
  { title: 'UTF-16 LE with a mark', bytes: utf16(`\ufeff${text}`), encoding: 'utf-16le' },
  { title: 'UTF-16 BE with a mark', bytes: utf16(`\ufeff${text}`).swap16(), encoding: 'utf-16be' },
  {
    title: 'UTF-16 BE without a mark, when UTF-16 is set',
    bytes: utf16(text).swap16(),
    file: { encoding: 'utf-16' },
    encoding: 'utf-16be',
  },
  {
    title: 'Windows-1252, all of its high characters',
    bytes: latin1('a,b\n\x80\x92\x93\x9f,\xe9\xff\n'),
    encoding: 'windows-1252',
    shapes: [['€’“Ÿ', 'éÿ']],
  },
  {
    title: 'a byte that Windows-1252 does not have refuses its record where that is set',
    bytes: latin1('a,b\n\x81,2\n\xe9,4\n'),
    file: { encoding: 'windows-1252' },
    encoding: 'windows-1252',
    shapes: ['2 E_ENCODING', ['é', '4']],
  },
  {
    title: 'a broken byte in a UTF-8 file refuses its record',
    bytes: latin1('a,b\n\xe9,2\n\xc3\xa9,4\n'),
    encoding: 'utf-8',
    shapes: ['2 E_ENCODING', ['é', '4']],
  },
  {
    title: 'a character written as two surrogates refuses its record, in a file of ASCII otherwise',
    bytes: latin1('a,b\n\xed\xa0\xbd\xed\xb8\x80,2\n3,4\n'),
    encoding: 'utf-8',
    shapes: ['2 E_ENCODING', ['3', '4']],
  },
  {
    title: 'the same bytes in parts are Windows-1252',
    bytes: latin1('a,b\n\xed\xa0\xbd,\xed\xb8\x80\n'),
    encoding: 'windows-1252',
    shapes: [['í\u00a0½', 'í¸€']],
  },
  {
    title: 'UTF-16 that ends in one byte of Ctrl-Z',
    bytes: Buffer.concat([utf16(`\ufeff${text}`), Buffer.of(0x1a)]),
    encoding: 'utf-16le',
  },
  {
    title: 'UTF-16 BE without a last line end that ends in one byte of Ctrl-Z',
    bytes: Buffer.concat([utf16(`\ufeff${text.trimEnd()}`).swap16(), Buffer.of(0x1a)]),
    encoding: 'utf-16be',
  },
  {
    title: 'UTF-16 that ends in Ctrl-Z of its own',
    bytes: utf16(`\ufeff${text}\x1a`),
    encoding: 'utf-16le',
  },
  {
    title: 'with UTF-8 set nothing is read as Windows-1252',
    bytes: latin1('a,b\n\xe9,2\n3,4\n'),
    file: { encoding: 'utf-8' },
    encoding: 'utf-8',
    shapes: ['2 E_ENCODING', ['3', '4']],
  },
  {
    title: 'half a surrogate pair refuses its record',
    bytes: utf16('\ufeffa,b\n\ud83d,2\n3,4\n'),
    encoding: 'utf-16le',
    shapes: ['2 E_ENCODING', ['3', '4']],
  },
  {
    title: 'UTF-16 cut in the middle of a character refuses its last record',
    bytes: utf16('\ufeffa,b\n1,2\n3,45').subarray(0, -1),
    encoding: 'utf-16le',
    shapes: [['1', '2'], '3 E_ENCODING'],
  },
]

describe('the encoding', () => {
  for (const { title, bytes, file, encoding, shapes = back } of encodings)
    for (const chunkSize of [1, 3, 65536])
      test(`${title} (chunks of ${chunkSize})`, async () => {
        const found = await survey(bytes, file, chunkSize)
        expect(found.encoding).toBe(encoding)
        expect(found.warnings.map(({ code }) => code)).toEqual(
          encoding === 'windows-1252' && !file?.encoding ? ['W_ENCODING_FALLBACK'] : [],
        )
        expect(await shapesOf(bytes, file, chunkSize)).toEqual(shapes)
      })

  for (const header of ['<ID>,<First>', '<ID>\n', '<tablet>,b', '"<table>",b'])
    test(`a header may begin ${header}`, async () => {
      expect((await survey(`${header}\n1,2\n`)).header.line).toBe(1)
    })

  test('what cannot be decoded is shown as a question mark', async () => {
    const [record] = await recordsOf(fileOf(latin1('a,b\n\xe9,\xc3\xa9\n')))
    expect(record).toMatchObject({ damage: 'E_ENCODING', raw: '?,é' })
  })
})

const trailing: { title: string; text: string; shapes: string[][] }[] = [
  {
    title: 'is no value when every record has it',
    text: 'a,b\n1,2,\n3,4,""\n',
    shapes: [
      ['1', '2'],
      ['3', '4'],
    ],
  },
  {
    title: 'is left out of the records that have it alone, beside a trailer and a cut line',
    text: 'a,b\n5,2,\n3,4\n(2 rows affected)\n7,8,9\n1,2,\n6',
    shapes: [['5', '2'], ['3', '4'], ['(2 rows affected)'], ['7', '8', '9'], ['1', '2'], ['6']],
  },
  {
    title: 'counts as a value when the first record lacks it',
    text: 'a,b\n1,2\n3,4,\n',
    shapes: [
      ['1', '2'],
      ['3', '4', ''],
    ],
  },
  {
    title: 'is no sign of row names where the first column does not count the records',
    text: 'a,b\n1,x,\n2,y,\n4,z,\n',
    shapes: [
      ['1', 'x'],
      ['2', 'y'],
      ['4', 'z'],
    ],
  },
  { title: 'belongs to its column when the header has one too', text: 'a,b,\n1,2,\n', shapes: [['1', '2', '']] },
  { title: 'counts when there are two of them', text: 'a,b\n1,2,,\n', shapes: [['1', '2', '', '']] },
]
describe('row names without a header', () => {
  for (const text of [
    'a,b\n1,x,\n2,y,\n3,z,\n',
    'a,b\n0,x,\n1,y,""\n',
    'a,b\n"1",x,\n"2",y,5\n',
    'a,b\n1,x,\n2,y"z,\n3,w,\n',
    'a,b\n1,x,\n2,y,5\n# page 2\n4,z,\n(4 rows affected)\n',
  ])
    test(JSON.stringify(text), () => expect(shapesOf(text)).rejects.toMatchObject({ code: 'F_COLUMN_SHIFT' }))
})

describe('an empty trailing value', () => {
  for (const { title, text, shapes } of trailing) test(title, async () => expect(await shapesOf(text)).toEqual(shapes))
})

test('the hash and the size are those of the uploaded bytes', async () => {
  const bytes = await readBytes(new URL('../../fixtures/byte-order-mark-before-quote.csv', import.meta.url))
  expect(await survey(bytes, {}, 7)).toMatchObject({
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    header: { line: 1, values: ['ID', 'First', 'Last', 'Mobile'] },
    records: 1,
  })
})

test('a header without records is remarked upon', async () => {
  expect((await survey('sep=,\nID,First\n')).warnings.map(({ code }) => code)).toEqual(['W_NO_RECORDS'])
})
