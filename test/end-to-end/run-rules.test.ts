import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { diskFileArea } from '../../files/disk-file-area.ts'
import { forEachWindow } from '../../model/daily-windows.ts'
import type { Run } from '../../model/run.ts'
import { teamPath } from '../../model/team-path.ts'
import { uploadUnconfirmed } from '../../store/uploads/received-bytes.ts'
import { SETTINGS, type TestTeam, testService } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

const service = testService()
const { pool } = service.database

const CLOSED = forEachWindow(false)
const csv = (...records: string[]) => ['ID,First,Last,Cell,OptOut,Major', ...records, ''].join('\r\n')
const PATH = '/cadence/imports/StudentData.csv'
const CLEAN = csv('1,Ann,Lee,716-555-0101,N,Law')

const mailsOf = (batchId: string | undefined) =>
  service.mailbox.mails.filter(({ parsed }) => parsed.headers.get('x-rosterport-batch') === batchId)

const contactsOf = async (team: string) =>
  (await anyJson(await service.call('GET', `/api/teams/${team}/contacts`))).items.map(
    ({ contactId, firstName }: { contactId: string; firstName: string }) => [contactId, firstName],
  )

/** Keeps every import from writing a contact until it is called. */
async function holdContacts(): Promise<() => Promise<unknown>> {
  const client = await pool.connect()
  await client.query('begin')
  await client.query('lock table contact in share row exclusive mode')
  let held = true
  const release = async () => {
    if (!held) return
    held = false
    await client.query('rollback')
    client.release()
  }
  onTestFinished(release)
  return release
}

/** Imports that wait for `holdContacts`. */
const waiting = async () => {
  const { rows } = await pool.query(`select count(*)::integer as n from pg_locks
    where relation = 'contact'::regclass and not granted and database = (select oid from pg_database where datname = current_database())`)
  return rows[0].n
}

const slotOf = async (team: string) => {
  const { rows } = await pool.query(
    `select state, blocked_by, slot.run_id from slot join team on team.id = team_id
      where team = $1 and local_date = '2026-11-23'`,
    [team],
  )
  return rows[0]
}

async function startRun(team: string): Promise<string> {
  return (await anyJson(await service.call('POST', '/run-import', { team }))).runId
}

test('with mail for problems alone a clean import is not told, and everything else is', async () => {
  const team = await service.makeTeam('problems', { notifyOn: 'problems', schedule: CLOSED })
  const roster = (mobile: string) =>
    csv(...Array.from({ length: 250 }, (_, i) => `${i + 1},Ann,Lee,${mobile}${1000 + i},N,`))
  const cases = [
    { title: 'clean', content: CLEAN, state: 'imported', told: false },
    { title: 'a warning', content: csv('1,Ann,Lee,716-555-0101 x9,N,'), state: 'imported', told: true },
    { title: 'an error', content: csv('1,Ann,Lee,12,N,'), state: 'imported_with_errors', told: true },
    { title: 'rejected', content: 'ID,First\r\n1,Ann\r\n', state: 'rejected', told: true },
    { title: 'clean and large', content: roster('716555'), state: 'imported', told: false },
    { title: 'held', content: roster('716556'), state: 'held', told: true },
  ]
  const seen: Record<string, unknown> = {}
  for (const { title, content } of cases) {
    await team.upload(PATH, content)
    const { state, batches } = await service.runImport('problems')
    seen[title] = { state, told: batches[0]?.recap !== null }
    if (batches[0]?.recap) await service.mailbox.recapOf(batches[0].id)
  }
  expect(seen).toEqual(Object.fromEntries(cases.map(({ title, state, told }) => [title, { state, told }])))
})

test('a file given by hand is told to the list and to whoever gave it, and no file of the root is touched', async () => {
  const team = await service.makeTeam('by-hand', { schedule: CLOSED })
  await team.upload(PATH, csv('2,Bea,Lee,716-555-0102,N,'))
  const given = await service.call('PUT', '/api/teams/by-hand/manual-import?fileName=StudentData.csv', CLEAN)
  const run = await service.finishedRun((await anyJson(given)).runId)
  expect(run).toMatchObject({ trigger: 'manual', state: 'imported', batches: [{ afterImport: null }] })
  const mail = await service.mailbox.recapOf(run.batches[0]?.id)
  expect(mail.to).toEqual(['registrar@example.edu', 'it@example.edu', 'admin@localhost'])
  expect(mail.parsed.text).toContain('not kept (Manual Import)')
  expect(await contactsOf('by-hand')).toEqual([['1', 'Ann']])
  expect(await readdir(join(team.root, 'cadence/imports'))).toEqual(['StudentData.csv'])
  expect(await readdir(join(team.root, 'cadence/archive'))).toEqual([])
  // The file of the same name in the root is another one, and still to come.
  expect(await service.runImport('by-hand')).toMatchObject({ state: 'imported', batches: [{ counts: { created: 1 } }] })
})

