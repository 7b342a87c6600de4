import { expect, test } from 'vitest'
import { importBytes, insertTeam, warningsOf } from '../../support/batches.ts'
import { testDatabase } from '../../support/database.ts'
import { settingsOf } from '../../support/reading.ts'
import { ANN, MAPPED, type Rule, STORED_ANN, showRule, text, withHeader } from '../../support/rules.ts'

const database = testDatabase()

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
    rule: 'a composed and a decomposed letter are one Contact ID, and are kept as written in a name',
    file: text('\u00e9,Zo\u00eb,Lee,716-555-0101,,N,,', 'e\u0301,Zoe\u0308,Lee,716-555-0102,,N,,'),
    counts: { created: 1, superseded: 1 },
    contacts: [{ contact_id: '\u00e9', first_name: 'Zoe\u0308' }],
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

for (const rule of records) test(rule.rule, () => showRule(database, rule))

test('of records with one Contact ID the warning names both lines, also where records span lines', async () => {
  const teamId = await insertTeam(database)
  const file = text('1,"An\nn",Lee,716-555-0101,,N,,', '', '1,Ann,Lee,716-555-0101,,N,,')
  const { batchId } = await importBytes(database, teamId, file, { settings: settingsOf(MAPPED) })
  expect(await warningsOf(database, batchId)).toMatchObject([
    { line: 2, contact_id: '1', message: expect.stringMatching(/line 2 .*line 5/) },
  ])
})

test('a Staff ID that is unknown only for a sign in it that cannot be seen is warned about by that sign', async () => {
  const teamId = await insertTeam(database)
  await database.db
    .insertInto('team_user')
    .values({ team_id: teamId, staff_id: 's1', name: 'Sam Orr', email: 'sam@example.edu' })
    .execute()
  const file = text('1,Ann,Lee,716-555-0101,s\u200b1,N,,', '2,Bo,Lee,716-555-0102,s\u00e9,N,,')
  const { batchId } = await importBytes(database, teamId, file, { settings: settingsOf(MAPPED) })
  expect(await warningsOf(database, batchId)).toMatchObject([
    { line: 2, message: expect.stringContaining('"s\u200b1" (holds U+200B, a sign that does not print); it') },
    { line: 3, message: expect.stringContaining('"s\u00e9"; it') },
  ])
})
