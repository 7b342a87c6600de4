import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Run } from '../../model/run.ts'
import { importDate, testService } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

const service = testService()

const HEADER = 'ID,First,Last,Cell,OptOut,Major'
const csv = (...records: string[]) => [HEADER, ...records, ''].join('\r\n')

function expectSums({ batches }: Run) {
  for (const { counts } of batches)
    expect(counts.records).toBe(
      counts.created + counts.updated + counts.unchanged + counts.rejected + counts.superseded,
    )
}

test('a file uploaded over FTPS is imported by Run Import, archived under its date, and has its recap', async () => {
  const team = await service.makeTeam('admissions')
  const reply = await team.upload(
    '/cadence/imports/StudentData.csv',
    csv(
      '1001,Ann,Lee,(716) 555-0101,N,Biology',
      '1002,"Zoë ""Zo""",Müller,1.716.555.0102,Y,"Art, Music"',
      '1003,Bo,Park,716-555-01,N,Law',
      '1001,Ann,Lee-Fox,716 555 0103,N,',
    ),
  )
  expect(reply).toBe(
    '226 Transfer complete. StudentData.csv will be imported in the next window, 3-5 AM (America/New_York).',
  )
  expect(await readdir(join(team.root, 'cadence/imports'))).toEqual(['StudentData.csv'])

  const run = await service.runImport('admissions')
  expectSums(run)
  const archived = `/cadence/archive/StudentData_${importDate(run)}.csv`
  expect(run).toMatchObject({
    number: 1,
    team: 'admissions',
    trigger: 'on_demand',
    window: null,
    state: 'imported_with_errors',
    requestedBy: 'admin@localhost',
    files: [{ path: '/cadence/imports/StudentData.csv', verdict: 'claimed' }],
    batches: [
      {
        state: 'imported_with_errors',
        fileName: 'StudentData.csv',
        counts: { records: 4, created: 2, rejected: 1, superseded: 1, imported: 2, optedOut: 1 },
        warnings: { W_DUPLICATE_CONTACT_ID: 1 },
        problem: null,
        afterImport: { action: 'move', path: archived },
      },
    ],
  })

  expect(await anyJson(await service.call('GET', '/api/teams/admissions/contacts/1002'))).toMatchObject({
    firstName: 'Zoë "Zo"',
    lastName: 'Müller',
    mobileNumber: '+17165550102',
    mobileDisplay: '1-716-555-0102',
    optOut: { state: 'opted_out', source: 'import' },
    customFields: { Major: 'Art, Music' },
  })
  const { rows } = await service.database.pool.query('select * from contact_list order by contact_id')
  expect(rows).toMatchObject([
    { team: 'admissions', contact_id: '1001', last_name: 'Lee-Fox', mobile_number: '+17165550103', custom_fields: {} },
    { team: 'admissions', contact_id: '1002', opted_out: true },
  ])

  expect(await readdir(join(team.root, 'cadence/imports'))).toEqual([])
  expect(await readFile(join(team.root, archived), 'utf8')).toContain('Zoë')

  const batch = run.batches[0]
  const mail = await service.mailbox.recapOf(batch?.id)
  expect(mail.to).toEqual(['registrar@example.edu', 'it@example.edu'])
  expect(mail.parsed.subject).toBe('[Admissions] StudentData.csv: 2 of 4 imported, 1 error')
  expect(mail.parsed.headers.get('x-rosterport-batch')).toBe(batch?.id)
  expect(mail.parsed.text).toContain(batch?.id)
  expect(mail.parsed.text).toContain(batch?.sha256)
  expect(mail.parsed.text).toContain(archived)
  const errorFile = mail.parsed.attachments[0]
  expect(errorFile?.filename).toBe('StudentData_errors.csv')
  const [header, error] = (errorFile?.content.toString().slice(1) ?? '').split('\r\n')
  expect(header).toBe(`line,code,message,${HEADER}`)
  expect(error).toMatch(/^4,E_MOBILE_INVALID,.*,1003,Bo,Park,716-555-01,N,Law$/)

  const served = await service.call('GET', `/api/batches/${batch?.id}/errors.csv`)
  expect(Buffer.from(await served.arrayBuffer())).toEqual(errorFile?.content)
})

