import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { describe, expect, test } from 'vitest'
import { type MobileRemark, mobileReader } from '../../../ingest/records/mobile-number.ts'

const read = mobileReader('any')

const at = (code: string) => String.fromCodePoint(Number.parseInt(code, 16))
const unknown: MobileRemark[] = ['W_MOBILE_AREA_UNKNOWN']
const doubtful: MobileRemark[] = ['W_MOBILE_COUNTRY_DOUBTFUL']
const extension: MobileRemark[] = ['W_EXTENSION_IGNORED']

describe('a number that is taken', () => {
  const taken: [text: string, number: string, remarks?: MobileRemark[]][] = [
    ['7165550134', '+17165550134'],
    ['17165550134', '+17165550134'],
    ['1-716-555-0134', '+17165550134'],
    ['(716) 555.0134', '+17165550134'],
    ['1 (716) 555 - 0134', '+17165550134'],
    ['(1) 716 555 0134', '+17165550134'],
    ['716/555\u20130134', '+17165550134'],
    ['716\u00a0555 0134', '+17165550134'],
    ['716555 0134', '+17165550134'],
    ['716 5550134', '+17165550134'],
    ['+1 716-555-0134', '+17165550134'],
    ['+1 (0)716 555 0134', '+17165550134'],
    ['(+1) 716-555-0134', '+17165550134'],
    ['011 1 716 555 0134', '+17165550134'],
    ['+44 20 7946 0018', '+442079460018'],
    ['+44.20.7946.0018', '+442079460018'],
    ['+44.2079460018', '+442079460018'],
    ['+44 (0)20 7946 0018', '+442079460018'],
    ['+44(0)2079460018', '+442079460018'],
    ['011 44 (0)20 7946 0018', '+442079460018'],
    ['011 44 20 7946 0018', '+442079460018'],
    ['+49 (0)30 123456', '+4930123456'],
    ['+39 (0)321 123456', '+390321123456'],
    ['+39 (0)6 69812345', '+390669812345'],
    ['+39 0321 123456', '+390321123456'],
    ['+1 876 555 0134', '+18765550134'],
    ['222-555-0134', '+12225550134', unknown],
    ['+1 222-555-0134', '+12225550134', unknown],
    ['716-555-0134 x12', '+17165550134', extension],
    ['716-555-0134, ext. 12', '+17165550134', extension],
    ['(716) 555-0134 ext. ', '+17165550134', extension],
    ['7165550134EXT12', '+17165550134', extension],
    ['222-555-0134 x12', '+12225550134', [...extension, ...unknown]],
    ['+6625550101', '+6625550101', doubtful],
    ['+678 555-0101', '+6785550101', doubtful],
    ['011 66 2555 0101', '+6625550101'],
  ]
  for (const [text, number, remarks = []] of taken)
    test(text, () => expect(read(text)).toEqual({ ok: true, number, remarks }))

  for (const code of ['202d', '200e', '2066', '200b', 'ad', '2060', 'feff', '180e', 'fe0f', 'e0020'])
    test(`past U+${code}, which does not print`, () => {
      const taken = { ok: true, number: '+17165550134', remarks: [] }
      for (const text of [`${at(code)}716-555-0134`, `716-${at(code)}555-0134`, ` ${at(code)} 7165550134 ${at(code)} `])
        expect(read(text)).toEqual(taken)
      expect(read(`${at(code)}'+1 716-555-0134`)).toEqual(taken)
    })
})