/** A team in whose overnight window a run that somebody pressed before is still going. */
async function overlapping(slug: string): Promise<{ team: TestTeam; runId: string; release: () => Promise<unknown> }> {
  service.clock.now = new Date('2026-11-23T07:30:00Z')
  const team = await service.makeTeam(slug, {
    schedule: { ...CLOSED, overnight: true },
    file: { ...SETTINGS.file, select: 'all_matching' },
  })
  const release = await holdContacts()
  await team.upload(PATH, CLEAN)
  const runId = await startRun(slug)
  await expect.poll(waiting).toBe(1)
  service.clock.now = new Date('2026-11-23T08:30:00Z')
  await team.upload('/cadence/imports/StudentData_2.csv', csv('2,Bea,Lee,716-555-0102,N,'))
  await expect.poll(() => slotOf(slug)).toEqual({ state: 'waiting', blocked_by: runId, run_id: null })
  return { team, runId, release }
}

test('while a run is going another is refused with its id, and a window waits for its end', async () => {
  const { runId, release } = await overlapping('waits')
  const refused = await service.call('POST', '/run-import', { team: 'waits' })
  const detail = 'A run is already in progress for this team. Try again when it has finished.'
  expect([refused.status, await refused.json()]).toEqual([409, { runId, detail }])
  await release()
  await expect
    .poll(() => contactsOf('waits'), { timeout: 5_000 })
    .toEqual([
      ['1', 'Ann'],
      ['2', 'Bea'],
    ])
  const { items } = await anyJson(await service.call('GET', '/api/teams/waits/runs'))
  expect(items.map(({ trigger, window }: Run) => [trigger, window?.name])).toEqual([
    ['scheduled', 'overnight'],
    ['on_demand', undefined],
  ])
})

test('a window that ends before the other run is skipped, and one mail says so', async () => {
  const { team, runId, release } = await overlapping('skipped')
  service.clock.now = new Date('2026-11-23T10:05:00Z')
  await team.upload('/cadence/imports/StudentData_3.csv', CLEAN)
  await expect
    .poll(() => slotOf('skipped'))
    .toEqual({ state: 'skipped_overlap', blocked_by: expect.anything(), run_id: runId })
  const told = () => service.mailbox.mails.filter(({ parsed }) => parsed.text?.includes('was going until its end'))
  await expect.poll(() => told().length).toBe(1)
  expect(told()[0]?.parsed.subject).toBe('[Admissions] missed: Overnight (2026-11-23)')
  await release()
  expect(await service.finishedRun(runId)).toMatchObject({ state: 'imported', batches: [{}] })
  expect((await readdir(join(team.root, 'cadence/imports'))).sort()).toEqual(['StudentData_2.csv', 'StudentData_3.csv'])
})

test('a file that replaces the one being imported is left in its place and imported next', async () => {
  const team = await service.makeTeam('replaced', { schedule: CLOSED })
  const release = await holdContacts()
  await team.upload(PATH, CLEAN)
  const runId = await startRun('replaced')
  await expect.poll(waiting).toBe(1)
  const newer = csv('1,Anne,Lee,716-555-0101,N,Law')
  await team.upload(PATH, newer)
  await release()
  expect(await service.finishedRun(runId)).toMatchObject({ state: 'imported', batches: [{ afterImport: null }] })
  expect(await contactsOf('replaced')).toEqual([['1', 'Ann']])
  expect(await readFile(join(team.root, PATH), 'utf8')).toBe(newer)
  expect(await service.runImport('replaced')).toMatchObject({ batches: [{ counts: { updated: 1 } }] })
  expect(await contactsOf('replaced')).toEqual([['1', 'Anne']])
  expect(await readdir(join(team.root, 'cadence/imports'))).toEqual([])
})

