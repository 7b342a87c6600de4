import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { askUndo, carryOutUndo, previewUndo, type Undo } from '../../ingest/undo.ts'
import { createLog } from '../../log.ts'
import type { OptOutState } from '../../model/contact.ts'
import type { UndoFigures, UndoneBatch } from '../../model/run.ts'
import { recordsOfGoodFiles } from '../../store/batches.ts'
import { setOptOut } from '../../store/contact-list.ts'
import { forgetBefore } from '../../store/contacts/undo.ts'
import { type FoundBatch, findBatch } from '../../store/run-history.ts'
import { claimRun, LeaseLost, queueRun } from '../../store/runs.ts'
import { removeTeam, teamById } from '../../store/teams.ts'
import { dropLease } from '../../store/undo-requests.ts'
import { contactsOf, importBytes, insertTeam, parsingBatch } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { seededRandom } from '../support/random.ts'
import { SETTINGS } from '../support/service.ts'

const database = testDatabase()
const { db, pool, processName } = database
const settings = { ...SETTINGS, fields: { ...SETTINGS.fields, staffId: 'Advisor' }, version: 1 }

interface Line {
  id: string
  first: string
  mobile: string
  opt: '' | 'Y' | 'N'
  major: string
  advisor: string
}

const line = (changes: Partial<Line> = {}): Line => ({
  ...{ id: '1', first: 'Ann', mobile: '7165550101', opt: '', major: 'Law', advisor: '' },
  ...changes,
})

async function importLines(teamId: number, lines: readonly Line[]): Promise<string> {
  const header = 'ID,First,Last,Cell,OptOut,Major,Advisor'
  const records = lines.map(({ id, first, mobile, opt, major, advisor }) =>
    [id, first, 'Lee', mobile, opt, major, advisor].join(','),
  )
  return (await importBytes(database, teamId, `${[header, ...records].join('\r\n')}\r\n`, { settings })).batchId
}

async function teamOf(teamId: number) {
  const team = await teamById(db, teamId)
  if (!team) throw new Error('no team')
  return team
}

const BY = 'dana@example.edu'
const ASKER = { email: BY, actor: { name: BY, kind: 'administrator' as const, address: '192.0.2.7' } }

async function ask(teamId: number, batchId: string) {
  return askUndo(db, await teamOf(teamId), batchId, ASKER)
}

/** The undo as the process `owner` claims it. */
async function claimed(batchId: string, owner = processName) {
  const others: string[] = []
  for (;;) {
    const run = await claimRun(db, owner, others)
    if (run?.undoing === batchId) return { run, lease: { runId: run.id, owner } }
    if (!run) throw new Error('there is nothing to claim')
    others.push(run.id)
  }
}

async function carriedOut(
  teamId: number,
  { run, lease }: Awaited<ReturnType<typeof claimed>>,
  signal = new AbortController().signal,
) {
  const parts = { db, pool, log: createLog('silent'), now: () => new Date(), lease }
  const outcome = await carryOutUndo(parts, { run, team: await teamOf(teamId), signal })
  await dropLease(db, lease)
  return outcome
}

const foundBatch = async (batchId: string) => (await findBatch(db, batchId)) as FoundBatch
const batchOf = async (batchId: string) => (await foundBatch(batchId)).batch

async function undo(teamId: number, batchId: string): Promise<Undo> {
  const asked = await ask(teamId, batchId)
  if (!asked.ok) return asked
  expect(await carriedOut(teamId, await claimed(batchId))).toBe('undone')
  const { by: _by, at: _at, ...figures } = (await batchOf(batchId)).undone as UndoneBatch
  return { ok: true, figures }
}

async function done(teamId: number, batchId: string): Promise<UndoFigures> {
  const undone = await undo(teamId, batchId)
  if (!undone.ok) throw new Error(undone.refused)
  return undone.figures
}

/** Statements that wait for another one to end. */
const waiting = () =>
  sql<{ n: number }>`select count(*)::integer as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`
    .execute(db)
    .then(({ rows }) => rows[0]?.n)

