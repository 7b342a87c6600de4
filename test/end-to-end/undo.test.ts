import { rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type TestTeam, testService } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

const service = testService()

const HEADER = 'ID,First,Last,Cell,OptOut,Major'
const csv = (...records: string[]) => [HEADER, ...records, ''].join('\r\n')
const PATH = '/cadence/imports/StudentData.csv'
const FIRST = csv('1,Ann,Lee,716-555-0101,N,Law', '2,Bea,Lee,716-555-0102,N,Law')
const SECOND = csv('1,Anne,Lee,716-555-0101,N,Art', '2,Bee,Lee,716-555-0102,N,Art', '3,Cal,Lee,716-555-0103,N,')

/** Answers the batch. */
async function imported(team: TestTeam, content: string): Promise<string> {
  await team.upload(PATH, content)
  const { batches } = await service.runImport(team.team)
  return batches[0]?.id ?? ''
}

const undone = (batch: string) =>
  expect
    .poll(async () => (await anyJson(await service.call('GET', `/api/batches/${batch}`))).state, { timeout: 10_000 })
    .toBe('undone')

const names = async (team: string) =>
  (await anyJson(await service.call('GET', `/api/teams/${team}/contacts`))).items.map(
    ({ firstName, customFields }: { firstName: string; customFields: object }) => [firstName, customFields],
  )

test('an import is undone: contacts are as before, an opt-out since stays, and the list is told', async () => {
  const team = await service.makeTeam('undone')
  await imported(team, FIRST)
  const batch = await imported(team, SECOND)
  const stop = { optOut: { state: 'opted_out', source: 'contact' } }
  await service.call('PATCH', '/api/teams/undone/contacts/2', stop)
  const { undoableUntil, undone: before } = await anyJson(await service.call('GET', `/api/batches/${batch}`))
  expect(Date.parse(undoableUntil)).toBeGreaterThan(Date.now() + 29 * 86_400_000)
  expect(before).toBeNull()
  const figures = { restored: 1, removed: 1, left: 1, leftContacts: [{ contactId: '2', reason: 'preference' }] }
  expect(await anyJson(await service.call('GET', `/api/batches/${batch}/undo`))).toEqual(figures)
  const answer = await service.call('POST', `/api/batches/${batch}/undo`)
  expect([answer.status, answer.headers.get('location')]).toEqual([202, `/api/batches/${batch}`])
  await undone(batch)
  expect(await names('undone')).toEqual([
    ['Ann', { Major: 'Law' }],
    ['Bee', { Major: 'Art' }],
  ])
  expect(await anyJson(await service.call('GET', `/api/batches/${batch}`))).toMatchObject({
    state: 'undone',
    undoableUntil: null,
    undo: null,
    undone: { by: 'admin@localhost', ...figures },
    counts: { records: 3, created: 1, updated: 2 },
  })
  const again = await service.call('POST', `/api/batches/${batch}/undo`)
  expect(again.status).toBe(409)
  expect((await anyJson(again)).detail).toBe('This batch was undone already, by admin@localhost.')
  const told = () => service.mailbox.mails.filter(({ parsed }) => parsed.subject?.endsWith('import undone'))
  await expect.poll(() => told().length).toBe(1)
  expect(told()[0]?.to).toEqual(['registrar@example.edu', 'it@example.edu'])
  expect(told()[0]?.parsed.subject).toBe('[Admissions] StudentData.csv: import undone')
  expect(told()[0]?.parsed.text).toContain(
    '(run 2) was undone by admin@localhost: 1 contact restored, 1 removed, 1 left as it is because it was changed since.',
  )
  const { items } = await anyJson(await service.call('GET', '/api/audit?team=undone'))
  expect(items[0]).toMatchObject({
    action: 'batch.undo',
    subject: batch,
    details: { restored: 1, removed: 1, left: 1 },
  })
})

test('during an undo no run begins, a second request changes nothing, and followers see its end', async () => {
  const team = await service.makeTeam('followed')
  const batch = await imported(team, FIRST)
  const { database, call } = service
  const holder = await database.pool.connect()
  await holder.query('begin')
  await holder.query('select from contact for update')
  const asked = await Promise.all([1, 2].map(() => call('POST', `/api/batches/${batch}/undo`)))
  expect(asked.map(({ status }) => status)).toEqual([202, 202])
  const { runId } = await anyJson(asked[0] as Response)
  const pressed = await call('POST', '/run-import', { team: 'followed' })
  expect([pressed.status, await anyJson(pressed)]).toEqual([
    409,
    { runId, detail: expect.stringMatching(/^An import of this team is being undone\./) },
  ])
  const removed = await call('DELETE', '/api/teams/followed')
  expect([removed.status, (await anyJson(removed)).detail]).toEqual([
    409,
    expect.stringContaining('an undo of this team is in progress'),
  ])
  expect(await anyJson(await call('GET', `/api/batches/${batch}`))).toMatchObject({
    ...{ state: 'imported', undoableUntil: null, undone: null },
    undo: { state: 'going', by: 'admin@localhost' },
  })
  // The stream ends with its end.
  const events = call('GET', `/api/runs/${runId}/events`).then((answer) => answer.text())
  expect(await Promise.race([events, call('GET', '/healthz').then(() => 'still open')])).toBe('still open')
  await holder.query('rollback')
  holder.release()
  expect(await events).toMatch(/event: finished.*"state":"undone"/s)
  expect((await service.runImport('followed')).state).toBe('nothing_to_import')
  const { items } = await anyJson(await call('GET', '/api/audit?team=followed'))
  expect(items.filter(({ action }: { action: string }) => action === 'batch.undo')).toHaveLength(1)
})

test('a file whose import was undone is not imported again by itself, and is when it is sent again', async () => {
  const team = await service.makeTeam('resent')
  await imported(team, FIRST)
  const batch = await imported(team, SECOND)
  await service.call('POST', `/api/batches/${batch}/undo`)
  await undone(batch)
  expect((await service.runImport('resent')).state).toBe('nothing_to_import')
  const again = await imported(team, SECOND)
  expect(await anyJson(await service.call('GET', `/api/batches/${again}`))).toMatchObject({
    state: 'imported',
    counts: { created: 1, updated: 2 },
    // What was undone is not what it is compared with.
    warnings: {},
  })
})

test('a file that stayed in its place offers Import anyway once its import was undone', async () => {
  const team = await service.makeTeam('stayed')
  // The archive cannot be written: there is a file of its name.
  await rmdir(join(team.root, 'cadence/archive'))
  await writeFile(join(team.root, 'cadence/archive'), '')
  const batch = await imported(team, FIRST)
  const listed = async () =>
    (await anyJson(await service.call('GET', '/api/teams/stayed/files'))).items.find(
      ({ path }: { path: string }) => path === PATH,
    )
  expect(await listed()).toMatchObject({ verdict: 'imported', action: 'open_batch', batchId: batch })
  expect((await service.call('POST', `/api/batches/${batch}/undo`)).status).toBe(202)
  await undone(batch)
  expect((await service.runImport('stayed')).state).toBe('nothing_to_import')
  expect(await listed()).toMatchObject({ verdict: 'imported', action: 'import_anyway' })
  expect((await listed()).reason).toContain('undone by admin@localhost')
  const started = await service.call('POST', '/api/teams/stayed/files/import', { path: PATH })
  expect(await service.finishedRun((await anyJson(started)).runId)).toMatchObject({
    batches: [{ counts: { created: 2 } }],
  })
})