test('a run is followed and aborted from another process than the one that works on it', async () => {
  const other = await service.beside()
  const team = await service.makeTeam('two', { schedule: CLOSED })
  const release = await holdContacts()
  await team.upload(PATH, CLEAN)
  const runId = await startRun('two')
  await expect.poll(waiting).toBe(1)
  const { rows } = await pool.query('select lease_owner from run where id = $1', [runId])
  const nameOf = async ({ db }: ReturnType<typeof service.running>) =>
    (
      await db
        .selectNoFrom((eb) => eb.fn<string>('current_setting', [eb.val('application_name')]).as('name'))
        .executeTakeFirstOrThrow()
    ).name
  const owner = rows[0].lease_owner
  const names = [await nameOf(service.running()), await nameOf(other.running())]
  expect(names).toContain(owner)
  const bystander = names[0] === owner ? other : service
  const events = await bystander.call('GET', `/api/runs/${runId}/events`)
  expect((await bystander.call('POST', `/api/runs/${runId}/abort`)).status).toBe(202)
  const said = [...(await events.text()).matchAll(/^event: (.*)\ndata: (.*)$/gm)].map(([, name, data]) => [
    name,
    JSON.parse(data ?? '').state,
  ])
  expect(said.at(-1)).toEqual(['finished', 'aborted'])
  await release()
  expect(await contactsOf('two')).toEqual([])
  expect(await readdir(join(team.root, 'cadence/imports'))).toEqual(['StudentData.csv'])
})

test('an upload that a crash left unconfirmed in mid-record is held beside with one mail, and imported or discarded', async () => {
  const team = await service.makeTeam('unsure', { schedule: CLOSED })
  const { rows } = await pool.query("select id from team where team = 'unsure'")
  await service.stop()
  const left = async (name: string, content: string) => {
    const pending = await diskFileArea(team.root).receive()
    await pending.write(Buffer.from(content))
    const upload = {
      ...{ id: randomUUID(), teamId: rows[0].id, path: teamPath(`/cadence/imports/${name}`) },
      ...{ source: 'ftp' as const, account: 'unsure-sis', address: null, temporaryName: pending.temporaryName },
    }
    const received = { bytes: pending.bytes, sha256: null, identity: await pending.seal(), receivedAt: new Date() }
    await uploadUnconfirmed(service.database.db, upload, received)
    await pool.query('update upload set process = null where id = $1', [upload.id])
  }
  const heldRuns = async () =>
    ((await anyJson(await service.call('GET', '/api/teams/unsure/runs'))).items as Run[]).filter(({ batches }) =>
      batches.some(({ held }) => held?.decision === null),
    )
  await mkdir(join(team.root, 'cadence/imports'), { recursive: true })
  await writeFile(join(team.root, 'cadence/imports/StudentData_cut.csv'), csv('9,Eve,Lee,716-555-0109,N,Law'))
  await left('StudentData_cut.csv', csv('1,Ann,Lee,716-555-0101,N,Law', '2,Bea,Lee,716').trimEnd())
  await service.start()
  // Nobody presses Run Import, and no window opens.
  const [held] = await heldRuns()
  expect(held).toMatchObject({ state: 'held', batches: [{ held: { findings: [{ rule: 'unconfirmed' }] } }] })
  const batch = held?.batches[0]
  const mail = await service.mailbox.recapOf(batch?.id)
  expect(mail.parsed.text).toMatch(/Trigger: +the end of its upload/)
  expect(mail.parsed.subject).toContain('StudentData_cut.csv: not imported, held for approval')
  expect((await service.runImport('unsure')).state).toBe('nothing_to_import')
  expect(await contactsOf('unsure')).toEqual([])
  const approved = await anyJson(await service.call('POST', `/api/batches/${batch?.id}/approve`))
  expect(await service.finishedRun(approved.runId)).toMatchObject({
    state: 'imported_with_errors',
    batches: [{ counts: { created: 1, rejected: 1 } }],
  })
  expect(mailsOf(batch?.id)).toHaveLength(1)
  expect(await readFile(join(team.root, 'cadence/imports/StudentData_cut.csv'), 'utf8')).toContain('9,Eve')
  expect(await diskFileArea(team.root).pending()).toEqual([])

  await service.stop()
  await left('StudentData_again.csv', csv('3,Cy,Lee'))
  await service.start()
  const [again] = await heldRuns()
  const files = await anyJson(await service.call('GET', '/api/teams/unsure/files'))
  expect(files.items).toContainEqual(
    expect.objectContaining({
      ...{ path: '/cadence/imports/StudentData_again.csv', verdict: 'held', action: 'approve_or_discard' },
      batchId: again?.batches[0]?.id,
    }),
  )
  await service.call('POST', `/api/batches/${again?.batches[0]?.id}/discard`)
  expect((await service.runImport('unsure')).state).toBe('nothing_to_import')
  expect(await diskFileArea(team.root).pending()).toEqual([])

  await service.stop()
  await left('StudentData_whole.csv', csv('2,Bea,Lee,716-555-0102,N,'))
  await service.start()
  expect(await service.runImport('unsure')).toMatchObject({ state: 'imported', batches: [{ counts: { created: 1 } }] })
})
