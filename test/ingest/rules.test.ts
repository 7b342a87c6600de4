import { describe, expect, test } from 'vitest'
import type { ErrorCode, WarningCounts } from '../../model/codes.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { BatchCounts } from '../../model/run.ts'
import { setOptOut } from '../../store/contact-list.ts'
import { contactsOf, errorsOf, importBytes, insertTeam, warningsOf } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { settingsOf } from '../support/reading.ts'

/** The rules of reading, of records and of opt-out, each shown by files on their way into a real database. */
const database = testDatabase()

const optOut = { column: 'Out', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' as const }
const major = { name: 'Major', column: 'Major', required: false, mergeable: true, visibleToUser: true }
const MAPPED = {
  fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Mobile', staffId: 'Advisor' },
  optOut,
  additionalFields: [major],
}
const HEADER = 'ID,First,Last,Mobile,Advisor,Out,Major,Other'
const text = (...records: string[]) => `${[HEADER, ...records].join('\n')}\n`
const withHeader = (header: string, ...records: string[]) => `${[header, ...records].join('\n')}\n`
const ANN = '1,Ann,Lee,716-555-0101,s1,N,Art,'
const STORED_ANN = {
  contact_id: '1',
  first_name: 'Ann',
  last_name: 'Lee',
  mobile_number: '+17165550101',
  staff_id: 's1',
  custom_fields: { Major: 'Art' },
  opted_out: false,
}

interface Rule {
  rule: string
  settings?: Parameters<typeof settingsOf>[0]
  /** Imported before. */
  before?: string
  /** Said by the person between the two files. */
  stop?: boolean
  file: string | Buffer
  /** Every contact of the team afterwards, by Contact ID. */
  contacts?: object[]
  counts?: Partial<BatchCounts>
  warnings?: WarningCounts
  errors?: { line: number; codes: ErrorCode[]; says?: string }[]
}

async function shown({ settings: changes, before, stop, file, contacts, counts, warnings, errors }: Rule) {
  const settings = settingsOf({ ...MAPPED, ...changes } as Partial<Omit<ImportSettings, 'file'>>)
  const teamId = await insertTeam(database)
  await database.db
    .insertInto('team_user')
    .values({ team_id: teamId, staff_id: 's1', name: 'Sam Orr', email: 'sam@example.edu' })
    .execute()
  if (before !== undefined) await importBytes(database, teamId, before, { settings })
  if (stop) await setOptOut(database.db, teamId, '1', 'opted_out', 'contact')
  const result = await importBytes(database, teamId, file, { settings })
  if (contacts) {
    const stored = await contactsOf(database, teamId)
    expect(stored).toMatchObject(contacts)
    expect(stored).toHaveLength(contacts.length)
  }
  if (counts) expect(result.counts).toMatchObject(counts)
  if (warnings) expect(result.warnings).toEqual(warnings)
  const found = await errorsOf(database, result.batchId)
  expect(found.map(({ line, errors }) => ({ line: Number(line), codes: errors.map(({ code }) => code) }))).toEqual(
    (errors ?? []).map(({ line, codes }) => ({ line, codes })),
  )
  for (const [index, { says }] of (errors ?? []).entries())
    if (says) expect(found[index]?.errors.map(({ message }) => message).join('; ')).toContain(says)
}

const reading: Rule[] = [
  {
    rule: 'one damaged record costs exactly that record: reading starts again at the next physical line',
    file: text(
      '1,"Ann,Lee,716-555-0101,s1,N,Art,',
      '2,Bo,Lee,716-555-0102,,N,"two\nlines",',
      '3,"Cy",Lee,716-555-0103,,N,,',
    ),
    contacts: [
      { contact_id: '2', custom_fields: { Major: 'two\nlines' } },
      { contact_id: '3', first_name: 'Cy' },
    ],
    errors: [{ line: 2, codes: ['E_QUOTE'], says: 'The quote that opens value 2 on line 2 is not closed' }],
  },
  {
    rule: 'width is strict: a record with more or fewer values than the header is rejected, an empty one at its end too',
    file: text(ANN, '2,Bo,Lee,716-555-0102,,N,', '3,Cy,Lee,716-555-0103,,N,,,'),
    contacts: [STORED_ANN],
    errors: [
      { line: 3, codes: ['E_COLUMN_COUNT'], says: 'Expected 8 columns, found 7' },
      { line: 4, codes: ['E_COLUMN_COUNT'], says: 'Expected 8 columns, found 9' },
    ],
  },
  {
    rule: 'the one exception is a file whose every record has the same single empty trailing value',
    file: text(`${ANN},`, '2,Bo,Lee,716-555-0102,,N,,,'),
    contacts: [STORED_ANN, { contact_id: '2' }],
  },
  {
    rule: 'line ends CRLF, LF and CR are accepted mixed, a missing final newline too; no value keeps a stray CR',
    file: 'ID,First,Last,Mobile\r\n1,Ann,Lee,7165550101\n2,Bo,Lee,7165550102\r3,Cy,Lee,7165550103\r\n4,Di,Lee,7165550104',
    contacts: ['Ann', 'Bo', 'Cy', 'Di'].map((first_name) => ({ first_name, last_name: 'Lee' })),
  },
  {
    rule: 'empty lines, lines of blanks, lines of delimiters only and a trailing newline are no records',
    file: text('', ' \t ', ',,,,,,,', ' , ,', ANN, ''),
    counts: { records: 1, created: 1 },
    contacts: [STORED_ANN],
  },
  {
    rule: 'in a tab file a quote inside a value is a character, a properly quoted value is unquoted, any other is kept',
    settings: { file: { delimiter: 'tab' } },
    file: 'ID\tFirst\tLast\tMobile\n1\tAnn "Nan"\t"Lee\tFox"\t7165550101\n2\t"Bo" B\t"Roe\t7165550102\n',
    contacts: [
      { first_name: 'Ann "Nan"', last_name: 'Lee\tFox' },
      { first_name: '"Bo" B', last_name: '"Roe' },
    ],
  },
  {
    rule: 'U+FFFD is never stored: a record that holds one in a mapped value is rejected, in another it is ignored',
    file: text('1,An\ufffd,Lee,716-555-0101,s1,N,Art,', '2,Bo,Lee,716-555-0102,,N,,\ufffd'),
    contacts: [{ contact_id: '2' }],
    errors: [{ line: 2, codes: ['E_ENCODING'] }],
  },
  {
    rule: 'a team setting can force the encoding',
    settings: { file: { encoding: 'windows-1252' } },
    file: Buffer.from(text('1,\xc3\xa9,Lee,716-555-0101,s1,N,Art,'), 'latin1'),
    contacts: [{ first_name: 'Ã©' }],
    warnings: {},
  },
  {
    rule: 'a leading \' before = + - @ is stripped, ="00123" is unwrapped, also where either is quoted',
    file: text(`="001","'=Ann",'-Lee,'+17165550101,"=""s1""",N,'@x,'x`, "2,'quoted',O'Neil,716-555-0102,,N,''=x,"),
    contacts: [
      { contact_id: '001', first_name: '=Ann', last_name: '-Lee', staff_id: 's1', custom_fields: { Major: '@x' } },
      { first_name: "'quoted'", last_name: "O'Neil", custom_fields: { Major: "'=x" } },
    ],
  },
  {
    rule: 'the header is compared trimmed, without its mark and NBSP, exactly first and then without case; a first line sep= is skipped',
    file: Buffer.from(`\ufeffsep=,\n${withHeader(' id\u00a0,ID,FIRST,"Last",\u00a0mobile', 'x,1,Ann,Lee,7165550101')}`),
    contacts: [{ contact_id: '1', first_name: 'Ann' }],
  },
  {
    rule: 'unmapped or empty duplicates in the header do no harm',
    file: withHeader('x,x,,,ID,First,Last,Mobile', 'a,b,c,d,1,Ann,Lee,7165550101'),
    contacts: [{ contact_id: '1', first_name: 'Ann' }],
  },
  {
    rule: "a Required custom field's value may be empty",
    settings: { additionalFields: [{ ...major, required: true }] },
    file: text('1,Ann,Lee,716-555-0101,s1,N,,'),
    contacts: [{ contact_id: '1', custom_fields: {} }],
  },
  {
    rule: 'a mapped column that is not Required and absent: stored values are kept, with a warning',
    before: text(ANN),
    file: withHeader('ID,First,Last,Mobile,Out', '1,Anna,Lee,7165550101,N'),
    contacts: [{ ...STORED_ANN, first_name: 'Anna' }],
    warnings: { W_COLUMN_ABSENT: 2 },
  },
  {
    rule: 'where the team has set that, the values of an absent column are cleared',
    settings: { absentColumn: 'clear' },
    before: text(ANN),
    file: withHeader('ID,First,Last,Mobile,Out', '1,Ann,Lee,7165550101,N'),
    contacts: [{ ...STORED_ANN, staff_id: null, custom_fields: {} }],
    warnings: { W_COLUMN_ABSENT: 2 },
  },
  {
    rule: 'a header only: imported with 0 records and a warning',
    file: text(),
    counts: { records: 0, created: 0 },
    warnings: { W_NO_RECORDS: 1 },
    contacts: [],
  },
]

const records: Rule[] = [
  {
    rule: 'Contact ID is text, case-sensitive, its leading zeros are kept; unknown: created, known: updated',
    before: text('007,Ann,Lee,716-555-0101,,N,,'),
    file: text(
      '007,Anna,Lee,716-555-0101,,N,,',
      '7,Bo,Lee,716-555-0102,,N,,',
      'a7,Cy,Lee,716-555-0103,,N,,',
      'A7,Di,Lee,716-555-0104,,N,,',
    ),
    counts: { created: 3, updated: 1 },
    contacts: ['Anna', 'Bo', 'Di', 'Cy'].map((first_name) => ({ first_name })),
  },
  {
    rule: 'contacts missing from the file are untouched, always',
    settings: { absentColumn: 'clear' },
    before: text(ANN),
    file: text('2,Bo,Lee,716-555-0102,,N,,'),
    contacts: [STORED_ANN, { contact_id: '2' }],
  },
  {
    rule: 'outer blanks of any value are trimmed, NBSP too; text is stored as written otherwise',
    file: text(
      '\u00a0 1 , Ann\u00a0B ,"\tLe  e ",\u00a0716-555-0101 , s1,\u00a0n ,"<b>\'; drop table contact;--\\N\\. ",',
    ),
    contacts: [
      {
        contact_id: '1',
        first_name: 'Ann\u00a0B',
        last_name: 'Le  e',
        staff_id: 's1',
        custom_fields: { Major: "<b>'; drop table contact;--\\N\\." },
      },
    ],
  },
  {
    rule: 'a composed and a decomposed letter are kept as written, and are two Contact IDs',
    file: text('\u00e9,Zo\u00eb,Lee,716-555-0101,,N,,', 'e\u0301,Zoe\u0308,Lee,716-555-0102,,N,,'),
    counts: { created: 2, superseded: 0 },
    contacts: [
      { contact_id: 'e\u0301', first_name: 'Zoe\u0308' },
      { contact_id: '\u00e9', first_name: 'Zo\u00eb' },
    ],
  },
  ...(['1,,Lee,716-555-0101', ',Ann,Lee,716-555-0101', '1,Ann,\u00a0,716-555-0101', '1,Ann,Lee, '] as const).map(
    (record, index): Rule => ({
      rule: `a blank ${['First Name', 'Contact ID', 'Last Name', 'Mobile Number'][index]} rejects the record, and the field is named`,
      file: withHeader('ID,First,Last,Mobile', record),
      errors: [
        {
          line: 2,
          codes: ['E_REQUIRED_BLANK'],
          says: `${['First Name', 'Contact ID', 'Last Name', 'Mobile Number'][index]} is blank`,
        },
      ],
    }),
  ),
  {
    rule: 'mobile numbers are stored in E.164, never cut, never glued: two in one value, or a line break inside one, are rejected',
    file: text(
      '1,Ann,Lee,1 (716) 555.0101,,N,,',
      '2,Bo,Lee,+44 20 7946 0958,,N,,',
      '3,Cy,Lee,011 44 20 7946 0958,,N,,',
      '4,Di,Lee,716-555-0101 716-555-0102,,N,,',
      '5,Ed,Lee,"716-555\n0105",,N,,',
      '6,Flo,Lee,716-555-010,,N,,',
    ),
    contacts: ['+17165550101', '+442079460958', '+442079460958'].map((mobile_number) => ({ mobile_number })),
    errors: [5, 6, 8].map((line) => ({ line, codes: ['E_MOBILE_INVALID'] })),
  },
  {
    rule: 'same Contact ID twice in a file: the last valid record wins, the others are superseded, both lines are named',
    file: text(ANN.replace('Ann', 'Old'), ANN, '1,,Lee,716-555-0101,s1,N,Art,'),
    counts: { records: 3, created: 1, superseded: 1, rejected: 1 },
    contacts: [STORED_ANN],
    warnings: { W_DUPLICATE_CONTACT_ID: 1 },
    errors: [{ line: 4, codes: ['E_REQUIRED_BLANK'] }],
  },
  {
    rule: 'a custom field that is blank with its column present clears the stored value, a blank Staff ID the assignment',
    before: text(ANN),
    file: text('1,Ann,Lee,716-555-0101, ,N,\u00a0,'),
    contacts: [{ ...STORED_ANN, staff_id: null, custom_fields: {} }],
  },
  {
    rule: 'a NUL in a mapped value never harms the records around it; in an unmapped column it is ignored',
    file: text(ANN, '2,B\0o,Lee,716-555-0102,,N,,', '3,Cy,Lee,716-555-0103,,N,,\0x\0', '4,Di,Lee,716-555-0104,,N,L\0,'),
    contacts: [STORED_ANN, { contact_id: '3' }],
    errors: [3, 5].map((line) => ({ line, codes: ['E_CONTROL_CHARACTER'] })),
  },
  {
    rule: 'several faults in one record are all told',
    file: text(' ,A\0,,555,,perhaps,,'),
    errors: [
      {
        line: 2,
        codes: ['E_REQUIRED_BLANK', 'E_CONTROL_CHARACTER', 'E_REQUIRED_BLANK', 'E_MOBILE_INVALID', 'E_OPTOUT_VALUE'],
      },
    ],
  },
  {
    rule: 'a wrong number of values, damaged quoting and a broken encoding stand alone',
    settings: { file: { encoding: 'utf-8' } },
    file: Buffer.concat([
      Buffer.from(text(',,,555,,perhaps,', ',"x"y,,555,,perhaps,,', ',,,555,,perhaps,,').slice(0, -1)),
      Buffer.of(0xe9, 0x0a),
    ]),
    errors: [
      { line: 2, codes: ['E_COLUMN_COUNT'] },
      { line: 3, codes: ['E_QUOTE'] },
      { line: 4, codes: ['E_ENCODING'] },
    ],
  },
  {
    rule: 'a rejected record leaves the stored contact untouched',
    before: text(ANN),
    file: text('1,Anna,Park,555,,N,Law,'),
    contacts: [STORED_ANN],
    errors: [{ line: 2, codes: ['E_MOBILE_INVALID'] }],
  },
]

const optOuts: Rule[] = [
  {
    rule: 'no opt-out column mapped: a new contact is opted in, a known contact keeps its preference',
    settings: { optOut: null },
    before: text(ANN),
    stop: true,
    file: text('1,Ann,Lee,716-555-0101,s1,N,Law,', '2,Bo,Lee,716-555-0102,,Y,,'),
    contacts: [
      { opted_out: true, opt_out_source: 'contact' },
      { opted_out: false, opt_out_source: 'default' },
    ],
    warnings: {},
  },
  {
    rule: 'values are compared trimmed and without case with the configured ones; neither: the record is rejected',
    settings: { optOut: { ...optOut, optInValue: 'Yes Please', optOutValue: 'STOP' } },
    file: text(
      '1,Ann,Lee,716-555-0101,,\u00a0yes PLEASE ,,',
      '2,Bo,Lee,716-555-0102,, stop,,',
      '3,Cy,Lee,716-555-0103,,Y,,',
    ),
    contacts: [{ opted_out: false }, { opted_out: true }],
    errors: [{ line: 4, codes: ['E_OPTOUT_VALUE'] }],
  },
  ...(['keep', 'opt_in', 'opt_out'] as const).map(
    (emptyMeans): Rule => ({
      rule: `an empty value where the setting is ${emptyMeans}, for contacts that are known and one that is new`,
      settings: { optOut: { ...optOut, emptyMeans } },
      before: text('1,Ann,Lee,716-555-0101,,N,,', '2,Bo,Lee,716-555-0102,,Y,,'),
      file: text('1,Ann,Lee,716-555-0101,,,x,', '2,Bo,Lee,716-555-0102,,,x,', '3,Cy,Lee,716-555-0103,,,x,'),
      contacts: {
        keep: [false, true, false],
        opt_in: [false, false, false],
        opt_out: [true, true, true],
      }[emptyMeans].map((opted_out) => ({ opted_out })),
    }),
  ),
  ...(['opt_in', 'opt_out'] as const).map(
    (emptyMeans): Rule => ({
      rule: `column mapped but absent from this file: preserved, also where an empty value would mean ${emptyMeans} and absent columns are cleared`,
      settings: {
        optOut: { ...optOut, emptyMeans },
        absentColumn: 'clear',
        fields: { ...MAPPED.fields, staffId: null },
      },
      before: text('1,Ann,Lee,716-555-0101,,N,,', '2,Bo,Lee,716-555-0102,,Y,,'),
      file: withHeader(
        'ID,First,Last,Mobile,Major',
        '1,Anna,Lee,7165550101,',
        '2,Bob,Lee,7165550102,',
        '3,Cy,Lee,7165550103,',
      ),
      contacts: [
        { first_name: 'Anna', opted_out: false },
        { first_name: 'Bob', opted_out: true },
        { opted_out: false, opt_out_source: 'default' },
      ],
      warnings: { W_OPTOUT_COLUMN_ABSENT: 1 },
    }),
  ),
  {
    rule: 'of several records of one Contact ID an explicit value wins over an empty one; of explicit values the last valid one counts',
    settings: { optOut: { ...optOut, emptyMeans: 'opt_in' } },
    file: text(
      '1,Ann,Lee,716-555-0101,,Y,,',
      '1,Ann,Lee,716-555-0101,,,,',
      '2,Bo,Lee,716-555-0102,,N,,',
      '2,Bo,Lee,716-555-0102,,Y,,',
      '3,Cy,Lee,716-555-0103,,Y,,',
      '3,Cy,Lee,716-555-0103,,N,,',
      '3,Cy,Lee,716-555-0103,,perhaps,,',
    ),
    contacts: [{ opted_out: true }, { opted_out: true }, { opted_out: false }],
    errors: [{ line: 8, codes: ['E_OPTOUT_VALUE'] }],
  },
  {
    rule: 'an explicit opt-out in a rejected record counts for a known Contact ID, in the database or in this file',
    before: text(ANN),
    file: text('1,Ann,Lee,555,s1,Y,,', '2,Bo,Lee,716-555-0102,,N,,', '2,Bo,Lee,555,,Y,,', '9,Cy,Lee,555,,Y,,'),
    contacts: [
      { ...STORED_ANN, opted_out: true, opt_out_source: 'import' },
      { contact_id: '2', opted_out: true },
    ],
    warnings: { W_OPTOUT_APPLIED_FROM_BAD_RECORD: 2 },
    errors: [2, 4, 5].map((line) => ({ line, codes: ['E_MOBILE_INVALID'] })),
  },
  {
    rule: 'unless a later valid record of that ID says opt-in',
    before: text(ANN),
    file: text('1,Ann,Lee,555,s1,Y,,', ANN),
    contacts: [STORED_ANN],
    warnings: {},
    errors: [{ line: 2, codes: ['E_MOBILE_INVALID'] }],
  },
  {
    rule: 'not so where the columns cannot be trusted, and never for an empty value',
    settings: { optOut: { ...optOut, emptyMeans: 'opt_out' }, file: { encoding: 'utf-8' } },
    before: text(ANN),
    file: Buffer.concat([
      Buffer.from(
        text(
          '1,Ann,Lee,716-555-0101,s1,Y,',
          '1,"Ann"x,Lee,716-555-0101,s1,Y,,',
          '1,Ann,Lee,555,s1,,,',
          '1,Ann,Lee,716-555-0101,s1,Y,,',
        ).slice(0, -1),
      ),
      Buffer.of(0xe9, 0x0a),
    ]),
    contacts: [STORED_ANN],
    warnings: {},
    errors: [
      { line: 2, codes: ['E_COLUMN_COUNT'] },
      { line: 3, codes: ['E_QUOTE'] },
      { line: 4, codes: ['E_MOBILE_INVALID'] },
      { line: 5, codes: ['E_ENCODING'] },
    ],
  },
  {
    rule: 'a person who opted out by themselves is never opted in again by an import, not by an empty value either',
    settings: { optOut: { ...optOut, emptyMeans: 'opt_in' } },
    before: text(ANN),
    stop: true,
    file: text(ANN.replace('N,Art', ',Law')),
    contacts: [{ ...STORED_ANN, custom_fields: { Major: 'Law' }, opted_out: true, opt_out_source: 'contact' }],
    warnings: { W_OPTIN_BLOCKED: 1 },
  },
]

for (const [subject, rules] of Object.entries({ 'reading a file': reading, records, 'opt-out': optOuts }))
  describe(subject, () => {
    for (const rule of rules) test(rule.rule, () => shown(rule))
  })

test('of records with one Contact ID the warning names both lines, also where records span lines', async () => {
  const teamId = await insertTeam(database)
  const file = text('1,"An\nn",Lee,716-555-0101,,N,,', '', '1,Ann,Lee,716-555-0101,,N,,')
  const { batchId } = await importBytes(database, teamId, file, { settings: settingsOf(MAPPED) })
  expect(await warningsOf(database, batchId)).toMatchObject([
    { line: 2, contact_id: '1', message: expect.stringMatching(/line 2 .*line 5/) },
  ])
})

describe('limits', () => {
  const options = { worthAThread: Number.POSITIVE_INFINITY }
  const fields = Array.from({ length: 25 }, (_, index) => ({ ...major, name: `Field ${index}`, column: `F${index}` }))

  test('25 additional fields, in a record of 2,000 values, are all kept', async () => {
    const teamId = await insertTeam(database)
    const others = Array.from({ length: 2_000 - 29 }, () => '')
    const header = [
      'ID',
      'First',
      'Last',
      'Mobile',
      ...fields.map(({ column }) => column),
      ...others.map((_, i) => `x${i}`),
    ]
    const record = ['1', 'Ann', 'Lee', '7165550101', ...fields.map(({ name }) => `${name}!`), ...others]
    const { counts } = await importBytes(database, teamId, `${header}\n${record}\n`, {
      settings: settingsOf({ additionalFields: fields }),
    })
    expect(counts).toMatchObject({ records: 1, created: 1 })
    expect((await contactsOf(database, teamId))[0]?.custom_fields).toEqual(
      Object.fromEntries(fields.map(({ name }) => [name, `${name}!`])),
    )
  })

  test('IDs and names have at most 255 characters and custom values 4,000, counted as characters: emoji and accents count once', async () => {
    const teamId = await insertTeam(database)
    const most = (index: number) => `${index}${['x', 'é', '😀', '好'][index]?.repeat(254)}`
    const rows = [0, 1, 2, 3].flatMap((index) => {
      const good = [most(index), '😀'.repeat(255), most(index), `716555010${index}`, '', 'N', '😀'.repeat(4_000), '']
      const long = [0, 1, 2, 6].map((at) => good.map((value, column) => (column === at ? `${value}😀` : value)))
      return [good, ...long]
    })
    const { counts, batchId } = await importBytes(database, teamId, text(...rows.map((row) => row.join(','))), {
      settings: settingsOf(MAPPED),
    })
    expect(counts).toMatchObject({ records: 20, created: 4, rejected: 16 })
    const codes = (await errorsOf(database, batchId)).map(({ errors }) => errors.map(({ code }) => code).join())
    expect(new Set(codes)).toEqual(new Set(['E_TOO_LONG']))
    expect((await contactsOf(database, teamId)).map(({ contact_id }) => contact_id).sort()).toEqual(
      [0, 1, 2, 3].map(most).sort(),
    )
  })

  const mebibyte = 1024 * 1024
  const filler = (bytes: number) => 'x'.repeat(bytes)
  test('a record of 1 MiB is read and one byte more is not, whatever its characters; the records around it are', async () => {
    const teamId = await insertTeam(database)
    const start = (id: number) => `${id},Zoë,Lee,716555010${id},,N,,`
    const room = mebibyte - Buffer.byteLength(start(1))
    const { counts, batchId } = await importBytes(
      database,
      teamId,
      text(
        start(0),
        start(1) + filler(room),
        start(2) + filler(room + 1),
        `${start(3)}"${'é'.repeat(room / 2)}"`,
        start(4),
      ),
      { settings: settingsOf(MAPPED), options },
    )
    expect(counts).toMatchObject({ records: 5, created: 3, rejected: 2 })
    expect(await errorsOf(database, batchId)).toMatchObject([
      { line: 4, errors: [{ code: 'E_TOO_LONG', message: expect.stringContaining('1,048,576 bytes') }] },
      { line: 5, errors: [{ code: 'E_TOO_LONG' }] },
    ])
  })

  test('a header of 1 MiB is read, a longer one is not', async () => {
    const teamId = await insertTeam(database)
    const columns = 'ID,First,Last,Mobile,'
    const file = (bytes: number) => `${columns}${filler(bytes - columns.length)}\n1,Ann,Lee,7165550101,\n`
    const settings = settingsOf()
    await expect(importBytes(database, teamId, file(mebibyte + 1), { settings, options })).rejects.toMatchObject({
      code: 'F_HEADER_MISSING',
      message: expect.stringContaining('1,048,576 bytes'),
    })
    expect((await importBytes(database, teamId, file(mebibyte), { settings, options })).counts).toMatchObject({
      created: 1,
    })
  })
})
