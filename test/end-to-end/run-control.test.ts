import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { simpleParser } from 'mailparser'
import { expect, test } from 'vitest'
import type { Run } from '../../model/run.ts'
import { type TestTeam, testService } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

const service = testService()

const HEADER = 'ID,First,Last,Cell,OptOut,Major'
const csv = (...records: string[]) => [HEADER, ...records, ''].join('\r\n')
const PATH = '/cadence/imports/StudentData.csv'

/** As many contacts as guardrails begin to look at. */
const roster = (mobile: string, records = 300) =>
  csv(...Array.from({ length: records }, (_, i) => `${i + 1},Ann,Lee,${mobile}${1000 + (i % 9000)},N,Law`))

async function heldBatch(team: TestTeam): Promise<Run> {
  await team.upload(PATH, roster('716555'))
  expect((await service.runImport(team.team)).state).toBe('imported')
  await team.upload(PATH, roster('716556'))
  const run = await service.runImport(team.team)
  expect(run.state).toBe('held')
  return run
}

const mobileOf = async (team: string) =>
  (await anyJson(await service.call('GET', `/api/teams/${team}/contacts/1`))).mobileNumber

test('a file that changes very many mobile numbers is held, and imported once it is approved', async () => {
  const team = await service.makeTeam('held')
  const run = await heldBatch(team)
  const [batch] = run.batches
  expect(batch?.held?.findings.map(({ rule }) => rule)).toEqual(['mass_change', 'mobiles_changed'])
  expect(batch?.held?.counts).toMatchObject({ records: 300, updated: 300 })
  expect(await mobileOf('held')).toBe('+17165551000')
  expect(await readdir(join(team.root, 'cadence/imports'))).toEqual(['StudentData.csv'])
  const mail = await service.mailbox.recapOf(batch?.id)
  expect(mail.parsed.subject).toContain('not imported, held for approval')
  expect(mail.parsed.text).toContain('300 of 300 known contacts (100 %) would get another mobile number.')

  // The next run leaves it alone.
  expect((await service.runImport('held')).state).toBe('nothing_to_import')
  const approved = await service.call('POST', `/api/batches/${batch?.id}/approve`)
  expect(approved.status).toBe(202)
  const { state } = await service.finishedRun((await anyJson(approved)).runId)
  expect(state).toBe('imported')
  expect(await mobileOf('held')).toBe('+17165561000')
  expect((await service.call('POST', `/api/batches/${batch?.id}/approve`)).status).toBe(409)
})

test('a check says that a file would be held, and why; approved with other settings it is shown anew, then done exactly so', async () => {
  const team = await service.makeTeam('anew')
  await team.upload(PATH, roster('716555'))
  await service.runImport('anew')
  await team.upload(PATH, roster('716556'))
  const { guardrails } = await anyJson(await service.call('POST', '/api/teams/anew/check', { path: PATH }))
  const [batch] = (await service.runImport('anew')).batches
  expect(guardrails).toEqual({ held: true, findings: batch?.held?.findings })
  expect(batch?.held).toMatchObject({ revision: 1, counts: { updated: 300, optedOut: 0 } })

  const saved = await anyJson(await service.call('GET', '/api/teams/anew/import-settings'))
  const optOut = { ...saved.optOut, optInValue: 'Y', optOutValue: 'N' }
  const put = await service.call('PUT', '/api/teams/anew/import-settings', { ...saved, optOut })
  expect(put.status).toBe(200)
  const approve = (query = '') => service.call('POST', `/api/batches/${batch?.id}/approve${query}`)
  const refused = await approve()
  expect([refused.status, refused.headers.get('content-type')]).toEqual([409, 'application/problem+json'])
  const { detail, batch: anew } = await anyJson(refused)
  expect(detail).toMatch(/^The settings have changed .* Approve again/)
  expect(anew).toMatchObject({
    ...{ id: batch?.id, state: 'held', settingsVersion: saved.version + 1 },
    held: { revision: 2, decision: null, counts: { updated: 300, optedOut: 300 } },
  })
  expect(await mobileOf('anew')).toBe('+17165551000')
  // A page that still shows the old figures approves nothing.
  expect((await approve('?revision=1')).status).toBe(409)
  const { runId } = await anyJson(await approve('?revision=2'))
  const [done] = (await service.finishedRun(runId)).batches
  expect(done).toMatchObject({ state: 'imported', counts: anew.held.counts, settingsVersion: saved.version + 1 })
})

test('a contact that changes between an approval and its import has the file held anew, with new figures', async () => {
  const team = await service.makeTeam('between')
  const [batch] = (await heldBatch(team)).batches
  const { db } = service.database
  // Stored when the approval has been answered and before its run begins.
  await sql`create function change_contact() returns trigger language plpgsql as $$ begin
      update contact set mobile_number = '+17165561000', record_hash = null from team
      where contact.team_id = team.id and team.team = 'between' and contact_id = '1'; return new; end $$`.execute(db)
  await sql`create trigger change_contact after insert on run for each row execute function change_contact()`.execute(
    db,
  )
  const approved = await service.call('POST', `/api/batches/${batch?.id}/approve`)
  const { runId } = await anyJson(approved)
  await sql`drop function change_contact cascade`.execute(db)
  const run = await service.finishedRun(runId)
  expect(run).toMatchObject({ state: 'held', batches: [{ held: { counts: { updated: 299, unchanged: 1 } } }] })
  const again = await service.call('POST', `/api/batches/${run.batches[0]?.id}/approve`)
  const done = await service.finishedRun((await anyJson(again)).runId)
  expect(done.batches).toMatchObject([{ state: 'imported', counts: { updated: 299, unchanged: 1 } }])
})