test('a corrected error file can be sent again as it is', async () => {
  const team = await service.makeTeam('resend')
  await team.upload(
    '/cadence/imports/StudentData.csv',
    csv('1,Ann,Lee,716-555-01,N,=Law', '2,Bo,Park,716-555-0102,N,Art'),
  )
  const run = await service.runImport('resend')
  const errors = await (await service.call('GET', `/api/batches/${run.batches[0]?.id}/errors.csv`)).text()
  await team.upload('/cadence/imports/StudentData.csv', errors.replace(/716-555-01,/, '716-555-0101,'))
  const again = await service.runImport('resend')
  expect(again.batches[0]?.counts).toMatchObject({ records: 1, created: 1 })
  expect(await anyJson(await service.call('GET', '/api/teams/resend/contacts/1'))).toMatchObject({
    mobileNumber: '+17165550101',
    customFields: { Major: '=Law' },
  })
})

test('a file without a required column is rejected as a whole, stays in its place, and one mail says why', async () => {
  const team = await service.makeTeam('columns')
  await team.upload('/cadence/imports/StudentData.csv', 'ID,First,Last,Mobile_Number\r\n1,Ann,Lee,716-555-0101\r\n')
  const run = await service.runImport('columns')
  expect(run.state).toBe('rejected')
  expect(run.batches[0]?.problem?.code).toBe('F_COLUMN_MISSING')
  expect(run.batches[0]?.problem?.message).toContain('Mobile_Number')
  expect(await readdir(join(team.root, 'cadence/imports'))).toEqual(['StudentData.csv'])
  const mail = await service.mailbox.recapOf(run.batches[0]?.id)
  expect(mail.parsed.subject).toBe('[Admissions] StudentData.csv: not imported, a required column is missing')
  expect((await anyJson(await service.call('GET', '/api/teams/columns/contacts'))).items).toEqual([])
})

test('a run that finds nothing to import says why, file by file', async () => {
  const team = await service.makeTeam('nothing')
  await team.upload('/cadence/imports/studentdata.csv', csv('1,Ann,Lee,716-555-0101,N,'))
  const run = await service.runImport('nothing')
  expect(run.state).toBe('nothing_to_import')
  expect(run.batches).toEqual([])
  expect(run.files).toMatchObject([{ path: '/cadence/imports/studentdata.csv', verdict: 'waiting' }])
  expect(run.files[0]?.reason).toContain('upper and lower case count')
})

test('with all matching each file is a batch, oldest first, and a bad one does not stop the rest', async () => {
  const team = await service.makeTeam('many')
  const settings = await anyJson(await service.call('GET', '/api/teams/many/import-settings'))
  settings.file.select = 'all_matching'
  settings.file.afterImport = { action: 'delete' }
  expect((await service.call('PUT', '/api/teams/many/import-settings', settings)).status).toBe(200)
  await team.upload('/cadence/imports/StudentData_z.csv', csv('1,Ann,Lee,716-555-0101,N,'))
  await team.upload('/cadence/imports/StudentData_m.csv', '\r\n')
  await team.upload('/cadence/imports/StudentData_a.csv', csv('1,Ann,Lee-Fox,716-555-0101,N,'))
  const run = await service.runImport('many')
  expectSums(run)
  expect(run.batches.map(({ fileName, state }) => `${fileName} ${state}`)).toEqual([
    'StudentData_z.csv imported',
    'StudentData_m.csv rejected',
    'StudentData_a.csv imported',
  ])
  expect(await readdir(join(team.root, 'cadence/imports'))).toEqual(['StudentData_m.csv'])
  for (const { id } of run.batches) await service.mailbox.recapOf(id)
})

test('with most recent an older file is superseded and never imported by itself', async () => {
  const team = await service.makeTeam('recent')
  await team.upload('/cadence/imports/StudentData_1.csv', csv('1,Old,Lee,716-555-0101,N,'))
  await team.upload('/cadence/imports/StudentData_2.csv', csv('1,New,Lee,716-555-0101,N,'))
  expect((await service.runImport('recent')).batches.map(({ fileName }) => fileName)).toEqual(['StudentData_2.csv'])
  const again = await service.runImport('recent')
  expect(again).toMatchObject({
    state: 'nothing_to_import',
    files: [{ path: '/cadence/imports/StudentData_1.csv', verdict: 'superseded' }],
  })
})

