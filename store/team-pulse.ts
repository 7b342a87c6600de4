import { sql } from 'kysely'
import type { Database } from './postgres/database.ts'

/** An older upload changes with a run, or with an act that the audit keeps. */
const UPLOADS_FELT = 20
const RUNS_FELT = 8

/** Of each team a text that changes when something happens to its imports: a fraction of the cost of looking at them. */
export async function teamPulses(db: Database, teamIds: readonly number[]): Promise<Map<number, string>> {
  const { rows } = await sql<{ id: number; pulse: string }>`
    select team.id, md5(concat_ws('|', row(team.*)::text,
      (select max(version) from import_settings where team_id = team.id),
      (select max(id) from audit where team_id = team.id),
      (select string_agg(concat_ws(' ', id, state, finished_at, undoing, abort_requested_at, waits_for_room), ',') from (
        select * from run where team_id = team.id order by number desc limit ${RUNS_FELT}) of_team),
      (select max(finished_at) from batch where team_id = team.id),
      (select string_agg(concat_ws(' ', id, state, path, bytes, verdict, verdict_at, received_at, gone_at), ',') from (
        select * from upload where team_id = team.id order by started_at desc limit ${UPLOADS_FELT}) of_team),
      (select count(*) from upload where team_id = team.id and state in ('receiving', 'unconfirmed')),
      (select count(*) from slot where team_id = team.id and state = 'waiting'))) as pulse
    from team where id = any(${[...teamIds]}::integer[])`.execute(db)
  return new Map(rows.map(({ id, pulse }) => [id, pulse]))
}
