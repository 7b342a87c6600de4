import { test } from 'vitest'
import { testDatabase } from '../../support/database.ts'
import { ANN, MAPPED, optOut, type Rule, STORED_ANN, showRule, text, withHeader } from '../../support/rules.ts'

const database = testDatabase()

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
  ...(['keep', 'opt_in', 'opt_out'] as const).map(
    (emptyMeans): Rule => ({
      rule: `column mapped but absent from this file: known contacts keep theirs, a new one is as with an empty value where that means ${emptyMeans}`,
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
        { opted_out: emptyMeans === 'opt_out', opt_out_source: emptyMeans === 'keep' ? 'default' : 'import' },
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

for (const rule of optOuts) test(rule.rule, () => showRule(database, rule))
