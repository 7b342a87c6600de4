import { readdir, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SETTINGS, testService } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

/** Which files a run takes, what becomes of them, and who is told. */
const service = testService()

const HEADER = 'ID,First,Last,Cell,OptOut,Major'
const csv = (...records: string[]) => [HEADER, ...records, ''].join('\r\n')
const FOLDER = '/cadence/imports'
const PATH = `${FOLDER}/StudentData.csv`
const ANN = '1,Ann,Lee,716-555-0101,N,Art'
const WRONG = '2,Bo,Lee,555,N,Art'
const deleted = { ...SETTINGS.file, afterImport: { action: 'delete' as const } }

const standing = (root: string) => readdir(join(root, 'cadence/imports'))
const contactOf = async (team: string, id: string) =>
  anyJson(await service.call('GET', `/api/teams/${team}/contacts/${id}`))

test('of the same name uploaded twice before the window the later replaces the earlier', async () => {
  const team = await service.makeTeam('twice')
  await team.uploadAll([
    [PATH, csv('1,Old,Lee,716-555-0101,N,')],
    [PATH, csv('1,New,Lee,716-555-0101,N,')],
  ])
  const run = await service.runImport('twice')
  expect(run.batches).toMatchObject([{ counts: { records: 1, created: 1 } }])
  expect(await contactOf('twice', '1')).toMatchObject({ firstName: 'New' })
})

test('a file whose every record is rejected has errors, is deleted by After Import, and stays in the history', async () => {
  const team = await service.makeTeam('none', { file: deleted })
  const file = csv(WRONG)
  await team.upload(PATH, file)
  const run = await service.runImport('none')
  expect(run.state).toBe('imported_with_errors')
  expect(run.batches).toMatchObject([
    {
      state: 'imported_with_errors',
      fileName: 'StudentData.csv',
      bytes: file.length,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      counts: { records: 1, imported: 0, rejected: 1 },
      afterImport: { action: 'delete', path: null },
    },
  ])
  expect(await standing(team.root)).toEqual([])
  const mail = await service.mailbox.recapOf(run.batches[0]?.id)
  expect(mail.parsed.subject).toBe('[Admissions] StudentData.csv: 0 of 1 imported, 1 error')
})

test('only regular files directly in File Path are taken', async () => {
  const team = await service.makeTeam('directly', { file: { ...SETTINGS.file, select: 'all_matching' } })
  await team.uploadAll([
    [`${FOLDER}/StudentData.csv`, csv(ANN)],
    ['/cadence/StudentData_above.csv', csv(WRONG)],
  ])
  expect((await service.call('GET', '/api/teams/directly/files')).status).toBe(200)
  const run = await service.runImport('directly')
  expect(run.batches.map(({ path }) => path)).toEqual([PATH])
})

test('a file rejected as a whole stays in its place, with one mail, and Run Import tries it again', async () => {
  const team = await service.makeTeam('whole', { file: deleted })
  await team.upload(PATH, 'ID,First\r\n1,Ann\r\n')
  for (const _ of [1, 2]) {
    const run = await service.runImport('whole')
    expect(run.batches).toMatchObject([{ state: 'rejected', problem: { code: 'F_COLUMN_MISSING' }, afterImport: null }])
    await service.mailbox.recapOf(run.batches[0]?.id)
  }
  expect(await standing(team.root)).toEqual(['StudentData.csv'])
  expect(service.mailbox.mails.filter(({ parsed }) => parsed.text?.includes('"Last"'))).toHaveLength(2)
})

test('After Import fails: the import stands, and that same upload is not imported a second time', async () => {
  const team = await service.makeTeam('stuck')
  await team.upload(PATH, csv(ANN))
  // Something else has the name of the archive folder.
  await rmdir(join(team.root, 'cadence/archive'))
  await writeFile(join(team.root, 'cadence/archive'), 'x')
  const run = await service.runImport('stuck')
  expect(run.batches).toMatchObject([{ counts: { created: 1 }, warnings: { W_AFTER_IMPORT_FAILED: 1 } }])
  expect(await standing(team.root)).toEqual(['StudentData.csv'])
  expect(await service.runImport('stuck')).toMatchObject({
    state: 'nothing_to_import',
    files: [{ path: PATH, verdict: 'imported' }],
  })
  expect(await contactOf('stuck', '1')).toMatchObject({ firstName: 'Ann' })
})

test('Manual Import: the same mapping and rules, no After Import, the recap to the list and to the person', async () => {
  await service.makeTeam('manual')
  const answer = await service.call('PUT', '/api/teams/manual/manual-import?fileName=mine.csv', csv(ANN, WRONG))
  const run = await service.finishedRun((await anyJson(answer)).runId)
  expect(run.batches).toMatchObject([{ counts: { created: 1, rejected: 1 }, afterImport: null }])
  const mail = await service.mailbox.recapOf(run.batches[0]?.id)
  expect(mail.to.toSorted()).toEqual(['admin@localhost', 'it@example.edu', 'registrar@example.edu'])
  expect(mail.parsed.subject).toBe('[Admissions] mine.csv: 1 of 2 imported, 1 error')
})

test('one mail per batch, or only with problems where the team says so; an error file only with errors', async () => {
  const team = await service.makeTeam('quiet', { notifyOn: 'problems' })
  await team.upload(PATH, csv(ANN))
  const clean = await service.runImport('quiet')
  await team.upload(PATH, csv(ANN, '3,Cy,Lee,716-555-0103 x1,N,Art'))
  const warned = await service.runImport('quiet')
  await team.upload(PATH, csv(ANN, WRONG))
  const wrong = await service.runImport('quiet')
  const attached = async (batch: string | undefined) => (await service.mailbox.recapOf(batch)).parsed.attachments.length
  expect([await attached(warned.batches[0]?.id), await attached(wrong.batches[0]?.id)]).toEqual([0, 1])
  expect(clean.batches[0]?.recap).toBeNull()
  const sent = service.mailbox.mails.map(({ parsed }) => parsed.headers.get('x-rosterport-batch'))
  expect(sent).not.toContain(clean.batches[0]?.id)
})
