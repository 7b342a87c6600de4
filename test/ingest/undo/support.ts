import { sql } from 'kysely'
import { expect, onTestFinished } from 'vitest'
import { askUndo, carryOutUndo, type Undo } from '../../../ingest/undo.ts'
import { createLog } from '../../../log.ts'
import type { UndoFigures, UndoneBatch } from '../../../model/run.ts'
import { type FoundBatch, findBatch } from '../../../store/runs/run-history.ts'
import { claimRun } from '../../../store/runs/runs.ts'
import { dropLease } from '../../../store/runs/undo-requests.ts'
import { teamById } from '../../../store/teams.ts'
import { contactsOf, importBytes, insertTeam } from '../../support/batches.ts'
import { testDatabase } from '../../support/database.ts'
import { SETTINGS } from '../../support/service.ts'

const settings = { ...SETTINGS, fields: { ...SETTINGS.fields, staffId: 'Advisor' }, version: 1 }

export const BY = 'dana@example.edu'
const ASKER = { email: BY, actor: { name: BY, kind: 'administrator' as const, address: '192.0.2.7' } }

export interface Line {
  id: string
  first: string
  mobile: string
  opt: '' | 'Y' | 'N'
  major: string
  advisor: string
}

export const line = (changes: Partial<Line> = {}): Line => ({
  ...{ id: '1', first: 'Ann', mobile: '7165550101', opt: '', major: 'Law', advisor: '' },
  ...changes,
})

/** Imports and undos in a database of the test file's own. */
export function undos() {
  const database = testDatabase()
  const { db, pool, processName } = database

  /** Imports a file of these lines, with or without its opt-out column. */
  async function importFile(teamId: number, lines: readonly Line[], optOutColumn = 'OptOut') {
    const header = `ID,First,Last,Cell,${optOutColumn},Major,Advisor`
    const records = lines.map(({ id, first, mobile, opt, major, advisor }) =>
      [id, first, 'Lee', mobile, opt, major, advisor].join(','),
    )
    return importBytes(database, teamId, `${[header, ...records].join('\r\n')}\r\n`, { settings })
  }

  async function importLines(teamId: number, lines: readonly Line[]): Promise<string> {
    return (await importFile(teamId, lines)).batchId
  }

  async function teamOf(teamId: number) {
    const team = await teamById(db, teamId)
    if (!team) throw new Error('no team')
    return team
  }

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

  return { database, teamOf, importFile, importLines, ask, claimed, carriedOut, batchOf, undo, done, waiting, heldUp }
}