describe('a number that is refused', () => {
  const refused = [
    '716555013',
    '71655501345',
    '117165550134',
    '+1 1 716 555 0134',
    '+716 555 0134',
    '0165550134',
    '7160550134',
    '7161550134',
    '716-555-0134 / 716-555-0135',
    'Decline to state',
    '+',
    'x12',
    '7165550134 #12',
    '７１６5550134',
    '+4402079460018',
    '00000000000000000000000000000000000000000000000000000000000000000000',
    // A spreadsheet or database made the number a fraction.
    '7165550101.0',
    '716555010.0',
    '71655501.01',
    '7165550.101',
    '+17165550104.0',
    '+1716555010.4',
    '+4930123456.0',
    '+4930123456.01',
    '011 4930123456.0',
    // Dates and other digits that are divided elsewhere.
    '2024-05-10 12',
    '20240510 12',
    '2024/05/10 12',
    '71-65-55-01-34',
    '7-1-6-5-5-5-0-1-3-4',
    '71 655 50134',
    '716-555-01-34',
    '716-55-50134',
    '-7165550134',
    '7165550134.',
    '1716.5550134.0',
    '+1 71 655 50134',
    '0-11 44 20 7946 0018',
    // Zeros in brackets elsewhere, and where neither reading is a number.
    '+44 20 (0)7946 0018',
    '+44 0 20 7946 0018',
    '(0)7165550134',
    '716 (0)555 0134',
    // Fillers.
    ...Array.from('0123456789', (digit) => digit.repeat(10)),
    '222-222-2222',
    '1 222 222 2222',
    '+1 (222) 222-2222',
    '+3333333333',
    '1234567890',
    '+1234567890',
    // Area codes that cannot be assigned.
    '211-555-0134',
    '911-555-0134',
    '290-555-0134',
    '999-555-0134',
    '370-555-0134',
    '379-555-0134',
    '960-555-0134',
    '+1 969 555 0134',
  ]
  for (const text of refused)
    test(text, () => {
      const result = read(text)
      expect(result).toMatchObject({ ok: false, code: 'E_MOBILE_INVALID' })
      expect('message' in result && result.message).toContain(text.slice(0, 60))
    })
  for (const text of ['7.16E+09', '7,16555E+9', '7.16555e09', '\u202d7.16E+09'])
    test(`${text} was damaged by a spreadsheet`, () =>
      expect(read(text)).toMatchObject({
        ok: false,
        code: 'E_MOBILE_SCIENTIFIC',
        message: expect.stringContaining(text),
      }))

  const invisible: [code: string, said: string][] = [
    ['202d', 'holds U+202D, a direction mark'],
    ['200b', 'holds U+200B, a zero-width space'],
    ['ad', 'holds U+00AD, a soft hyphen'],
    ['feff', 'holds U+FEFF, a byte order mark'],
    ['2028', 'holds U+2028, a line separator'],
    ['85', 'holds U+0085, a control character'],
    ['2800', 'holds U+2800, a sign that does not print'],
  ]
  for (const [code, said] of invisible)
    test(`the message about a number with U+${code} names it`, () => {
      const result = read(`716-555-013${at(code)}`)
      expect('message' in result && result.message).toContain(said)
    })
})

const EXCHANGES = Array.from({ length: 800 }, (_, index) => 200 + index)
const isAssigned = (national: string) => parsePhoneNumberFromString(`+1${national}`)?.isValid() ?? false

test('an area code that could be assigned is taken, one that cannot be is not', () => {
  for (let area = 200; area < 1_000; area += 1) {
    const text = String(area)
    const impossible = text[1] === '9' || text.endsWith('11') || text.startsWith('37') || text.startsWith('96')
    const result = read(`${area}2342345`)
    if (impossible) expect([area, result.ok]).toEqual([area, false])
    else if (isAssigned(`${area}2342345`))
      expect([area, result]).toEqual([area, { ok: true, number: `+1${area}2342345`, remarks: [] }])
    else if (result.ok) expect([area, result.remarks]).toEqual([area, ['W_MOBILE_AREA_UNKNOWN']])
    // Some islands and personal numbers have their area code in use without this exchange.
    else expect([area, EXCHANGES.some((exchange) => isAssigned(`${area}${exchange}0123`))]).toEqual([area, true])
  }
})

test('a team that takes US and Canada only refuses other countries of the plan and beyond it', () => {
  const northAmerican = mobileReader('us_ca')
  const numbers = ['7165550134', '+14165550134', '7875550134', '8765550134', '+18765550134', '+442079460018']
  expect(numbers.map((number) => northAmerican(number).ok)).toEqual([true, true, true, false, false, false])
})

test('with and without a + the numbering plan decides alike, and as the library does', () => {
  for (let prefix = 200_200; prefix < 1_000_000; prefix += 997) {
    const national = `${prefix}0123`
    const result = read(national)
    expect([national, result]).toEqual([national, { ...read(`+1${national}`), ...('message' in result && result) }])
    if (/^[2-9]..[2-9]/.test(national) && !(result.ok && result.remarks.includes('W_MOBILE_AREA_UNKNOWN')))
      expect([national, result.ok]).toEqual([national, isAssigned(national)])
  }
})
