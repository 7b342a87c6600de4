import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { UNSAVED_SETTINGS } from '../../../model/import-settings.ts'
import { saveSettings } from '../../../store/settings.ts'
import { createTeam } from '../../../store/teams.ts'
import { anyJson, OWNER, testWeb } from '../../support/web.ts'

const { db, filesFolder, caller } = testWeb()
const AT = '/api/teams/admissions/check'
const fields = { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Cell', staffId: null }
const additionalFields = [
  { name: 'Major', column: 'Major', required: false, mergeable: true, visibleToUser: false },
  { name: 'Year', column: 'Year', required: false, mergeable: false, visibleToUser: true },
]
let call: Awaited<ReturnType<typeof caller>>

beforeAll(async () => {
  const team = await createTeam(db, { team: 'admissions', name: 'Admissions', timeZone: 'UTC' })
  if (!team) throw new Error('the team was not made')
  const { version: _, ...body } = UNSAVED_SETTINGS
  await saveSettings(db, team.id, 0, { ...body, fields, additionalFields }, 'test')
  await createTeam(db, { team: 'unmapped', name: 'Unmapped', timeZone: 'UTC' })
  const folder = join(filesFolder, 'admissions', 'in')
  await mkdir(folder, { recursive: true })
  await writeFile(
    join(folder, 'a.csv'),
    'ID,First,Last,Cell,Major,Year\n1,Ann,Lee,716-555-0101,Art,2027\n2,Bo,Park,5,,\n',
  )
  await db
    .insertInto('contact')
    .values({
      team_id: team.id,
      contact_id: '1',
      first_name: 'Ann',
      last_name: 'Lee',
      mobile_number: '+17165550101',
      staff_id: null,
      custom_fields: JSON.stringify({ Major: 'Law', Old: 'x' }),
      record_hash: null,
      last_batch_id: null,
    })
    .execute()
  call = await caller(OWNER.email)
})

test('a check answers what a run would do with the file', async () => {
  const response = await call('POST', AT, { path: '/in/a.csv' })
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({
    path: '/in/a.csv',
    fileName: 'a.csv',
    counts: { records: 2, updated: 1, rejected: 1 },
    samples: [{ contactId: '1', fields: [{ field: 'Major', before: 'Law', after: 'Art' }, { field: 'Year' }] }],
    errors: [{ code: 'E_MOBILE_INVALID' }],
  })
})

test('a client that asks for events is told the progress and then the end', async () => {
  const response = await call('POST', AT, { path: '/in/a.csv' }, { accept: 'text/event-stream' })
  // Else nginx hands the events over together at the end.
  expect(response.headers.get('X-Accel-Buffering')).toBe('no')
  const events = (await response.text()).split('\n\n').filter((event) => event !== '')
  expect(events.map((event) => /^event: (\w+)/.exec(event)?.[1])).toEqual(['progress', 'finished'])
  expect(events[1]).toContain('"updated":1')
})

for (const { title, at, path, status } of [
  { title: 'a file that is not there', at: AT, path: '/in/b.csv', status: 404 },
  { title: 'a path that is none', at: AT, path: 'in/../a.csv', status: 422 },
  { title: 'a team whose fields are not mapped', at: '/api/teams/unmapped/check', path: '/in/a.csv', status: 422 },
  { title: 'a team that is not there', at: '/api/teams/nowhere/check', path: '/in/a.csv', status: 404 },
])
  test(`${title} cannot be checked`, async () => {
    expect((await call('POST', at, { path })).status).toBe(status)
  })

test('a contact says which of its fields are visible and mergeable', async () => {
  expect(await anyJson(await call('GET', '/api/teams/admissions/contacts/1'))).toMatchObject({
    customFields: { Major: 'Law', Old: 'x' },
    fields: [
      { name: 'Major', value: 'Law', mergeable: true, visibleToUser: false },
      { name: 'Year', value: null, mergeable: false, visibleToUser: true },
      { name: 'Old', value: 'x', mergeable: false, visibleToUser: false },
    ],
  })
})

test('the merge fields of a team are the names and the custom fields that are marked as mergeable', async () => {
  expect(await anyJson(await call('GET', '/api/teams/admissions/merge-fields'))).toEqual([
    { name: 'First Name', tag: '{{First Name}}' },
    { name: 'Last Name', tag: '{{Last Name}}' },
    { name: 'Major', tag: '{{Major}}' },
  ])
})
