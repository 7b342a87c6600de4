import { expect, test } from 'vitest'
import {
  ERROR_CODES,
  type ErrorCode,
  FILE_CODES,
  type FileCode,
  WARNING_CODES,
  type WarningCode,
} from '../../model/codes.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import { setOptOut } from '../../store/contacts/contact-list.ts'
import { contactsOf, errorsOf, importBytes, insertTeam } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { settingsOf } from '../support/reading.ts'

/** Every code of a batch, brought about by a file on its way into a real database. */
const database = testDatabase()

const HEADER = 'ID,First,Last,Mobile,Out,Advisor'
const GOOD = '1,Ann,Lee,716-555-0101,N,s1'
const MAPPED: Partial<ImportSettings> = {
  fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Mobile', staffId: 'Advisor' },
  optOut: { column: 'Out', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' },
}
const text = (...lines: string[]) => `${[HEADER, ...lines].join('\n')}\n`

const files: Record<Exclude<FileCode, 'F_UNREADABLE'>, { bytes: string | Buffer; says: RegExp }> = {
  F_EMPTY: { bytes: '\ufeff\n', says: /empty/ },
  F_NOT_TEXT: { bytes: Buffer.from('PK\x03\x04xl/', 'latin1'), says: /Excel/ },
  F_ENCODING: { bytes: Buffer.from('ID,Pr\xe9nom,\xc3\xa9\n1,2,3\n', 'latin1'), says: /UTF-8/ },
  F_HEADER_MISSING: { bytes: 'Students of 2026\n1,Ann\n', says: /Students of 2026/ },
  F_COLUMN_MISSING: { bytes: 'ID,First,Last,Cell Phone\n', says: /no column "Mobile"/ },
  F_HEADER_DUPLICATE: { bytes: 'ID,First,Last,Mobile,Mobile\n', says: /2 times/ },
  F_COLUMN_SHIFT: {
    bytes: `${HEADER}\n1,11,Ann,Lee,716-555-0101,N,\n2,12,Bo,Lee,716-555-0102,N,\n`,
    says: /row names/,
  },
  F_TOO_DAMAGED: { bytes: `${HEADER}\n${'1,"Ann,Lee\n'.repeat(1_100)}`, says: /1,000/ },
}
for (const [code, { bytes, says }] of Object.entries(files))
  test(`${code}: nothing of the file is applied`, async () => {
    const teamId = await insertTeam(database)
    const imported = importBytes(database, teamId, bytes, { settings: settingsOf(MAPPED) })
    await expect(imported).rejects.toMatchObject({ code, message: expect.stringMatching(says) })
    expect(await contactsOf(database, teamId)).toEqual([])
  })

const records: Record<ErrorCode, { record: string | Buffer; settings?: Partial<ImportSettings> }> = {
  E_REQUIRED_BLANK: { record: '2, ,Lee,716-555-0102,,' },
  E_MOBILE_INVALID: { record: '2,Bo,Lee,716-055-0102,,' },
  E_MOBILE_SCIENTIFIC: { record: '2,Bo,Lee,7.16E+09,,' },
  E_MOBILE_SHARED: { record: '2,Bo,Lee,716-555-0109,,\n3,Cy,Lee,716-555-0109,,', settings: { sharedMobile: 'reject' } },
  E_OPTOUT_VALUE: { record: '2,Bo,Lee,716-555-0102,perhaps,' },
  E_COLUMN_COUNT: { record: '2,Bo,Lee,716-555-0102,' },
  E_QUOTE: { record: '2,"Bo"x,Lee,716-555-0102,,' },
  E_ENCODING: { record: Buffer.from('2,Bo\xe9,Lee,716-555-0102,,\n4,\xc3\xa9,Lee,716-555-0104,,', 'latin1') },
  E_TOO_LONG: { record: `2,${'x'.repeat(256)},Lee,716-555-0102,,` },
  E_CONTROL_CHARACTER: { record: '2,B\0o,Lee,716-555-0102,,' },
  E_SPREADSHEET: { record: '2,#N/A,Lee,716-555-0102,,' },
}
for (const code of ERROR_CODES)
  test(`${code}: the record is rejected, its contact untouched, and the good one beside it imported`, async () => {
    const teamId = await insertTeam(database)
    const { record, settings } = records[code]
    const before = text('2,Old,Lee,716-555-0122,N,')
    await importBytes(database, teamId, before, { settings: settingsOf({ ...MAPPED, ...settings }) })
    const file = Buffer.concat([Buffer.from(text(GOOD)), Buffer.from(record as string), Buffer.from('\n')])
    const { batchId } = await importBytes(database, teamId, file, { settings: settingsOf({ ...MAPPED, ...settings }) })
    const [error] = await errorsOf(database, batchId)
    expect(error).toMatchObject({ line: 3, errors: [{ code }] })
    expect(await contactsOf(database, teamId)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ contact_id: '1', first_name: 'Ann' }),
        expect.objectContaining({ contact_id: '2', first_name: 'Old' }),
      ]),
    )
  })

