import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SETTINGS, testService } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

const service = testService({ WEBHOOK_ALLOW_NETWORKS: '127.0.0.0/8' })
const SECRET = `whsec_${Buffer.from('thirty-two bytes for signatures!').toString('base64')}`
const HEADER = 'ID,First,Last,Cell,OptOut,Major'
const PATH = '/cadence/imports/StudentData.csv'
const csv = (...records: string[]) => [HEADER, ...records, ''].join('\r\n')
const GOOD = csv('90001,Zebedee,Quill,716-555-0101,N,Law', '90002,Ysolde,Quill,716-555-0102,N,Law')
/** Without the opt-out column it waits for a person. */
const HELD = [
  'ID,First,Last,Cell,Major',
  '90001,Zebedee,Quill,716-555-0101,Law',
  '90002,Ysolde,Quill,none,Law',
  '',
].join('\r\n')

interface Heard {
  type: string
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: each test looks at other parts
  data: any
}
const heard: Heard[] = []
const forged: string[] = []
let url: string
let folder: string

/** The program of docs/administrators.md judges each request. */
const receiver = createServer(async (request, response) => {
  let text = ''
  for await (const chunk of request) text += chunk
  const { isGenuine } = await import(pathToFileURL(join(folder, 'genuine.mjs')).href)
  if (!isGenuine(request.headers, text) || isGenuine(request.headers, `${text} `)) forged.push(text)
  heard.push({ ...JSON.parse(text), text })
  response.writeHead(204).end()
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rosterport-webhook-'))
  const guide = await readFile(join(import.meta.dirname, '../../docs/administrators.md'), 'utf8')
  const [, program = ''] = /```js\n(.*?)```/s.exec(guide) ?? []
  await writeFile(join(folder, 'genuine.mjs'), program)
  process.env.WEBHOOK_SECRET = SECRET
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
})
afterAll(async () => {
  receiver.close()
  delete process.env.WEBHOOK_SECRET
  await rm(folder, { recursive: true, force: true })
})

const types = () => heard.map(({ type }) => type)
const batchOf = async (team: string) => (await service.runImport(team)).batches[0]?.id as string

test('a program hears of each end of an import and of each decision, signed and without personal data', async () => {
  const team = await service.makeTeam('hooked', { webhook: { url, secret: SECRET }, notifyOn: 'problems' })
  const expected: string[] = []
  const hears = async (...more: string[]) => {
    expected.push(...more)
    await expect.poll(() => types().toSorted(), { timeout: 10_000 }).toEqual(expected.toSorted())
  }
  await team.upload(PATH, GOOD)
  const imported = await batchOf('hooked')
  await hears('batch.imported')
  expect(heard[0]?.data).toMatchObject({
    team: 'hooked',
    run: { number: 1, trigger: 'on_demand', window: null },
    batch: {
      id: imported,
      state: 'imported',
      fileName: 'StudentData.csv',
      counts: { records: 2, created: 2 },
      problem: null,
    },
    sentence: '2 of 2 records imported.',
  })
  await service.call('POST', `/api/batches/${imported}/undo`)
  await hears('batch.undone')
  expect(heard[1]?.data.batch).toMatchObject({ id: imported, state: 'undone', undone: { removed: 2, left: 0 } })
  await team.upload(PATH, 'Zebedee,Quill\r\n1,2\r\n')
  await service.runImport('hooked')
  await hears('batch.rejected')
  expect(heard[2]?.data).toMatchObject({ batch: { problem: { code: 'F_HEADER_MISSING' } } })
  await team.upload(PATH, HELD)
  await service.call('POST', `/api/batches/${await batchOf('hooked')}/discard`)
  await hears('batch.held', 'batch.discarded')
  await team.upload(PATH, `${HELD}\r\n`)
  const approved = await service.call('POST', `/api/batches/${await batchOf('hooked')}/approve`)
  await service.finishedRun((await anyJson(approved)).runId)
  await hears('batch.held', 'batch.approved', 'batch.imported_with_errors')
  const sentences = new Map(heard.map(({ type, data }) => [type, data.sentence]))
  expect(sentences.get('batch.discarded')).toBe('The held file was discarded. Nothing of it was imported.')
  expect(forged).toEqual([])
  const said = heard.map(({ text }) => text).join('\n')
  for (const personal of ['Zebedee', 'Ysolde', 'Quill', '90001', '716-555', '+1716', '@'])
    expect(said).not.toContain(personal)
})

