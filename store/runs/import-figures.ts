import { sql } from 'kysely'
import type { WindowName } from '../../model/daily-windows.ts'
import type { RunState } from '../../model/run.ts'
import type { UploadSource } from '../../model/upload.ts'
import type { Database } from '../postgres/database.ts'
import type { Tables } from '../postgres/tables.ts'

/** By whom and over what an upload came. */
export interface UploadOrigin {
  source: UploadSource
  account: string | null
  bytes: number
  startedAt: Date
}

export async function uploadOrigins(db: Database, ids: readonly string[]): Promise<Map<string, UploadOrigin>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('upload')
    .select(['id', 'source', 'account', 'bytes', 'started_at'])
    .where('id', '=', sql<string>`any(${[...ids]}::uuid[])`)
    .execute()
  return new Map(
    rows.map(({ id, source, account, bytes, started_at }) => [id, { source, account, bytes, startedAt: started_at }]),
  )
}

/** One window on one date, with the run that it had. */
export interface SlotOutcome {
  name: WindowName
  date: string
  state: Tables['slot']['state']
  run: { id: string; state: RunState; imported: number; rejected: number } | null
}

/** The slots of a team from a local date on that have opened by `now`. */
export async function slotOutcomes(db: Database, teamId: number, from: string, now: Date): Promise<SlotOutcome[]> {
  const rows = await db
    .selectFrom('slot')
    .leftJoin('run', 'run.id', 'slot.run_id')
    .select(['slot.window_name', 'slot.local_date', 'slot.state', 'run.id as run_id', 'run.state as run_state'])
    .select((eb) => [
      eb
        .selectFrom('batch')
        .select(sql<number>`coalesce(sum(created + updated + unchanged), 0)::bigint`.as('imported'))
        .whereRef('batch.run_id', '=', 'run.id')
        .as('imported'),
      eb
        .selectFrom('batch')
        .select(sql<number>`coalesce(sum(rejected), 0)::bigint`.as('rejected'))
        .whereRef('batch.run_id', '=', 'run.id')
        .as('rejected'),
    ])
    .where('slot.team_id', '=', teamId)
    .where('slot.local_date', '>=', from)
    .where('slot.opens_at', '<=', now)
    .execute()
  return rows.map((row) => ({
    name: row.window_name,
    date: row.local_date,
    state: row.state,
    run:
      row.run_id && row.run_state
        ? { id: row.run_id, state: row.run_state, imported: row.imported ?? 0, rejected: row.rejected ?? 0 }
        : null,
  }))
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** The numbers of those of these runs that the team has, by their ids. */
export async function runNumbers(db: Database, teamId: number, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('run')
    .select(['id', 'number'])
    .where('team_id', '=', teamId)
    .where('id', '=', sql<string>`any(${ids.filter((id) => UUID.test(id))}::uuid[])`)
    .execute()
  return new Map(rows.map(({ id, number }) => [id, number]))
}

/** When files arrived since `since`, for seeing which windows suit. */
export async function arrivals(db: Database, teamId: number, since: Date): Promise<Date[]> {
  const rows = await db
    .selectFrom('upload')
    .select('received_at')
    .where('team_id', '=', teamId)
    .where('state', '=', 'ready')
    .where('started_at', '>', since)
    .orderBy('started_at', 'desc')
    .limit(200)
    .execute()
  return rows.flatMap(({ received_at }) => received_at ?? [])
}

/** The account of the team that logged in last, and when. */
export async function lastLogin(db: Database, teamId: number): Promise<{ username: string; at: Date } | null> {
  const row = await db
    .selectFrom('ftp_account')
    .select(['username', 'last_login_at'])
    .where('team_id', '=', teamId)
    .where('last_login_at', 'is not', null)
    .orderBy('last_login_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.last_login_at ? { username: row.username, at: row.last_login_at } : null
}

/** When each account began its last upload. */
export async function lastUploads(
  db: Database,
  teamId: number,
  accounts: readonly string[],
): Promise<Map<string, { at: Date; path: string }>> {
  if (accounts.length === 0) return new Map()
  const { rows } = await sql<{ account: string; at: Date; path: string }>`
    select account, started_at as at, path from unnest(${[...accounts]}::text[]) username cross join lateral (
      select account, started_at, path from upload
      where team_id = ${teamId} and account = username order by started_at desc limit 1
    ) last`.execute(db)
  return new Map(rows.map(({ account, at, path }) => [account, { at, path }]))
}
