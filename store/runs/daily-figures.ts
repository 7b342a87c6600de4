import { sql } from 'kysely'
import type { Database } from '../postgres/database.ts'
import type { TeamIds } from '../teams.ts'

/** What was imported on one day of the teams' own calendars; imports that were undone do not count. */
export interface DayFigures {
  /** `2026-11-22` */
  date: string
  files: number
  records: number
  created: number
  errors: number
  /** Of all its imports, in milliseconds. */
  duration: number
  bytes: number
}

/** Of each day since `from` that had an import, oldest first. */
export async function dailyFigures(db: Database, among: TeamIds, from: Date): Promise<DayFigures[]> {
  const { rows } = await sql<DayFigures>`
    select to_char(batch.finished_at at time zone team.time_zone, 'YYYY-MM-DD') as date, count(*)::bigint as files,
      sum(records)::bigint as records, sum(created)::bigint as created, sum(rejected)::bigint as errors,
      coalesce(sum(extract(epoch from batch.finished_at - batch.started_at)) * 1000, 0)::bigint as duration,
      sum(bytes)::bigint as bytes
    from batch join team on team.id = batch.team_id
    where batch.state in ('imported', 'imported_with_errors') and batch.finished_at >= ${from}
      and ${among === 'all' ? sql`true` : sql`batch.team_id = any(${[...among]}::integer[])`}
    group by 1 order by 1`.execute(db)
  return rows
}

/** The records of the latest imports of each team, the newest first. */
export async function latestSizes(
  db: Database,
  teamIds: readonly number[],
  most: number,
): Promise<Map<number, number[]>> {
  const { rows } = await sql<{ id: number; sizes: number[] | null }>`
    select team.id, (
      select json_agg(records order by finished_at desc) from (
        select records, finished_at from batch
        where batch.team_id = team.id and state in ('imported', 'imported_with_errors') and finished_at is not null
        order by finished_at desc limit ${most}) latest
    ) as sizes
    from team where id = any(${[...teamIds]}::integer[])`.execute(db)
  return new Map(rows.map(({ id, sizes }) => [id, sizes ?? []]))
}