test('a program hears that an import failed and that one was aborted', async () => {
  const team = await service.makeTeam('stopped', { webhook: { url, secret: SECRET }, notifyOn: 'problems' })
  const { db } = service.database
  await sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$`.execute(db)
  await sql`create trigger refusing before insert on contact for each row execute function refuse()`.execute(db)
  await team.upload(PATH, GOOD)
  const failed = await service.runImport('stopped')
  expect(failed.state).toBe('failed')
  await sql`drop trigger refusing on contact`.execute(db)

  const locked = db.transaction().execute(async (tx) => {
    await sql`lock table contact in share row exclusive mode`.execute(tx)
    const { runId } = await anyJson(await service.call('POST', '/run-import', { team: 'stopped' }))
    const isWaiting = sql<{ n: number }>`select count(*)::integer as n from pg_locks
      where relation = 'contact'::regclass and not granted`
    await expect.poll(async () => (await isWaiting.execute(tx)).rows[0]?.n, { timeout: 10_000 }).toBe(1)
    expect((await service.call('POST', `/api/runs/${runId}/abort`)).status).toBe(202)
    return service.finishedRun(runId)
  })
  expect((await locked).state).toBe('aborted')
  const mine = () => heard.filter(({ data }) => data.team === 'stopped')
  await expect
    .poll(() => mine().map(({ type }) => type), { timeout: 10_000 })
    .toEqual(['batch.failed', 'batch.aborted'])
  expect(mine().map(({ data }) => [data.batch.state, data.batch.counts.created, data.sentence])).toEqual([
    ['failed', 0, expect.stringContaining('Nothing was imported')],
    ['aborted', 0, expect.stringContaining('Nothing was imported')],
  ])
  expect(forged).toEqual([])
})

test('a test is heard, and a network that is not allowed is not reached', async () => {
  await service.makeTeam('tested', { webhook: { url, secret: SECRET } })
  const pressed = await service.call('POST', '/api/teams/tested/test-webhook')
  expect(await anyJson(pressed)).toMatchObject({ delivered: true, status: 204 })
  expect(types()).toContain('test')
  await service.makeTeam('inside')
  const save = async (url: string, version: number) => {
    const body = { ...SETTINGS, webhook: { url, secret: SECRET }, version }
    return service.call('PUT', '/api/teams/inside/import-settings', body)
  }
  for (const [address, why] of [
    ['http://10.0.0.1/', 'in a network that webhooks may not reach'],
    ['https://169.254.169.254/', 'in a network that webhooks may not reach'],
    ['http://1.1.1.1/', 'begins with https://'],
  ] as const) {
    const refused = await save(address, 1)
    const [fault] = (await anyJson(refused)).errors
    expect([address, refused.status, fault.path]).toEqual([address, 422, 'webhook.url'])
    expect(fault.message).toContain(why)
  }
  // One that was saved while its network was allowed.
  expect((await save(url, 1)).status).toBe(200)
  const stored = sql`jsonb_set(settings, '{webhook,url}', '"http://10.0.0.1/"')`
  await sql`update import_settings set settings = ${stored} where settings->'webhook'->>'url' = ${url}
    and team_id = (select id from team where team = 'inside')`.execute(service.database.db)
  const refused = await anyJson(await service.call('POST', '/api/teams/inside/test-webhook'))
  expect(refused).toMatchObject({ delivered: false, status: null })
  expect(refused.text).toContain('in a network that webhooks may not reach')
  expect((await save('http://10.0.0.1/', 2)).status).toBe(200)
})