test('a held file that is discarded stays in its place and is not imported by a window', async () => {
  const team = await service.makeTeam('discarded')
  const [batch] = (await heldBatch(team)).batches
  expect((await service.call('POST', `/api/batches/${batch?.id}/discard`)).status).toBe(204)
  expect(await readdir(join(team.root, 'cadence/imports'))).toEqual(['StudentData.csv'])
  const { items } = await anyJson(await service.call('GET', '/api/teams/discarded/files'))
  expect(items.find((file: { path: string }) => file.path === PATH)).toMatchObject({
    verdict: 'rejected',
    action: 'run_import',
  })
  expect(await mobileOf('discarded')).toBe('+17165551000')
})

test('with guardrails that only warn the file is imported, and the recap says why one should look', async () => {
  const team = await service.makeTeam('warned', { guardrails: 'warn' })
  await team.upload(PATH, roster('716555'))
  await service.runImport('warned')
  await team.upload(PATH, roster('716556'))
  const run = await service.runImport('warned')
  expect(run).toMatchObject({ state: 'imported', batches: [{ warnings: { W_MASS_CHANGE: 2 } }] })
})

test('a superseded file is imported when somebody names it', async () => {
  const team = await service.makeTeam('named')
  await team.upload('/cadence/imports/StudentData_1.csv', csv('1,Old,Lee,716-555-0101,N,'))
  await team.upload('/cadence/imports/StudentData_2.csv', csv('1,New,Lee,716-555-0101,N,'))
  await service.runImport('named')
  const path = '/cadence/imports/StudentData_1.csv'
  const { items } = await anyJson(await service.call('GET', '/api/teams/named/files'))
  expect(items.find((file: { path: string }) => file.path === path)).toMatchObject({
    verdict: 'superseded',
    action: 'import_anyway',
  })
  const started = await service.call('POST', '/api/teams/named/files/import', { path })
  expect(started.status).toBe(202)
  expect((await service.finishedRun((await anyJson(started)).runId)).state).toBe('imported')
  expect((await anyJson(await service.call('GET', '/api/teams/named/contacts/1'))).firstName).toBe('Old')
  expect((await service.call('POST', '/api/teams/named/files/import', { path: '/none.csv' })).status).toBe(409)
})

test('the list of files is read page by page, also by a program that takes what it is given', async () => {
  const team = await service.makeTeam('paged')
  const names = Array.from({ length: 7 }, (_, at) => `/cadence/imports/Other_${at}.csv`)
  await team.uploadAll(names.map((name) => [name, csv()]))
  const paths: string[] = []
  let next: string | null = ''
  do {
    const answer = await service.call('GET', `/api/teams/paged/files?limit=3&after=${next}`)
    const page = await anyJson(answer)
    expect(page.items.length).toBeLessThanOrEqual(3)
    paths.push(...page.items.map(({ path }: { path: string }) => path))
    next = page.next
  } while (next !== null)
  expect(paths).toEqual(names)
  expect((await service.call('GET', '/api/teams/paged/files?limit=0')).status).toBe(422)
})

test('every file of the root is shown with what becomes of it', async () => {
  const team = await service.makeTeam('shown')
  await team.upload(PATH, csv('1,Ann,Lee,716-555-0101,N,'))
  await team.upload('/cadence/imports/studentdata.csv', csv())
  await team.upload('/StudentData.csv', csv())
  const { items } = await anyJson(await service.call('GET', '/api/teams/shown/files'))
  const shown = (items as { path: string; reason: string; action: string }[]).map(({ path, reason, action }) => [
    path,
    action,
    reason,
  ])
  expect(shown).toEqual([
    ['/StudentData.csv', 'rename', 'Its name matches, but files are taken from /cadence/imports.'],
    [
      PATH,
      'run_import',
      // Among several teams each has a start of its own.
      expect.stringMatching(
        /^It is imported in the next window, 3-5 AM \(America\/New_York\)(, which starts at 3:0\d AM)?\.$/,
      ),
    ],
    [
      '/cadence/imports/studentdata.csv',
      'rename',
      'Its name has to begin with "StudentData": upper and lower case count.',
    ],
  ])
})

test('a run is followed from its first batch to its end', async () => {
  const team = await service.makeTeam('followed')
  await team.upload(PATH, roster('716555'))
  const { runId } = await anyJson(await service.call('POST', '/run-import', { team: 'followed' }))
  const response = await service.call('GET', `/api/runs/${runId}/events`)
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const events = [...(await response.text()).matchAll(/^event: (.*)\ndata: (.*)$/gm)]
  const last = events.at(-1)
  expect(last?.[1]).toBe('finished')
  expect(JSON.parse(last?.[2] ?? '{}')).toMatchObject({ id: runId, state: 'imported' })
})