test('what was updated is as before, what was created is gone, and the next import looks at all of it again', async () => {
  const teamId = await insertTeam(database)
  await importLines(teamId, [line({ id: '1', opt: 'Y', major: 'Art' }), line({ id: '2', mobile: '7165550102' })])
  const before = await contactsOf(database, teamId)
  const second = [
    line({ id: '1', first: 'Anne', opt: 'N', major: '' }),
    line({ id: '2', mobile: '7165550102' }),
    line({ id: '3', mobile: '7165550103' }),
  ]
  const batchId = await importLines(teamId, second)
  const after = await contactsOf(database, teamId)
  expect(await done(teamId, batchId)).toEqual({ restored: 1, removed: 1, left: 0, leftContacts: [] })
  expect(await contactsOf(database, teamId)).toEqual(before)
  const { state, updated, created, undone } = await db
    .selectFrom('batch')
    .selectAll()
    .where('id', '=', batchId)
    .executeTakeFirstOrThrow()
  expect({ state, updated, created }).toEqual({ state: 'undone', updated: 1, created: 1 })
  expect(undone).toMatchObject({ by: 'dana@example.edu', restored: 1, removed: 1, left: 0 })
  await importLines(teamId, second)
  expect(await contactsOf(database, teamId)).toEqual(after)
})

test('an opt-out that a rejected record brought is undone with its batch', async () => {
  const teamId = await insertTeam(database)
  await importLines(teamId, [line()])
  const before = await contactsOf(database, teamId)
  const batchId = await importLines(teamId, [line({ mobile: '12', opt: 'Y' })])
  expect((await contactsOf(database, teamId))[0]?.opted_out).toBe(true)
  expect(await done(teamId, batchId)).toMatchObject({ restored: 1, removed: 0 })
  expect(await contactsOf(database, teamId)).toEqual(before)
})

for (const source of ['contact', 'admin'] as const)
  test(`an opt-out by ${source} is never undone, neither of a created nor of an updated contact`, async () => {
    const teamId = await insertTeam(database)
    await importLines(teamId, [line({ id: '1' }), line({ id: '2' })])
    const batchId = await importLines(teamId, [
      line({ id: '1', first: 'Anne' }),
      line({ id: '2', first: 'Bea' }),
      line({ id: '3' }),
      line({ id: '4' }),
    ])
    for (const id of ['1', '3']) await setOptOut(db, teamId, id, 'opted_out', source)
    expect(await done(teamId, batchId)).toEqual({
      restored: 1,
      removed: 1,
      left: 2,
      leftContacts: [
        { contactId: '1', reason: 'preference' },
        { contactId: '3', reason: 'preference' },
      ],
    })
    const contacts = await contactsOf(database, teamId)
    expect(contacts.map(({ contact_id, first_name, opted_out }) => [contact_id, first_name, opted_out])).toEqual([
      ['1', 'Anne', true],
      ['2', 'Ann', false],
      ['3', 'Ann', true],
    ])
  })

test('an opt-out that is stated in the very moment of the undo stands', async () => {
  const teamId = await insertTeam(database)
  await importLines(teamId, [line({ id: '1' })])
  const batchId = await importLines(teamId, [line({ id: '1', first: 'Anne' }), line({ id: '2' })])
  let undoing: ReturnType<typeof done> | undefined
  await db.transaction().execute(async (tx) => {
    for (const id of ['1', '2']) await setOptOut(tx, teamId, id, 'opted_out', 'contact')
    undoing = done(teamId, batchId)
    await expect.poll(waiting).toBe(1)
  })
  expect(await undoing).toMatchObject({ restored: 0, removed: 0, left: 2 })
  const contacts = await contactsOf(database, teamId)
  expect(contacts.map(({ first_name, opted_out }) => [first_name, opted_out])).toEqual([
    ['Anne', true],
    ['Ann', true],
  ])
})

