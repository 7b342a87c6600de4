import { beforeAll, beforeEach, expect, test } from 'vitest'
import { FileProblem } from '../../../files/file-area.ts'
import type { StartedRun } from '../../../ingest/run-queue.ts'
import { type ImportSettings, UNSAVED_SETTINGS } from '../../../model/import-settings.ts'
import { createTeam } from '../../../store/teams.ts'
import { anyJson, OWNER, testWeb } from '../../support/web.ts'

let folders: (paths: readonly string[]) => void = () => {}
const { db, importer, caller } = testWeb({ prepareFolders: async (_team, paths) => folders(paths) })
let call: Awaited<ReturnType<typeof caller>>
const AT = '/api/teams/admissions/import-settings'

const MAPPED: ImportSettings = {
  ...UNSAVED_SETTINGS,
  notificationEmails: 'registrar@example.edu, it@example.edu',
  fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Cell', staffId: null },
}

beforeAll(async () => {
  await createTeam(db, { team: 'admissions', name: 'Admissions', timeZone: 'UTC' })
  call = await caller(OWNER.email)
})

beforeEach(async () => {
  folders = () => {}
  importer.started.length = 0
  await db.deleteFrom('import_settings').execute()
  await db.deleteFrom('audit').execute()
})

async function save(settings: unknown) {
  const response = await call('PUT', AT, settings)
  return { status: response.status, body: await anyJson(response) }
}

test('before anyone saved, the settings are those of a new team', async () => {
  expect(await (await call('GET', AT)).json()).toEqual(UNSAVED_SETTINGS)
})

test('what is saved is the next version, and the one that is read', async () => {
  const saved = await save(MAPPED)
  expect(saved).toEqual({ status: 200, body: { ...MAPPED, version: 1 } })
  expect(await (await call('GET', AT)).json()).toEqual(saved.body)
})

test('saving makes File Path and archive folder', async () => {
  const made: string[] = []
  folders = (paths) => made.push(...paths)
  await save({ ...MAPPED, file: { ...MAPPED.file, path: '/in/', afterImport: { action: 'move', path: '/done' } } })
  expect(made).toEqual(['/in', '/done'])
})

test('when a folder cannot be made nothing is saved', async () => {
  folders = (paths) => {
    throw new FileProblem('not-a-folder', paths[0] ?? '')
  }
  expect(await save(MAPPED)).toMatchObject({ status: 409, body: { detail: 'This is not a folder: /' } })
  expect(await (await call('GET', AT)).json()).toMatchObject({ version: 0 })
})

test('settings that were saved by someone else meanwhile are not overwritten', async () => {
  await save(MAPPED)
  const late = await save({ ...MAPPED, notificationEmails: '' })
  expect(late).toMatchObject({ status: 409, body: { status: 409, title: 'Conflict' } })
  expect(await (await call('GET', AT)).json()).toEqual({ ...MAPPED, version: 1 })
})

test('of many who save the same version at once, one wins', async () => {
  const saves = await Promise.all(Array.from({ length: 8 }, () => save(MAPPED)))
  expect(saves.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)])
})

test('every fault is listed with its path', async () => {
  const { status, body } = await save({
    ...MAPPED,
    version: 'one',
    file: { ...MAPPED.file, path: 'relative', delimiter: 'semicolon', afterImport: { action: 'move', path: '/../up' } },
    notificationEmails: 'nobody, it@example.edu',
    fields: { ...MAPPED.fields, contactId: '' },
  })
  expect(status).toBe(422)
  expect(body.errors.map((fault: { path: string }) => fault.path).sort()).toEqual([
    'fields.contactId',
    'file.afterImport.path',
    'file.delimiter',
    'file.path',
    'notificationEmails',
    'version',
  ])
})

test('an archive path that is the File Path is a fault of the archive path', async () => {
  const file = { ...MAPPED.file, path: '/in', afterImport: { action: 'move', path: '/in' } }
  const { status, body } = await save({ ...MAPPED, file })
  expect([status, body.errors[0].path]).toEqual([422, 'file.afterImport.path'])
})

test('the audit says who saved which values', async () => {
  await save(MAPPED)
  await save({ ...MAPPED, version: 1, schedule: { ...MAPPED.schedule, morning: true } })
  const { items } = await anyJson(await call('GET', '/api/audit?team=admissions'))
  expect(items[0]).toMatchObject({
    team: 'admissions',
    actor: 'test (dana@example.edu)',
    actorKind: 'token',
    address: '127.0.0.1',
    action: 'import-settings.save',
    subject: 'version 2',
    details: { 'schedule.morning': { from: false, to: true } },
  })
})