test('a run that has ended cannot be aborted, and one that is aborted leaves everything as it was', async () => {
  const team = await service.makeTeam('aborted')
  await team.upload(PATH, roster('716555', 20_000))
  const { runId } = await anyJson(await service.call('POST', '/run-import', { team: 'aborted' }))
  expect((await service.call('POST', `/api/runs/${runId}/abort`)).status).toBe(202)
  const run = await service.finishedRun(runId)
  expect(run.state).toBe('aborted')
  expect((await anyJson(await service.call('GET', '/api/teams/aborted/contacts'))).items).toEqual([])
  expect(await readdir(join(team.root, 'cadence/imports'))).toEqual(['StudentData.csv'])
  expect((await service.call('POST', `/api/runs/${runId}/abort`)).status).toBe(409)
  expect(await service.runImport('aborted')).toMatchObject({
    state: 'imported',
    batches: [{ counts: { created: 20_000 } }],
  })
})

test('a recap can be read, and sent again as a message of its own', async () => {
  const team = await service.makeTeam('again')
  await team.upload(PATH, csv('1,Ann,Lee,716-555-0101,N,'))
  const [batch] = (await service.runImport('again')).batches
  const first = await service.mailbox.recapOf(batch?.id)
  const response = await service.call('GET', `/api/batches/${batch?.id}/recap`)
  expect(response.headers.get('content-type')).toBe('message/rfc822')
  const read = await simpleParser(await response.text())
  expect([read.subject, read.messageId]).toEqual([first.parsed.subject, first.parsed.messageId])
  expect((await service.call('POST', `/api/batches/${batch?.id}/recap`)).status).toBe(202)
  await expect
    .poll(
      () => service.mailbox.mails.filter(({ parsed }) => parsed.headers.get('x-rosterport-batch') === batch?.id).length,
    )
    .toBe(2)
})

test('a test e-mail goes to the whole list', async () => {
  await service.makeTeam('tested')
  expect((await service.call('POST', '/api/teams/tested/test-email')).status).toBe(202)
  await expect
    .poll(() => service.mailbox.mails.find(({ parsed }) => parsed.subject?.includes('test e-mail'))?.to)
    .toEqual(['registrar@example.edu', 'it@example.edu'])
})

test('a list that an earlier version let grow beyond 50 addresses gets no test e-mail', async () => {
  await service.makeTeam('crowd')
  const list = Array.from({ length: 51 }, (_, n) => `person${n}@example.edu`).join()
  await sql`update import_settings set settings = jsonb_set(settings, '{notificationEmails}', to_jsonb(${list}::text))
    where team_id = (select id from team where team = 'crowd')`.execute(service.running().db)
  const answer = await service.call('POST', '/api/teams/crowd/test-email')
  expect([answer.status, (await anyJson(answer)).detail]).toEqual([
    422,
    'A test e-mail goes to at most 50 addresses; shorten the list.',
  ])
})

test('test e-mails of a team end after ten within an hour, with the time to wait', async () => {
  await service.makeTeam('mailed')
  const statuses: number[] = []
  let last: Response | null = null
  for (let count = 0; count < 11; count += 1) {
    last = await service.call('POST', '/api/teams/mailed/test-email')
    statuses.push(last.status)
  }
  expect(statuses.at(-1)).toBe(429)
  expect(statuses.filter((status) => status === 202).length).toBeGreaterThan(5)
  expect(Number(last?.headers.get('Retry-After'))).toBeGreaterThan(3000)
})

test('the windows of the next 14 days are told, and the day on which the clocks change', async () => {
  await service.makeTeam('windows')
  const { items } = await anyJson(await service.call('GET', '/api/teams/windows/windows'))
  expect(items).toHaveLength(13)
  expect(items[0]).toMatchObject({
    name: 'overnight',
    date: '2026-11-23',
    text: 'Mon, Nov 23: Overnight, 3:00 AM to 5:00 AM',
  })
})

test('a whole window without the service is missed, and one mail says so', async () => {
  service.clock.now = new Date('2026-11-22T15:00:00Z')
  await service.makeTeam('missed')
  await service.stop()
  service.clock.now = new Date('2026-11-23T15:00:00Z')
  await service.start()
  const missed = () =>
    service.mailbox.mails.filter(({ parsed }) => parsed.text?.includes('daily windows of Admissions'))
  await expect.poll(() => missed().length).toBeGreaterThan(0)
  const [mail] = missed()
  expect(mail?.parsed.subject).toBe('[Admissions] missed: Overnight (2026-11-23)')
  expect(mail?.parsed.text).toContain('press Run Import')
  const { rows } = await service.database.pool.query(
    `select state from slot join team on team.id = team_id where team = 'missed' and local_date = '2026-11-23'`,
  )
  expect(rows).toEqual([{ state: 'missed' }])
  service.clock.now = new Date('2026-11-22T15:00:00Z')
})