test('batches are undone one after the other, the last one first', async () => {
  const teamId = await insertTeam(database)
  const first = await importLines(teamId, [line({ id: '1' }), line({ id: '2' })])
  const afterFirst = await contactsOf(database, teamId)
  const second = await importLines(teamId, [line({ id: '1', first: 'Anne' })])
  const preview = await previewUndo(db, await teamOf(teamId), first)
  expect(preview).toEqual({
    ok: true,
    figures: { restored: 0, removed: 1, left: 1, leftContacts: [{ contactId: '1', reason: 'another_batch' }] },
  })
  expect(await done(teamId, second)).toMatchObject({ restored: 1, left: 0 })
  expect(await contactsOf(database, teamId)).toEqual(afterFirst)
  expect(await done(teamId, first)).toMatchObject({ removed: 2, left: 0 })
  expect(await contactsOf(database, teamId)).toEqual([])
})

test('a batch is undone once, though many ask at the same moment', async () => {
  const teamId = await insertTeam(database)
  const batchId = await importLines(teamId, [line()])
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask(teamId, batchId)))
  expect(answers).toEqual(Array.from({ length: 5 }, () => ({ ok: true })))
  expect(await previewUndo(db, await teamOf(teamId), batchId)).toEqual({
    ok: false,
    refused: 'This batch is being undone, as dana@example.edu asked.',
  })
  const undoing = await claimed(batchId)
  expect(await claimRun(db, 'rosterport/other', [])).toBeNull()
  await carriedOut(teamId, undoing)
  expect(await claimRun(db, 'rosterport/other', [])).toBeNull()
  expect(await ask(teamId, batchId)).toEqual({
    ok: false,
    refused: 'This batch was undone already, by dana@example.edu.',
  })
  const entries = await db.selectFrom('audit').selectAll().where('subject', '=', batchId).execute()
  expect(entries).toMatchObject([
    { action: 'batch.undo', actor: BY, address: '192.0.2.7', team_id: teamId, details: { restored: 0, removed: 1 } },
  ])
  const mails = await db.selectFrom('mail').select('content').where('team_id', '=', teamId).execute()
  // Nobody is on the list of this team.
  expect(mails).toEqual([])
})

const refusals = [
  {
    title: 'that is still read',
    batch: (teamId: number) => parsingBatch(db, teamId),
    says: /Nothing of this batch was imported/,
  },
  {
    title: 'of 31 days ago',
    batch: async (teamId: number) => {
      const batchId = await importLines(teamId, [line()])
      const ago = new Date(Date.now() - 31 * 86_400_000)
      await db
        .updateTable('batch')
        .set({ finished_at: ago, undo_until: new Date(ago.getTime() + 30 * 86_400_000) })
        .where('id', '=', batchId)
        .execute()
      return batchId
    },
    says: /cannot be undone any more: what contacts held before an import is kept for 30 days/,
  },
  {
    title: 'from before contacts were kept',
    batch: async (teamId: number) => {
      const batchId = await importLines(teamId, [line()])
      await db.updateTable('batch').set({ undo_until: null }).where('id', '=', batchId).execute()
      return batchId
    },
    says: /was imported before this service kept/,
  },
  {
    title: 'while a run of the team is going',
    batch: async (teamId: number) => {
      const batchId = await importLines(teamId, [line()])
      await queueRun(db, teamId, { trigger: 'on_demand', requestedBy: null, slot: null, files: null })
      return batchId
    },
    says: /^Run #1 of Admissions is going/,
  },
]
for (const { title, batch, says } of refusals)
  test(`a batch ${title} is not undone, and one sentence says why`, async () => {
    const teamId = await insertTeam(database)
    const batchId = await batch(teamId)
    const before = await contactsOf(database, teamId)
    for (const refused of [await undo(teamId, batchId), await previewUndo(db, await teamOf(teamId), batchId)])
      expect(refused).toEqual({ ok: false, refused: expect.stringMatching(says) })
    expect(await contactsOf(database, teamId)).toEqual(before)
  })

