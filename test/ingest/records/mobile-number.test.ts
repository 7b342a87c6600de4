import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { describe, expect, test } from 'vitest'
import { mobileReader } from '../../../ingest/records/mobile-number.ts'

const read = mobileReader('any')

describe('a number that is taken', () => {
  const taken: [text: string, number: string, extension?: boolean][] = [
    ['7165550134', '+17165550134'],
    ['17165550134', '+17165550134'],
    ['1-716-555-0134', '+17165550134'],
    ['(716) 555.0134', '+17165550134'],
    ['716/555\u20130134', '+17165550134'],
    ['716\u00a0555 0134', '+17165550134'],
    ['+1 716-555-0134', '+17165550134'],
    ['011 1 716 555 0134', '+17165550134'],
    ['+44 20 7946 0018', '+442079460018'],
    ['+44 (0)20 7946 0018', '+442079460018'],
    ['011 44 20 7946 0018', '+442079460018'],
    ['+1 876 555 0134', '+18765550134'],
    ['716-555-0134 x12', '+17165550134', true],
    ['716-555-0134, ext. 12', '+17165550134', true],
    ['(716) 555-0134 ext. ', '+17165550134', true],
    ['7165550134EXT12', '+17165550134', true],
  ]
  for (const [text, number, extensionIgnored = false] of taken)
    test(text, () => expect(read(text)).toEqual({ ok: true, number, extensionIgnored }))
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
    '5555550123',
    '716-555-0134 / 716-555-0135',
    'Decline to state',
    '+',
    'x12',
    '7165550134 #12',
    '７１６5550134',
    '+4402079460018',
    '00000000000000000000000000000000000000000000000000000000000000000000',
  ]
  for (const text of refused)
    test(text, () => {
      const result = read(text)
      expect(result).toMatchObject({ ok: false, code: 'E_MOBILE_INVALID' })
      expect('message' in result && result.message).toContain(text.slice(0, 60))
    })
  for (const text of ['7.16E+09', '7,16555E+9', '7.16555e09'])
    test(`${text} was damaged by a spreadsheet`, () =>
      expect(read(text)).toMatchObject({
        ok: false,
        code: 'E_MOBILE_SCIENTIFIC',
        message: expect.stringContaining(text),
      }))
})

test('a team that takes US and Canada only refuses other countries of the plan and beyond it', () => {
  const northAmerican = mobileReader('us_ca')
  const numbers = ['7165550134', '+14165550134', '7875550134', '8765550134', '+18765550134', '+442079460018']
  expect(numbers.map((number) => northAmerican(number).ok)).toEqual([true, true, true, false, false, false])
})

test('with and without a + the numbering plan decides alike, and as the library does', () => {
  for (let prefix = 200_200; prefix < 1_000_000; prefix += 997) {
    const national = `${prefix}0123`
    const { ok } = read(national)
    expect([national, ok]).toEqual([national, read(`+1${national}`).ok])
    if (/^[2-9]..[2-9]/.test(national))
      expect([national, ok]).toEqual([national, parsePhoneNumberFromString(`+1${national}`)?.isValid() ?? false])
  }
})