/** Given by what happens around the batch, not by its file. */
type Elsewhere = 'W_AFTER_IMPORT_FAILED' | 'W_RECORD_COUNT_DROP' | 'W_MASS_CHANGE' | 'W_FIELD_MASS_CLEARED'

const remarks: Record<Exclude<WarningCode, Elsewhere>, { file: string | Buffer; earlier?: string; after?: object }> = {
  W_DUPLICATE_CONTACT_ID: { file: text(GOOD, GOOD.replace('Ann', 'Bo')), after: { first_name: 'Bo' } },
  W_MOBILE_SHARED: { file: text(GOOD, GOOD.replace('1,', '2,')) },
  W_EXTENSION_IGNORED: { file: text(GOOD.replace('0101', '0101 x12')), after: { mobile_number: '+17165550101' } },
  W_STAFF_UNKNOWN: { file: text(GOOD), after: { staff_id: 's1' } },
  W_COLUMN_ABSENT: {
    earlier: text(GOOD),
    file: 'ID,First,Last,Mobile,Out\n1,Ann,Lee,716-555-0101,N\n',
    after: { staff_id: 's1' },
  },
  W_OPTOUT_COLUMN_ABSENT: {
    earlier: text(GOOD.replace('N', 'Y')),
    file: 'ID,First,Last,Mobile,Advisor\n1,Ann,Lee,716-555-0101,s1\n',
    after: { opted_out: true },
  },
  W_OPTIN_BLOCKED: { earlier: text(GOOD), file: text(GOOD), after: { opted_out: true, opt_out_source: 'contact' } },
  W_OPTOUT_BY_NUMBER: {
    earlier: text(GOOD.replace('1,', '0,')),
    file: text(GOOD),
    after: { contact_id: '0', opted_out: true },
  },
  W_OPTOUT_APPLIED_FROM_BAD_RECORD: {
    earlier: text(GOOD),
    file: text('1,,Lee,716-555-0101,Y,'),
    after: { first_name: 'Ann', opted_out: true },
  },
  W_IDENTICAL_FILE: { earlier: text(GOOD), file: text(GOOD) },
  W_NO_RECORDS: { file: text() },
  W_ENCODING_FALLBACK: {
    file: Buffer.from(text(GOOD.replace('Ann', 'Ren\xe9e')), 'latin1'),
    after: { first_name: 'Renée' },
  },
  W_MOBILE_AREA_UNKNOWN: { file: text(GOOD.replace('716', '222')), after: { mobile_number: '+12225550101' } },
  W_MOBILE_COUNTRY_DOUBTFUL: {
    file: text(GOOD.replace('716-555-0101', '+6625550101')),
    after: { mobile_number: '+6625550101' },
  },
}
for (const [code, { file, earlier, after }] of Object.entries(remarks))
  test(`${code}: the remark is counted, and again when the same file comes again`, async () => {
    const teamId = await insertTeam(database)
    const settings = settingsOf(MAPPED)
    if (earlier !== undefined) await importBytes(database, teamId, earlier, { settings })
    if (code === 'W_OPTIN_BLOCKED') await setOptOut(database.db, teamId, '1', 'opted_out', 'contact')
    if (code === 'W_OPTOUT_BY_NUMBER') await setOptOut(database.db, teamId, '0', 'opted_out', 'contact')
    // Applied once, such an opt-out is the contact's own.
    const times = code.startsWith('W_OPTOUT_APPLIED') || code === 'W_OPTOUT_BY_NUMBER' ? 1 : 2
    for (let time = 0; time < times; time++) {
      const { warnings } = await importBytes(database, teamId, file, { settings })
      expect(warnings).toHaveProperty(code)
      if (after) expect((await contactsOf(database, teamId))[0]).toMatchObject(after)
    }
  })

test('the tables above leave out only what does not come from a file', () => {
  const elsewhere: readonly string[] = [
    'W_AFTER_IMPORT_FAILED',
    'W_RECORD_COUNT_DROP',
    'W_MASS_CHANGE',
    'W_FIELD_MASS_CLEARED',
  ]
  expect(FILE_CODES.filter((code) => !(code in files))).toEqual(['F_UNREADABLE'])
  expect(WARNING_CODES.filter((code) => !(code in remarks))).toEqual(elsewhere)
})