/** A team whose second batch is asked to be undone, while somebody keeps a contact of it from being changed. */
async function heldUp() {
  const teamId = await insertTeam(database)
  await importLines(teamId, [line({ id: '1' })])
  const batchId = await importLines(teamId, [line({ id: '1', first: 'Anne' }), line({ id: '2' })])
  const { runId } = await foundBatch(batchId)
  await ask(teamId, batchId)
  const holder = await pool.connect()
  onTestFinished(() => holder.release())
  await holder.query('begin')
  await holder.query('select from contact where team_id = $1 for update', [teamId])
  return {
    ...{ teamId, batchId, runId },
    seen: () => contactsOf(database, teamId).then((contacts) => contacts.map(({ first_name }) => first_name)),
    letGo: () => holder.query('rollback'),
  }
}

test('no run begins while a batch is being undone, and no reader sees half of it', async () => {
  const { teamId, batchId, runId, seen, letGo } = await heldUp()
  const queue = () => queueRun(db, teamId, { trigger: 'on_demand', requestedBy: null, slot: null, files: null })
  expect(await queue()).toEqual({ ok: false, runId, undoing: true })
  const undoing = carriedOut(teamId, await claimed(batchId))
  await expect.poll(waiting).toBe(1)
  expect(await queue()).toEqual({ ok: false, runId, undoing: true })
  expect(await batchOf(batchId)).toMatchObject({
    state: 'imported',
    undo: { state: 'going', by: BY },
    undoableUntil: null,
    undone: null,
  })
  expect(await seen()).toEqual(['Anne', 'Ann'])
  await letGo()
  expect(await undoing).toBe('undone')
  expect(await batchOf(batchId)).toMatchObject({ state: 'undone', undo: null, undone: { by: BY } })
  expect(await seen()).toEqual(['Ann'])
  expect(await queue()).toMatchObject({ ok: true })
})

const ends: { title: string; end: (undoing: { controller: AbortController }) => Promise<unknown> }[] = [
  { title: 'its process is stopped', end: async ({ controller }) => controller.abort(new Error('stopping')) },
  {
    title: 'its connection breaks',
    end: () =>
      sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(db),
  },
]
for (const { title, end } of ends)
  test(`an undo that ends in the middle because ${title} has changed nothing, and is taken up again`, async () => {
    const { teamId, batchId, seen, letGo } = await heldUp()
    const controller = new AbortController()
    const undoing = carriedOut(teamId, await claimed(batchId), controller.signal)
    await expect.poll(waiting).toBe(1)
    await Promise.all([expect(undoing).rejects.toThrow(), end({ controller })])
    await letGo()
    expect(await batchOf(batchId)).toMatchObject({ state: 'imported', undo: { state: 'going' } })
    expect(await seen()).toEqual(['Anne', 'Ann'])
    expect(await carriedOut(teamId, await claimed(batchId))).toBe('undone')
    expect(await seen()).toEqual(['Ann'])
  })

test('of two processes the one that was taken for dead changes nothing', async () => {
  const { teamId, batchId, seen, letGo } = await heldUp()
  await letGo()
  const dead = await claimed(batchId, 'rosterport/dead')
  const living = await claimed(batchId)
  await expect(carriedOut(teamId, dead)).rejects.toThrow(LeaseLost)
  expect(await seen()).toEqual(['Anne', 'Ann'])
  expect(await carriedOut(teamId, living)).toBe('undone')
  await expect(carriedOut(teamId, dead)).rejects.toThrow()
  expect(await seen()).toEqual(['Ann'])
})