test('Run Import names the fields that are not mapped yet', async () => {
  await save({ ...MAPPED, fields: { ...MAPPED.fields, lastName: null, mobileNumber: null } })
  const response = await call('POST', '/run-import', { team: 'admissions' })
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({
    detail: 'Nothing can be imported yet: Last Name, Mobile Number must be mapped to a column.',
    errors: [{ path: 'fields.lastName' }, { path: 'fields.mobileNumber' }],
  })
  expect(importer.started).toEqual([])
})

const RUN = '22222222-2222-4222-8222-222222222222'
const presses: { title: string; answer: StartedRun; status: number; detail?: unknown }[] = [
  { title: 'starts a run', answer: { ok: true, runId: RUN }, status: 202 },
  {
    title: 'answers 409 with the run that is going',
    answer: { ok: false, runId: RUN, undoing: false },
    status: 409,
    detail: expect.stringMatching(/^A run is already in progress/),
  },
  {
    title: 'answers 409 with the run that is being undone',
    answer: { ok: false, runId: RUN, undoing: true },
    status: 409,
    detail: expect.stringMatching(/^An import of this team is being undone/),
  },
]
for (const { title, answer, status, detail } of presses)
  test(`Run Import ${title}`, async () => {
    await save(MAPPED)
    importer.answer = answer
    const response = await call('POST', '/run-import', { team: 'admissions' })
    expect([response.status, await response.json()]).toEqual([status, { runId: RUN, detail }])
    expect(importer.started).toEqual([{ team: 'admissions', requestedBy: OWNER.email }])
  })

test('Run Import of a form leads back to the Imports page, or to the run that is being undone', async () => {
  await save(MAPPED)
  for (const { answer } of presses) {
    importer.answer = answer
    const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }
    const response = await call('POST', '/run-import', 'team=admissions', form)
    const page = !answer.ok && answer.undoing ? `runs/${RUN}` : 'imports'
    expect([response.status, response.headers.get('location')]).toEqual([303, `/teams/admissions/${page}`])
  }
})

test('the hours of silence are 26 unless they are said, may be none, and stand in the audit', async () => {
  const { silenceHours: _, ...unsaid } = MAPPED
  expect((await save(unsaid)).body).toMatchObject({ silenceHours: 26, version: 1 })
  expect((await save({ ...unsaid, version: 1, silenceHours: null })).body).toMatchObject({ silenceHours: null })
  const { items } = await anyJson(await call('GET', '/api/audit?team=admissions'))
  expect(items[0].details).toMatchObject({ silenceHours: { from: 26, to: null } })
})

test('an alias belongs to a mapped field, and no two fields share a column', async () => {
  const aliases = { mobileNumber: ['CELL_PHONE'] }
  expect((await save({ ...MAPPED, aliases })).body).toMatchObject({ version: 1, aliases })
  const faults = async (given: unknown) =>
    (await save({ ...MAPPED, version: 1, aliases: given })).body.errors.map(({ path }: { path: string }) => path)
  expect(await faults({ staffId: ['ADVISOR'] })).toEqual(['aliases.staffId'])
  expect(await faults({ Major: ['MAJR'] })).toEqual(['aliases.Major'])
  expect(await faults({ mobileNumber: ['first'] })).toEqual(['aliases.mobileNumber.0'])
  expect(await faults({ mobileNumber: ['Tel'], contactId: ['TEL'] })).toEqual(['aliases.contactId.0'])
})

test('addresses that are taken off the list are told once, and nobody else', async () => {
  const told = async () =>
    (await db.selectFrom('mail').select(['recipients', 'content']).where('kind', '=', 'removed').execute()).map(
      ({ recipients, content }) => [recipients.map(({ address }) => address), content?.subject],
    )
  await save(MAPPED)
  await save({ ...MAPPED, version: 1, notificationEmails: 'IT@example.edu, registrar@example.edu, new@example.edu' })
  expect(await told()).toEqual([])
  await save({ ...MAPPED, version: 2, notificationEmails: 'new@example.edu' })
  const once = [['IT@example.edu', 'registrar@example.edu'], '[Admissions] you no longer get recaps']
  expect(await told()).toEqual([once])
  await save({ ...MAPPED, version: 3, notificationEmails: '' })
  expect(await told()).toEqual([once, [['new@example.edu'], once[1]]])
})

test('a loop of lists that are entered and removed floods no mailboxes', async () => {
  const statuses: number[] = []
  for (let version = 0; statuses.at(-1) !== 429 && version < 60; version++) {
    const notificationEmails = version % 2 === 0 ? `stranger-${version}@example.edu` : ''
    statuses.push((await save({ ...MAPPED, version, notificationEmails })).status)
  }
  expect(statuses.at(-1)).toBe(429)
  const { count } = await db
    .selectFrom('mail')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('kind', '=', 'removed')
    .executeTakeFirstOrThrow()
  expect(Number(count)).toBeLessThanOrEqual(10)
  // Nothing was saved untold.
  expect(await anyJson(await call('GET', AT))).toMatchObject({
    notificationEmails: expect.stringMatching(/^stranger-/),
  })
})
