import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { UNSAVED_SETTINGS } from '../../model/import-settings.ts'
import { saveSettings } from '../../store/settings.ts'
import { createTeam } from '../../store/teams.ts'
import { insertRun } from '../support/history.ts'
import { anyJson, OWNER, testWeb } from '../support/web.ts'

const { db, importer, filesFolder, caller, address } = testWeb()
const AT = '/api/teams/admissions/manual-import'
const MAPPED = { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Cell', staffId: null }
let call: Awaited<ReturnType<typeof caller>>
let run: string

beforeAll(async () => {
  const team = await createTeam(db, { team: 'admissions', name: 'Admissions', timeZone: 'UTC' })
  if (!team) throw new Error('the team was not made')
  const { version: _, ...body } = UNSAVED_SETTINGS
  await saveSettings(db, team.id, 0, { ...body, fields: MAPPED }, 'test')
  await createTeam(db, { team: 'unmapped', name: 'Unmapped', timeZone: 'UTC' })
  run = (await insertRun(db, team.id, 1)).run
  call = await caller(OWNER.email)
})
beforeEach(() => {
  importer.given.length = 0
  importer.answer = { ok: true, runId: '11111111-1111-4111-8111-111111111111' }
})

const hidden = () => readdir(join(filesFolder, 'admissions', '.rosterport')).catch(() => [])

test('a file of more than any other body is taken as it is, under a hidden name', async () => {
  const content = 'ID,First,Last,Cell\r\n'.repeat(200_000)
  const response = await call('PUT', `${AT}?fileName=${encodeURIComponent('März.csv')}`, content)
  expect([response.status, await response.json()]).toEqual([202, { runId: importer.answer.runId }])
  const sha256 = createHash('sha256').update(content).digest('hex')
  const [given] = importer.given
  expect(given).toMatchObject({ fileName: 'März.csv', bytes: content.length, sha256 })
  const kept = await readFile(join(filesFolder, 'admissions', '.rosterport', given?.temporaryName ?? ''), 'utf8')
  expect(kept === content).toBe(true)
  const { items } = await anyJson(await call('GET', '/api/audit'))
  expect(items[0]).toMatchObject({ action: 'run.start-manual', details: { fileName: 'März.csv', sha256 } })
})

const refusals = [
  { title: 'no name', at: AT, status: 422 },
  { title: 'a name with a path', at: `${AT}?fileName=..%2Fx`, status: 422 },
  { title: 'a name with a line break', at: `${AT}?fileName=a%0D%0Ab`, status: 422 },
  { title: 'a team whose fields are not mapped', at: '/api/teams/unmapped/manual-import?fileName=a', status: 422 },
  { title: 'a team that is not there', at: '/api/teams/nowhere/manual-import?fileName=a', status: 404 },
]
for (const { title, at, status } of refusals)
  test(`a file with ${title} is not taken`, async () => {
    const before = await hidden()
    expect((await call('PUT', at, 'x')).status).toBe(status)
    expect(await hidden()).toEqual(before)
  })

test('while a run goes on the file is not even read, and of one that began meanwhile nothing is kept', async () => {
  const before = await hidden()
  importer.answer = { ok: false, runId: run }
  const late = await call('PUT', `${AT}?fileName=a.csv`, 'x')
  expect([late.status, await late.json()]).toEqual([409, { runId: run }])
  expect(await hidden()).toEqual(before)
  await db.updateTable('run').set({ state: 'running' }).where('id', '=', run).execute()
  importer.given.length = 0
  const early = await call('PUT', `${AT}?fileName=a.csv`, 'x')
  expect([early.status, await early.json()]).toEqual([409, { runId: run }])
  expect(importer.given).toEqual([])
  await db.updateTable('run').set({ state: 'imported' }).where('id', '=', run).execute()
})

test('a compressed body is refused and not unpacked', async () => {
  const headers = { 'content-encoding': 'gzip' }
  for (const [method, path] of [
    ['PUT', `${AT}?fileName=a.csv`],
    ['POST', '/api/teams'],
  ] as const)
    expect((await call(method, path, 'x', headers)).status).toBe(415)
})

test('of an upload that breaks off nothing is left', async () => {
  const before = await hidden()
  const [host = '', port] = address().split(':')
  const token = await anyJson(await call('POST', '/api/tokens', { name: 'cut' }))
  const headers = { authorization: `Bearer ${token.token}`, 'content-length': 50_000_000 }
  const sending = httpRequest({ host, port, method: 'PUT', path: `${AT}?fileName=a.csv`, headers })
  sending.on('error', () => {})
  sending.write(Buffer.alloc(4_000_000))
  const settled = async (count: number) => {
    while ((await hidden()).length !== count) await new Promise((resolve) => setImmediate(resolve))
  }
  await settled(before.length + 1)
  const closed = new Promise((resolve) => sending.once('close', resolve))
  sending.destroy()
  await closed
  await settled(before.length)
  expect(await hidden()).toEqual(before)
  expect(importer.given).toEqual([])
})
