import { sql } from 'kysely'
import type { RunState } from '../model/run.ts'
import type { Database } from './postgres/database.ts'
import type { Tables } from './postgres/tables.ts'
import type { TeamIds } from './teams.ts'

/** States of a last run that need attention. */
export const TROUBLE: readonly RunState[] = ['failed', 'rejected', 'held']

/** The teams whose last run that found a file needs attention. */
export async function teamsInTrouble(db: Database, among: TeamIds): Promise<number> {
  const { rows } = await sql<{ teams: number }>`
    select count(*)::integer as teams
    from team cross join lateral (
      select state from run where run.team_id = team.id and state not in ('queued', 'running', 'nothing_to_import')
      order by number desc limit 1
    ) last
    where last.state = any(${[...TROUBLE]}) and ${amongTeams(among)}`.execute(db)
  return rows[0]?.teams ?? 0
}

/** From the database alone. */
export interface TeamFigures {
  teamId: number
  /** Records imported and rejected, and runs, since the time asked for. */
  importedToday: number
  rejectedToday: number
  runsToday: number
  rejectedInWeek: number
  uploading: number
  lastArrival: Date | null
  /** Of the last windows, oldest first. */
  windows: { state: Tables['slot']['state']; run: RunState | null }[]
}

const WINDOWS_SHOWN = 14

export async function teamFigures(
  db: Database,
  teamIds: readonly number[],
  { today, week }: { today: Date; week: Date },
): Promise<Map<number, TeamFigures>> {
  const { rows } = await sql<Omit<TeamFigures, 'windows'> & { windows: TeamFigures['windows'] | null }>`
    select team.id as "teamId",
      coalesce(day.imported, 0)::bigint as "importedToday", coalesce(day.rejected, 0)::bigint as "rejectedToday",
      coalesce(day.runs, 0)::integer as "runsToday", coalesce(day.rejected_in_week, 0)::bigint as "rejectedInWeek",
      (select count(*) from upload where upload.team_id = team.id and state in ('receiving', 'unconfirmed'))::integer as uploading,
      (select max(started_at) from upload where upload.team_id = team.id) as "lastArrival",
      slots.windows
    from team
    left join lateral (
      select sum(created + updated + unchanged) filter (where finished_at >= ${today}) as imported,
        sum(rejected) filter (where finished_at >= ${today}) as rejected,
        count(distinct run_id) filter (where finished_at >= ${today}) as runs, sum(rejected) as rejected_in_week
      from batch where batch.team_id = team.id and finished_at >= ${week}
    ) day on true
    left join lateral (
      select json_agg(json_build_object('state', state, 'run', run) order by opens_at) as windows from (
        select slot.state, slot.opens_at, run.state as run from slot left join run on run.id = slot.run_id
        where slot.team_id = team.id order by opens_at desc limit ${WINDOWS_SHOWN}
      ) last
    ) slots on true
    where team.id = any(${[...teamIds]}::integer[])`.execute(db)
  return new Map(rows.map((row) => [row.teamId, { ...row, windows: row.windows ?? [] }]))
}

function amongTeams(among: TeamIds) {
  return among === 'all' ? sql<boolean>`true` : sql<boolean>`team.id = any(${[...among]}::integer[])`
}
