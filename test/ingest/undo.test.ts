import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { previewUndo, undoBatch } from '../../ingest/undo.ts'
import type { OptOutState } from '../../model/contact.ts'
import type { UndoFigures } from '../../model/run.ts'
import { recordsOfGoodFiles } from '../../store/batches.ts'
import { setOptOut } from '../../store/contact-list.ts'
import { forgetBefore } from '../../store/contacts/undo.ts'
import { queueRun } from '../../store/runs.ts'
import { removeTeam, teamById } from '../../store/teams.ts'
import { contactsOf, importBytes, insertTeam, parsingBatch } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { seededRandom } from '../support/random.ts'
import { SETTINGS } from '../support/service.ts'

const database = testDatabase()
const { db } = database
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

async function undo(teamId: number, batchId: string) {
  return undoBatch(db, await teamOf(teamId), batchId, 'dana@example.edu', async () => {})
}

async function done(teamId: number, batchId: string): Promise<UndoFigures> {
  const undone = await undo(teamId, batchId)
  if (!undone.ok) throw new Error(undone.refused)
  return undone.figures
}

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
  const answers = await Promise.all(Array.from({ length: 5 }, () => undo(teamId, batchId)))
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
  expect(answers.filter(({ ok }) => !ok)[0]).toEqual({
    ok: false,
    refused: 'This batch was undone already, by dana@example.edu.',
  })
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

test('no run begins while a batch is being undone, and no reader sees half of it', async () => {
  const teamId = await insertTeam(database)
  await importLines(teamId, [line({ id: '1' })])
  const batchId = await importLines(teamId, [line({ id: '1', first: 'Anne' }), line({ id: '2' })])
  const seen = () => contactsOf(database, teamId).then((contacts) => contacts.map(({ first_name }) => first_name))
  const waiting = () =>
    sql<{ n: number }>`select count(*)::integer as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`
      .execute(db)
      .then(({ rows }) => rows[0]?.n)
  let queued: Promise<unknown> | undefined
  await undoBatch(db, await teamOf(teamId), batchId, 'dana@example.edu', async () => {
    queued = queueRun(db, teamId, { trigger: 'on_demand', requestedBy: null, slot: null, files: null })
    await expect.poll(waiting).toBe(1)
    expect(await seen()).toEqual(['Anne', 'Ann'])
    // An upload is entered meanwhile.
    await db
      .insertInto('upload')
      .values({ team_id: teamId, path: '/a.csv', source: 'ftp', state: 'receiving' })
      .execute()
  })
  expect(await seen()).toEqual(['Ann'])
  expect(await queued).toMatchObject({ ok: true })
})

test('an undone batch is no measure for the next files', async () => {
  const teamId = await insertTeam(database)
  const batchId = await importLines(teamId, [line()])
  expect(await recordsOfGoodFiles(db, teamId, 'a', 5)).toEqual([1])
  await done(teamId, batchId)
  expect(await recordsOfGoodFiles(db, teamId, 'a', 5)).toEqual([])
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

for (const seed of [1, 2, 3, 4])
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