test('a marker and a checksum file behind the real one are passed over, and the real one is imported, told in the recap', async () => {
  const team = await service.makeTeam('marker')
  await team.uploadAll([
    ['/cadence/imports/StudentData_1.csv', csv('1,Old,Lee,716-555-0101,N,')],
    ['/cadence/imports/StudentData_2.csv', csv('1,New,Lee,716-555-0101,N,')],
    ['/cadence/imports/StudentData_2.csv.md5', `${'ab'.repeat(16)}  StudentData_2.csv\n`],
    ['/cadence/imports/StudentData_2.complete', '1 record\n'],
  ])
  const run = await service.runImport('marker')
  expect(run.batches.map(({ fileName, state }) => `${fileName} ${state}`)).toEqual([
    'StudentData_2.complete rejected',
    'StudentData_2.csv imported',
  ])
  expect(run.files.map(({ path, verdict }) => `${path.slice(17)} ${verdict}`)).toEqual([
    'StudentData_1.csv superseded',
    'StudentData_2.complete rejected',
    'StudentData_2.csv claimed',
    'StudentData_2.csv.md5 waiting',
  ])
  expect((await anyJson(await service.call('GET', '/api/teams/marker/contacts/1'))).firstName).toBe('New')
  const { text } = (await service.mailbox.recapOf(run.batches[1]?.id)).parsed
  expect(text).toContain(
    'Newer files passed over (they cannot be read)\n  File: /cadence/imports/StudentData_2.complete:',
  )
  expect(text).toContain('/cadence/imports/StudentData_1.csv')
  await service.mailbox.recapOf(run.batches[0]?.id)
})

test('the same bytes sent again are imported again, everything unchanged, and the run says so', async () => {
  const team = await service.makeTeam('again')
  const content = csv('1,Ann,Lee,716-555-0101,N,')
  await team.upload('/cadence/imports/StudentData.csv', content)
  await service.runImport('again')
  await team.upload('/cadence/imports/StudentData.csv', content)
  const run = await service.runImport('again')
  expect(run.batches[0]).toMatchObject({
    state: 'imported',
    counts: { records: 1, unchanged: 1, created: 0, updated: 0 },
    warnings: { W_IDENTICAL_FILE: 1 },
    afterImport: { path: `/cadence/archive/StudentData_${importDate(run)}_2.csv` },
  })
})

test('Run Import is refused while the four fields are not mapped, and for a team that does not exist', async () => {
  const fields = { contactId: 'ID', firstName: null, lastName: 'Last', mobileNumber: null, staffId: null }
  await service.makeTeam('unmapped', { fields })
  const refused = await service.call('POST', '/run-import', { team: 'unmapped' })
  expect(refused.status).toBe(422)
  expect((await anyJson(refused)).detail).toMatch(/First Name.*Mobile Number/)
  expect((await service.call('POST', '/run-import', { team: 'nobody' })).status).toBe(404)
})

test('a window that opened while the service was down runs at boot, once', async () => {
  service.clock.now = new Date('2026-11-22T15:00:00Z')
  const team = await service.makeTeam('window')
  await team.upload('/cadence/imports/StudentData.csv', csv('1,Ann,Lee,716-555-0101,N,'))
  await service.stop()
  // 3:30 AM in New York.
  service.clock.now = new Date('2026-11-23T08:30:00Z')
  await service.start()
  const scheduled = async () => (await anyJson(await service.call('GET', '/api/teams/window/runs'))).items as Run[]
  const [first] = await scheduled()
  const run = await service.finishedRun(first?.id ?? '')
  expect(run).toMatchObject({
    trigger: 'scheduled',
    window: { name: 'overnight', date: '2026-11-23' },
    state: 'imported',
    requestedBy: null,
  })
  await service.stop()
  await service.start()
  expect(await scheduled()).toHaveLength(1)
  service.clock.now = new Date('2026-11-22T15:00:00Z')
})
