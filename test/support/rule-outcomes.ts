import { createHash } from 'node:crypto'
import { RULES_VERSION } from '../../ingest/reading/unchanged/record-salt.ts'
import { PHONE_METADATA_VERSION } from '../../ingest/records/mobile-number.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import { fileOf, readFile, settingsOf } from './reading.ts'

const HEADER = 'ID,First,Last,Mobile,Out,Advisor,Major,Year'
const MAPPED: Partial<ImportSettings> = {
  fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Mobile', staffId: 'Advisor' },
  optOut: { column: 'Out', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' },
  additionalFields: [
    { name: 'Major', column: 'Major', required: true, mergeable: true, visibleToUser: true },
    { name: '__proto__', column: 'Year', required: false, mergeable: true, visibleToUser: true },
  ],
}

interface RuleCase {
  records: string | Buffer
  header?: string
  settings?: Parameters<typeof settingsOf>[0]
}

const mobiles = (...texts: string[]) => texts.map((text, at) => `${at},Ann,Lee,"${text}",N,,,`).join('\n')
const tabbed = (text: string) => text.replaceAll(',', '\t')

/** At least one record for each rule of reading and validation that decides what a record means. */
const CASES: Record<string, RuleCase> = {
  'a complete record': { records: '1001,Ann,Lee,716-555-0101,Y,s77,Biology,2027' },
  'outer blanks': { records: ' 1 , Ann ,\u00a0Lee\u00a0, 716-555-0101 , n , s1 , Art ,' },
  'blank required values': {
    records: ',Ann,Lee,716-555-0101,,,,\n1, ,Lee,716-555-0101,,,,\n1,Ann,,716-555-0101,,,,\n1,Ann,Lee,,,,,',
  },
  'values that spreadsheets write': {
    records:
      '="00123",Ann,Lee,716-555-0101,,,,\n2,\'=Ann,Lee,\'+17165550101,,,,\n9.01235E+11,#N/A,#REF!,########,,,,\n\\N,NULL,Lee,NULL,,,,',
  },
  'guards inside values': { records: `1,x;'=1,"Lee;""'@A1",716-555-0101,,,"a\n''-1",O'Neil;x` },
  'control characters': {
    records: '1,A\0nn,Lee,716-555-0101,,,,\n2,A\u0007nn,Lee,716-555-0101,,,,\n3,"A\tn\nn",Lee,716-555-0101,,,,',
  },
  'signs that do not print': { records: '\u200b1\u200e,\ufeffAnn,L\u00adee,716\u200b5550101,,,,' },
  'Unicode that can be composed': { records: 'e\u0301,Rene\u0301,Lee,716-555-0101,,,,' },
  'replacement characters': { records: '1,A\ufffdn,Lee,716-555-0101,,,,' },
  'values that are too long': {
    records: `${'1'.repeat(256)},Ann,Lee,716-555-0101,,,,\n2,${'😀'.repeat(255)},Lee,716-555-0101,,,${'x'.repeat(4_001)},`,
  },
  'wrong numbers of values': { records: '1,Ann,Lee,716-555-0101,,,\n2,Ann,Lee,716-555-0101,,,,,' },
  'a delimiter too many in every record': { records: '1001,Ann,Lee,716-555-0101,,,,,\n1002,Bo,Lee,716-555-0102,,,,""' },
  'quotes in a comma file': {
    records:
      '1,"A ""n""",Lee,716-555-0101,,,,\n2,A"nn,Lee,716-555-0101,,,,\n3,"Ann"x,Lee,716-555-0101,,,,\n4,"Ann" ,Lee,716-555-0101,,,,\n5,"A\nnn",Lee,716-555-0101,,,,',
  },
  'quotes in a tab file': {
    header: tabbed(HEADER),
    records: tabbed(
      '1,"A ""n""",Lee,716-555-0101,,,,\n2,A"nn,Lee,716-555-0101,,,,\n3,"Ann,Lee,716-555-0101,,,,\n4,"Ann"x,Lee,716-555-0101,,,,',
    ),
    settings: { file: { delimiter: 'tab' } },
  },
  'a quote that is not closed': { records: '1,"Ann,Lee,716-555-0101,,,,\n2,Bo,Lee,716-555-0102,,,,' },
  'line ends, empty lines and Ctrl-Z': {
    records: '1,Ann,Lee,716-555-0101,,,,\r\n\r  \n,,,,,,,\n2,Bo,Lee,716-555-0102,,,,\r3,Cy,Lee,716-555-0103,,,,\u001a',
  },
  'bytes that are not UTF-8': {
    records: Buffer.from('1,\xc3\xa9,Lee,716-555-0101,,,,\n2,Ren\xe9,Lee,716-555-0102,,,,', 'latin1'),
  },
  'Windows-1252': { records: Buffer.from('1,Ren\xe9,Lee,716-555-0101,,,\x80,', 'latin1') },
  'a character written as two surrogates': {
    records: Buffer.from('1,\xed\xa0\xbd\xed\xb8\x80,Lee,716-555-0101,,,,\n2,Bo,Lee,716-555-0102,,,,', 'latin1'),
  },
  'a header of its own spelling': {
    header: ' id ,FIRST,last,"Mobile",out,advisor,MAJOR,year',
    records: '1,Ann,Lee,716-555-0101,,,,',
  },
  'mobile numbers of North America': {
    records: mobiles(
      '7165550101',
      '17165550101',
      '(716) 555-0101',
      '1.716.555.0101',
      '716 555-0101 x12',
      '7165550101 ext. 3',
      '716-055-0102',
      '116-555-0101',
      '1234567890',
      '2222222222',
      '716555010',
      '716555010.0',
      '2024-05-10 12',
      '7-1-6-5-5-5-0-1-0-1',
      '7.16E+09',
      'call me',
      '555-0101',
      '+17165550101',
      '0117165550101',
      '999-555-0101',
      '868-555-0101',
      '222-555-0101',
      '370-555-0101',
      '71-65-55-01-01',
      '716\u202d5550101',
    ),
  },
  'mobile numbers of other countries': {
    records: mobiles(
      '+442079460018',
      '+44 (0)20 7946 0018',
      '01144 20 7946 0018',
      '+4420794600189999',
      '+7165550101',
      '+1',
      '+39 (0)321 123456',
      '+6625550101',
      '+4930123456.0',
      '+3333333333',
    ),
  },
  'mobile numbers of the US and Canada only': {
    records: mobiles('+442079460018', '868-555-0101', '787-555-0101', '416-555-0101'),
    settings: { mobileCountries: 'us_ca' },
  },
  'opt-out values': {
    records: ['Y', 'n', '', 'perhaps', ' y ', '1']
      .map((value, at) => `${at},Ann,Lee,716-555-0101,${value},,,`)
      .join('\n'),
  },
  'an opt-out in a rejected record': {
    records: '1,,Lee,716-555-0101,Y,,,\n,Ann,Lee,716-555-0101,Y,,,\n3,Ann,Lee,12,N,,,',
  },
  'absent columns kept': { header: 'ID,First,Last,Mobile,Major', records: '1,Ann,Lee,716-555-0101,Art' },
  'absent columns cleared': {
    header: 'ID,First,Last,Mobile,Major',
    records: '1,Ann,Lee,716-555-0101,Art',
    settings: { absentColumn: 'clear' },
  },
}

/** One digest for each rule: of values, codes and preferences, not of the wording of errors. */
export interface RuleOutcomes {
  rulesVersion: number
  phoneMetadata: string
  digests: Record<string, string>
}

export async function ruleOutcomes(): Promise<RuleOutcomes> {
  const digests: Record<string, string> = {}
  for (const [rule, { header = HEADER, records, settings }] of Object.entries(CASES)) {
    const file = Buffer.concat([Buffer.from(`${header}\n`), Buffer.from(records as string)])
    const { validated, mapping } = await readFile(fileOf(file), settingsOf({ ...MAPPED, ...settings }))
    const outcomes = validated.map((one) =>
      one.ok
        ? { line: one.line, contact: withOwnNames(one.contact), warnings: one.warnings.map(({ code }) => code) }
        : {
            line: one.error.line,
            faults: one.error.errors.map(({ code, field }) => [code, field]),
            optOut: one.optOut,
          },
    )
    const columns = { fields: mapping.fields, staffId: mapping.staffId, optOut: mapping.optOut }
    digests[rule] = createHash('sha256').update(JSON.stringify({ columns, outcomes })).digest('hex').slice(0, 16)
  }
  return { rulesVersion: RULES_VERSION, phoneMetadata: PHONE_METADATA_VERSION, digests }
}

/** `undefined` (the file does not say) is not the same as null (it clears), but JSON has only one of them. */
function withOwnNames(contact: object): unknown[] {
  return Object.entries(contact).map(([name, value]) => [name, value === undefined ? 'not said' : value])
}
