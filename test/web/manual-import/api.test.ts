import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import { UNSAVED_SETTINGS } from '../../../model/import-settings.ts'
import { saveSettings } from '../../../store/settings.ts'
import { createTeam } from '../../../store/teams.ts'
import { overlaid } from '../../server/support/ftp-server.ts'
import { insertRun } from '../../support/history.ts'
import { anyJson, OWNER, testWeb } from '../../support/web.ts'

/** What the test says of the disk; the real one where it says nothing. */
let space: { freeBytes: number; totalBytes: number } | null = null
const { db, importer, filesFolder, asOwner, caller, address } = testWeb({
  fileAreaOf: (team) => {
    const area = diskFileArea(join(filesFolder, team.team))
    return overlaid(area, { space: async () => space ?? area.space() })
  },
})
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
  space = null
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
  importer.answer = { ok: false, runId: run, undoing: false }
  const inTheWay = { runId: run, detail: expect.stringMatching(/^A run is already in progress/) }
  const late = await call('PUT', `${AT}?fileName=a.csv`, 'x')
  expect([late.status, await late.json()]).toEqual([409, inTheWay])
  expect(await hidden()).toEqual(before)
  await db.updateTable('run').set({ state: 'running' }).where('id', '=', run).execute()
  importer.given.length = 0
  const early = await call('PUT', `${AT}?fileName=a.csv`, 'x')
  expect([early.status, await early.json()]).toEqual([409, inTheWay])
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
  const token = await anyJson(await asOwner('POST', '/api/tokens', { name: 'cut' }))
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

test('of many files at once a team may upload five, and more as soon as one has ended', async () => {
  const before = (await hidden()).length
  const [host = '', port] = address().split(':')
  const { token } = await anyJson(await asOwner('POST', '/api/tokens', { name: 'many' }))
  const headers = { authorization: `Bearer ${token}`, 'content-length': 20 }
  const begin = () => {
    const sending = httpRequest({ host, port, method: 'PUT', path: `${AT}?fileName=a.csv`, headers })
    sending.on('error', () => {})
    sending.write('ID,First,')
    return sending
  }
  const going = Array.from({ length: 5 }, begin)
  await expect.poll(async () => (await hidden()).length).toBe(before + 5)
  const [refused] = (await once(begin(), 'response')) as [IncomingMessage]
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '10'])
  expect((await hidden()).length).toBe(before + 5)
  const [first, ...rest] = going
  const answered = once(first as (typeof going)[number], 'response') as Promise<[IncomingMessage]>
  first?.end('Last,Cell\r\n')
  expect((await answered)[0].statusCode).toBe(202)
  const next = begin()
  await expect.poll(async () => (await hidden()).length).toBe(before + 6)
  for (const sending of [...rest, next]) sending.destroy()
  await expect.poll(async () => (await hidden()).length).toBe(before + 1)
})

/** Sends what it is told and says how the service answered, without ever ending the body. */
async function answerTo(headers: Record<string, number>, ...chunks: Buffer[]) {
  const [host = '', port] = address().split(':')
  const { token } = await anyJson(await asOwner('POST', '/api/tokens', { name: 'stream' }))
  const path = '/api/teams/small/manual-import?fileName=a.csv'
  const sending = httpRequest({
    host,
    port,
    method: 'PUT',
    path,
    headers: { authorization: `Bearer ${token}`, ...headers },
  })
  sending.on('error', () => {})
  sending.flushHeaders()
  for (const chunk of chunks) sending.write(chunk)
  const [response] = (await once(sending, 'response')) as [IncomingMessage]
  const body = JSON.parse(await text(response))
  sending.destroy()
  return [response.statusCode, response.headers['content-type'], body.detail]
}

describe('room', () => {
  const PROBLEM = 'application/problem+json'
  const DISK = 'The server disk is nearly full; nothing was stored. Ask your server administrator for space.'
  const QUOTA = 'This team may keep 1000000 bytes; remove some files.'
  const small = () => readdir(join(filesFolder, 'small', '.rosterport')).catch(() => [])

  beforeAll(async () => {
    const team = await createTeam(db, { team: 'small', name: 'Small', timeZone: 'UTC' })
    if (!team) throw new Error('the team was not made')
    const { version: _, ...body } = UNSAVED_SETTINGS
    await saveSettings(db, team.id, 0, { ...body, fields: MAPPED }, 'test')
    await db.updateTable('team').set({ quota_bytes: 1_000_000, quota_files: 2 }).where('id', '=', team.id).execute()
  })

  test('a file that says it is larger than its team may keep is refused before its body', async () => {
    expect(await answerTo({ 'content-length': 1_000_001 })).toEqual([507, PROBLEM, QUOTA])
    expect(await small()).toEqual([])
  })

  test('a file that does not say its size is refused where it passes what its team may keep', async () => {
    const chunk = Buffer.alloc(600_000)
    expect(await answerTo({}, chunk, chunk)).toEqual([507, PROBLEM, QUOTA])
    await vi.waitFor(async () => expect(await small()).toEqual([]))
    expect(importer.given).toEqual([])
  })

  test('a file that the disk has no room for is refused, told or not', async () => {
    space = { freeBytes: 6_000_000_000, totalBytes: 100_000_000_000 }
    await db.updateTable('team').set({ quota_bytes: 1e12 }).where('team', '=', 'small').execute()
    expect(await answerTo({ 'content-length': 2_000_000_000 })).toEqual([507, PROBLEM, DISK])
    space = { freeBytes: 4_000_000_000, totalBytes: 100_000_000_000 }
    expect(await answerTo({}, Buffer.alloc(9 << 20))).toEqual([507, PROBLEM, DISK])
    await db.updateTable('team').set({ quota_bytes: 1_000_000 }).where('team', '=', 'small').execute()
    await vi.waitFor(async () => expect(await small()).toEqual([]))
  })

  test('one file more than a team may keep is refused', async () => {
    const put = () => call('PUT', '/api/teams/small/manual-import?fileName=a.csv', 'x')
    // What was refused before is forgotten within a second.
    for (let kept = 0; kept < 2; kept++)
      await vi.waitFor(async () => expect((await put()).status).toBe(202), { timeout: 5000 })
    const third = await put()
    expect([third.status, (await anyJson(third)).detail]).toEqual([507, 'This team may keep 2 files; remove some.'])
    expect(await small()).toHaveLength(2)
  })
})
