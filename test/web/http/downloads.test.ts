import { parse } from 'csv-parse/sync'
import { beforeAll, expect, test } from 'vitest'
import { plainValue } from '../../../ingest/records/cell.ts'
import { UNSAVED_SETTINGS } from '../../../model/import-settings.ts'
import { saveSettings } from '../../../store/settings.ts'
import { createTeam } from '../../../store/teams.ts'
import { anyJson, OWNER, testWeb } from '../../support/web.ts'

const { db, caller } = testWeb()
const CONTACTS = 2500
/** Names that an object has by itself. */
const FIELDS = ['Major, minor', 'constructor', 'toString', '__proto__']
let call: Awaited<ReturnType<typeof caller>>

beforeAll(async () => {
  call = await caller(OWNER.email)
  const team = await createTeam(db, { team: 'admissions', name: 'Admissions', timeZone: 'UTC' })
  if (!team) throw new Error('the team was not made')
  const { version: _, ...body } = UNSAVED_SETTINGS
  const field = { column: 'M', required: false, mergeable: true, visibleToUser: true }
  await saveSettings(
    db,
    team.id,
    0,
    { ...body, additionalFields: FIELDS.map((name) => ({ ...field, name, column: name })) },
    'test',
  )
  const contacts = Array.from({ length: CONTACTS }, (_, index) => ({
    team_id: team.id,
    contact_id: String(index).padStart(5, '0'),
    first_name: index === 0 ? '=HYPERLINK("http://x")' : index === 2 ? 'x;=1+1' : 'Ann',
    last_name: index === 0 ? 'Two\r\nlines' : 'Lee',
    mobile_number: '+17165550101',
    staff_id: null,
    custom_fields: index === 1 ? '{"Major, minor":"@SUM(A1)","__proto__":"kept"}' : '{"Major, minor":"@SUM(A1)"}',
    opted_out: index === 1,
    record_hash: null,
    last_batch_id: null,
  }))
  for (let at = 0; at < CONTACTS; at += 500)
    await db
      .insertInto('contact')
      .values(contacts.slice(at, at + 500))
      .execute()
})

test('the contacts of a team are one file, of which a spreadsheet runs nothing', async () => {
  const response = await call('GET', '/api/teams/admissions/contacts.csv')
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(response.headers.get('content-disposition')).toBe(
    `attachment; filename="admissions_contacts.csv"; filename*=UTF-8''admissions_contacts.csv`,
  )
  const bytes = Buffer.from(await response.arrayBuffer())
  // Without it a spreadsheet takes the file for one of its machine's code page.
  expect(bytes.toString()[0]).toBe('\ufeff')
  const text = bytes.toString().slice(1)
  // Some spreadsheets divide at semicolons.
  expect(text).toContain(`00002,"x;'=1+1",Lee`)
  const records: string[][] = parse(text)
  expect(records).toHaveLength(CONTACTS + 1)
  expect(records.slice(0, 3)).toEqual([
    ['Contact ID', 'First Name', 'Last Name', 'Mobile Number', 'Staff ID', 'Opted Out', ...FIELDS],
    ['00000', `'=HYPERLINK("http://x")`, 'Two\r\nlines', `'+17165550101`, '', 'N', `'@SUM(A1)`, '', '', ''],
    ['00001', 'Ann', 'Lee', `'+17165550101`, '', 'Y', `'@SUM(A1)`, '', '', 'kept'],
  ])
  expect(records.slice(1, 4).map((record) => record.slice(1, 4).map(plainValue))).toEqual([
    ['=HYPERLINK("http://x")', 'Two\r\nlines', '+17165550101'],
    ['Ann', 'Lee', '+17165550101'],
    ['x;=1+1', 'Lee', '+17165550101'],
  ])
  expect((await anyJson(await call('GET', '/api/audit?limit=1'))).items[0]).toMatchObject({
    action: 'contacts.download',
  })
})

test('the audit is a file too, whole and newest first', async () => {
  for (let change = 0; change < 3; change++) await call('PATCH', '/api/teams/admissions', { name: `=Name ${change}` })
  for (const at of ['/api/audit.csv', '/api/audit.csv?team=admissions']) {
    const records: string[][] = parse(await (await call('GET', at)).text())
    expect(records[0]).toEqual(['at', 'team', 'actor', 'actorKind', 'address', 'action', 'subject', 'details'])
    expect(records[1]?.slice(1, 6)).toEqual([
      'admissions',
      'test (dana@example.edu)',
      'token',
      '127.0.0.1',
      'team.change',
    ])
    expect(JSON.parse(records[1]?.[7] ?? '')).toEqual({ name: { from: '=Name 1', to: '=Name 2' } })
  }
})

test('what is masked stays masked in the audit', async () => {
  await call('POST', '/api/teams/admissions/ftp-accounts', { username: 'sis' })
  await call('PATCH', '/api/teams/admissions/ftp-accounts/sis', { permissions: 'full' })
  const { items } = await anyJson(await call('GET', '/api/audit?limit=1'))
  expect(items[0]).toMatchObject({ details: { permissions: { from: 'upload', to: 'full' } } })
})
