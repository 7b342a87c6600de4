import { test } from 'vitest'
import { testDatabase } from '../../support/database.ts'
import { ANN, major, type Rule, STORED_ANN, showRule, text, withHeader } from '../../support/rules.ts'

const database = testDatabase()

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
    rule: 'the one exception is a file whose first record ends in one delimiter too many',
    file: text('2,Bo,Lee,716-555-0102,,N,,,', `${ANN},`),
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

for (const rule of reading) test(rule.rule, () => showRule(database, rule))
