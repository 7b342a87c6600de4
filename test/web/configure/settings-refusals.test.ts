import { beforeAll, expect, test } from 'vitest'
import { UNSAVED_SETTINGS } from '../../../model/import-settings.ts'
import { createTeam } from '../../../store/teams.ts'
import { anyJson, OWNER, testWeb } from '../../support/web.ts'

const { db, caller } = testWeb()
let call: Awaited<ReturnType<typeof caller>>

const GOOD = {
  ...UNSAVED_SETTINGS,
  file: { ...UNSAVED_SETTINGS.file, path: '/in', afterImport: { action: 'move', path: '/done' } },
  fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Cell', staffId: null },
}
const field = (name: string, column: string) => ({
  name,
  column,
  required: false,
  mergeable: true,
  visibleToUser: true,
})
const file = (change: object) => ({ file: { ...GOOD.file, ...change } })

beforeAll(async () => {
  await createTeam(db, { team: 'admissions', name: 'Admissions', timeZone: 'UTC' })
  call = await caller(OWNER.email)
})

const refusals: { title: string; change: object; faults: [path: string, message: RegExp][] }[] = [
  {
    title: 'a File Path without a leading slash',
    change: file({ path: 'in' }),
    faults: [['file.path', /must begin with a slash/]],
  },
  {
    title: 'a File Path that climbs',
    change: file({ path: '/in/../../etc' }),
    faults: [['file.path', /must not hold "\." or "\.\."/]],
  },
  {
    title: 'a File Path with a backslash',
    change: file({ path: '/in\\x' }),
    faults: [['file.path', /a slash or a backslash/]],
  },
  {
    title: 'a prefix with a slash',
    change: file({ namePrefix: 'in/Student' }),
    faults: [['file.namePrefix', /no slash/]],
  },
  ...[0, 1.5, 8_785, '26'].map((silenceHours) => ({
    title: `silence of ${JSON.stringify(silenceHours)} hours`,
    change: { silenceHours },
    faults: [['silenceHours', /whole number of hours from 1 to 8,784/]] as [string, RegExp][],
  })),
  {
    title: 'a prefix with a line break',
    change: file({ namePrefix: 'a\r\nb' }),
    faults: [['file.namePrefix', /no control character/]],
  },
  {
    title: 'an archive that is the File Path, written otherwise',
    change: file({ path: '/in', afterImport: { action: 'move', path: '/in/' } }),
    faults: [['file.afterImport.path', /must differ from the File Path/]],
  },
  {
    title: 'a delimiter that does not exist',
    change: file({ delimiter: 'semicolon' }),
    faults: [['file.delimiter', /^This must be "comma" or "tab"\.$/]],
  },
  {
    title: 'two fields on one column',
    change: { fields: { ...GOOD.fields, staffId: 'cell' } },
    faults: [['fields.staffId', /"cell" is already mapped to Mobile Number/]],
  },
  {
    title: 'a pause that ends before it begins, one that never ends and one on no day',
    change: {
      pauses: [
        { from: '2026-12-21', to: '2026-12-20', why: '' },
        { from: '2026-12-21', to: '2036-12-21', why: '' },
        { from: '2026-02-30', to: '2026-03-01', why: '' },
      ],
    },
    faults: [
      ['pauses.0.to', /cannot be before its first day/],
      ['pauses.1.to', /at most 366 days/],
      ['pauses.2.from', /Enter a date/],
    ],
  },
  {
    title: 'an additional field on a column that is taken',
    change: { additionalFields: [field('Major', 'ID')] },
    faults: [['additionalFields.0.column', /already mapped to Contact ID/]],
  },
  {
    title: 'an additional field called as a standard field',
    change: { additionalFields: [field('first name', 'X')] },
    faults: [['additionalFields.0.name', /already called/]],
  },
  {
    title: 'more than 25 additional fields',
    change: { additionalFields: Array.from({ length: 26 }, (_, index) => field(`F${index}`, `C${index}`)) },
    faults: [['additionalFields', /At most 25/]],
  },
  {
    title: 'bad addresses, each of them',
    change: { notificationEmails: 'nobody, it@example.edu, a@b@c' },
    faults: [
      ['notificationEmails', /"nobody" is not an e-mail address/],
      ['notificationEmails', /"a@b@c"/],
    ],
  },
  {
    title: 'more than 50 addresses',
    change: { notificationEmails: Array.from({ length: 51 }, (_, n) => `a${n}@example.edu`).join(',') },
    faults: [['notificationEmails', /^The list has 51 e-mail addresses; 50 at most\./]],
  },
  {
    title: 'opt-out values that are the same',
    change: { optOut: { column: 'Opt', optInValue: 'y', optOutValue: 'Y' } },
    faults: [['optOut.optOutValue', /must differ/]],
  },
  { title: 'no schedule at all', change: { schedule: undefined }, faults: [['schedule', /^This is missing\.$/]] },
  {
    title: 'a window that is neither on nor off',
    change: { schedule: { ...GOOD.schedule, morning: 'yes' } },
    faults: [['schedule.morning', /^This must be true or false\.$/]],
  },
  {
    title: 'faults of single values and of several together, all at once',
    change: {
      ...file({ path: 'in', namePrefix: 'a/b', afterImport: { action: 'move', path: '../x' } }),
      fields: { ...GOOD.fields, contactId: '', staffId: 'Cell' },
      optOut: { column: 'First', optInValue: 'N', optOutValue: 'n', emptyMeans: 'maybe' },
      additionalFields: [field('Major', 'last'), field('major', 7 as unknown as string)],
      notificationEmails: 'nobody',
    },
    faults: [
      ['additionalFields.0.column', /already mapped to Last Name/],
      ['additionalFields.1.column', /must be a text/],
      ['additionalFields.1.name', /already called/],
      ['fields.contactId', /Enter the column/],
      ['fields.staffId', /already mapped/],
      ['file.afterImport.path', /begin with a slash/],
      ['file.namePrefix', /no slash/],
      ['file.path', /begin with a slash/],
      ['notificationEmails', /not an e-mail address/],
      ['optOut.column', /already mapped to First Name/],
      ['optOut.emptyMeans', /"keep" or "opt_in" or "opt_out"/],
      ['optOut.optOutValue', /must differ/],
    ],
  },
]
for (const { title, change, faults } of refusals)
  test(`${title}: refused with its place and a reason`, async () => {
    const response = await call('PUT', '/api/teams/admissions/import-settings', { ...GOOD, ...change })
    const body = await anyJson(response)
    expect(response.status).toBe(422)
    const told: { path: string; message: string }[] = body.errors.toSorted(
      (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
    )
    expect(told.map(({ path }) => path)).toEqual(faults.map(([path]) => path))
    for (const [index, [, message]] of faults.entries()) expect(told[index]?.message).toMatch(message)
  })

test('a time zone that nobody knows is refused', async () => {
  const response = await call('PATCH', '/api/teams/admissions', { timeZone: 'Mars/Olympus' })
  expect([response.status, (await anyJson(response)).errors]).toEqual([
    422,
    [{ path: 'timeZone', message: 'Choose a time zone from the list, such as America/New_York.' }],
  ])
})