test('an undo that fails has changed nothing, says so, and can be asked for again', async () => {
  const { teamId, batchId, seen, letGo } = await heldUp()
  await letGo()
  await sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$`.execute(db)
  await sql`create trigger refuse before delete on contact execute function refuse()`.execute(db)
  expect(await carriedOut(teamId, await claimed(batchId))).toBe('failed')
  await sql`drop function refuse cascade`.execute(db)
  expect(await seen()).toEqual(['Anne', 'Ann'])
  expect(await batchOf(batchId)).toMatchObject({
    state: 'imported',
    undo: { state: 'failed', by: BY },
    undoableUntil: expect.any(String),
  })
  expect(await claimRun(db, 'rosterport/other', [])).toBeNull()
  expect(await done(teamId, batchId)).toMatchObject({ restored: 1, removed: 1 })
  expect(await batchOf(batchId)).toMatchObject({ undo: null })
})

test('what contacts held before is kept as long as an undo waits for it', async () => {
  const { teamId, batchId, seen, letGo } = await heldUp()
  await letGo()
  await db
    .updateTable('batch')
    .set({ undo_until: new Date(Date.now() - 2 * 86_400_000) })
    .where('id', '=', batchId)
    .execute()
  await forgetBefore(db)
  expect(await carriedOut(teamId, await claimed(batchId))).toBe('undone')
  expect(await seen()).toEqual(['Ann'])
})

test('an undone batch is no measure for the next files', async () => {
  const teamId = await insertTeam(database)
  const batchId = await importLines(teamId, [line()])
  expect(await recordsOfGoodFiles(db, teamId, 'a', 5)).toEqual([1])
  await done(teamId, batchId)
  expect(await recordsOfGoodFiles(db, teamId, 'a', 5)).toEqual([])
})

test('the last batch of a file says what becomes of it, also when an earlier one is undone', async () => {
  const teamId = await insertTeam(database)
  const { id } = await db
    .insertInto('upload')
    .values({ team_id: teamId, path: '/a.csv', source: 'ftp', state: 'ready', verdict: 'held' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const batches = [await importLines(teamId, [line()]), await importLines(teamId, [line({ first: 'Anne' })])]
  await db.updateTable('batch').set({ upload_id: id }).where('id', 'in', batches).execute()
  const verdict = async () =>
    (await db.selectFrom('upload').select('verdict').where('id', '=', id).executeTakeFirstOrThrow()).verdict
  await done(teamId, batches[0] as string)
  expect(await verdict()).toBe('held')
  await done(teamId, batches[1] as string)
  expect(await verdict()).toBe('imported')
})

test('what is kept goes with its time or its team', async () => {
  const kept = async () =>
    Number((await db.selectFrom('contact_before').select(db.fn.countAll().as('n')).executeTakeFirst())?.n)
  const [past, gone] = [await insertTeam(database), await insertTeam(database)]
  const before = await kept()
  for (const teamId of [past, gone]) {
    await importLines(teamId, [line()])
    const batchId = await importLines(teamId, [line({ first: 'Anne' })])
    if (teamId === past)
      await db
        .updateTable('batch')
        .set({ undo_until: new Date(Date.now() - 2 * 86_400_000) })
        .where('id', '=', batchId)
        .execute()
  }
  expect(await kept()).toBe(before + 2)
  await removeTeam(db, gone)
  expect(await kept()).toBe(before + 1)
  await forgetBefore(db)
  expect(await kept()).toBe(before)
})

interface Known {
  first: string
  mobile: string
  major: string
  advisor: string
  optedOut: boolean
  source: string
  /** Which statement set the preference. */
  stated: number
  lastBatch: number
  createdBy: number
}

/** The contacts of one team as the rules have them, without a database. */
class Model {
  readonly contacts = new Map<string, Known>()
  readonly #before: Map<string, Known>[] = []
  #statements = 0

  import(lines: readonly Line[]): void {
    const batch = this.#before.length
    const before = new Map<string, Known>()
    for (const { id, first, mobile, opt, major, advisor } of lines) {
      const known = this.contacts.get(id)
      const rejected = mobile.length < 10
      if (rejected && !(known && opt === 'Y' && !known.optedOut)) continue
      const blocked = opt === 'N' && known?.optedOut && ['contact', 'admin'].includes(known.source)
      const optedOut = opt === '' || blocked ? (known?.optedOut ?? false) : opt === 'Y'
      const turned = known ? known.optedOut !== optedOut : true
      const source = known ? (turned ? 'import' : known.source) : opt === '' ? 'default' : 'import'
      const values = rejected && known ? known : { first, mobile: `+1${mobile}`, major, advisor }
      const same =
        known &&
        !turned &&
        (['first', 'mobile', 'major', 'advisor'] as const).every((key) => known[key] === values[key])
      if (same) continue
      if (known) before.set(id, known)
      this.contacts.set(id, {
        ...{ first: values.first, mobile: values.mobile, major: values.major, advisor: values.advisor },
        ...{ optedOut, source, lastBatch: batch, createdBy: known?.createdBy ?? batch },
        stated: turned ? ++this.#statements : (known?.stated ?? 0),
      })
    }
    this.#before.push(before)
  }

  state(id: string, state: OptOutState, source: 'contact' | 'admin'): void {
    const known = this.contacts.get(id)
    const optedOut = state === 'opted_out'
    if (known && (known.optedOut !== optedOut || known.source !== source))
      this.contacts.set(id, { ...known, optedOut, source, stated: ++this.#statements })
  }

  undo(batch: number): Omit<UndoFigures, 'leftContacts'> {
    const figures = { restored: 0, removed: 0, left: 0 }
    for (const [id, known] of this.contacts) {
      const before = this.#before[batch]?.get(id)
      if (!before && known.createdBy !== batch) continue
      const statedSince = ['contact', 'admin'].includes(known.source) && known.stated !== before?.stated
      if (known.lastBatch !== batch || statedSince) figures.left++
      else if (before) {
        this.contacts.set(id, before)
        figures.restored++
      } else {
        this.contacts.delete(id)
        figures.removed++
      }
    }
    return figures
  }

  rows() {
    return [...this.contacts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, known]) => ({
        contact_id: id,
        first_name: known.first,
        last_name: 'Lee',
        mobile_number: known.mobile,
        staff_id: known.advisor || null,
        custom_fields: known.major === '' ? {} : { Major: known.major },
        opted_out: known.optedOut,
        opt_out_source: known.source,
      }))
  }
}

for (const seed of [1, 2, 3])
  test(`imports, statements and undos in any order end as the rules say (${seed})`, async () => {
    const random = seededRandom(seed)
    const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)] as T
    const teamId = await insertTeam(database)
    const model = new Model()
    const batches: string[] = []
    const undone = new Set<number>()
    const ids = Array.from({ length: 9 }, (_, index) => String(index + 1))
    for (let step = 0; step < 30; step++) {
      const what = pick(['import', 'import', 'state', 'undo', 'undo'])
      if (what === 'import') {
        const lines = ids
          .filter(() => random() < 0.5)
          .map((id) =>
            line({
              id,
              first: pick(['Ann', 'Bea']),
              mobile: pick(['7165550101', '7165550102', '7165550102', '12']),
              opt: pick(['', 'Y', 'N']),
              major: pick(['Law', '']),
              advisor: pick(['s1', '']),
            }),
          )
        model.import(lines)
        batches.push(await importLines(teamId, lines))
      } else if (what === 'state') {
        const [id, state, source] = [
          pick(ids),
          pick(['opted_in', 'opted_out'] as const),
          pick(['contact', 'admin'] as const),
        ]
        model.state(id, state, source)
        await setOptOut(db, teamId, id, state, source)
      } else {
        const open = batches.map((_, index) => index).filter((index) => !undone.has(index))
        if (open.length === 0) continue
        const batch = random() < 0.5 ? (open.at(-1) as number) : pick(open)
        undone.add(batch)
        const foreseen = await previewUndo(db, await teamOf(teamId), batches[batch] as string)
        const figures = await done(teamId, batches[batch] as string)
        expect(foreseen).toEqual({ ok: true, figures })
        expect(figures.leftContacts).toHaveLength(figures.left)
        expect(figures).toMatchObject(model.undo(batch))
      }
      expect(await contactsOf(database, teamId)).toEqual(model.rows())
    }
  })
