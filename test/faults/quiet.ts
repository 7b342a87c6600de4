import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Team } from '../../model/team.ts'
import { sendSignal } from '../../store/postgres/signals.ts'
import type { Subject } from './subject.ts'
import type { World } from './world.ts'

/** Longer than any machine is busy without a sign. */
export const QUIET_WITHIN_MS = 600_000

/** Whether nothing is going on for the team any more. */
export async function isOver(world: World, { team }: Subject): Promise<boolean> {
  // PostgreSQL may be away for a moment.
  const left = await open(world, team).catch(() => null)
  return left !== null && left.runs + left.files + left.mails === 0
}

async function open(world: World, team: Team): Promise<{ runs: number; files: number; mails: number }> {
  const { rows } = await sql<{ runs: number; files: number; mails: number }>`select
    (select count(*) from run where team_id = ${team.id} and (state in ('queued', 'running') or undoing is not null)) as runs,
    (select count(*) from batch where team_id = ${team.id} and after_state = 'pending') as files,
    (select count(*) from mail where team_id = ${team.id} and state in ('waiting', 'queued')) as mails`.execute(
    world.direct.db,
  )
  return rows[0] ?? { runs: 0, files: 0, mails: 0 }
}

/** Waits until every run of the team has ended and every mail is out; mails need not wait for their next try. */
export async function quiet(world: World, { team }: Subject): Promise<void> {
  const { db } = world.direct
  const begun = performance.now()
  let [last, changed] = ['', begun]
  let [hurry, hurriedAt] = [250, begun]
  for (;;) {
    await world.revive()
    const left = await open(world, team)
    const seconds = ((performance.now() - begun) / 1000).toFixed(0)
    if (left.runs + left.files + left.mails === 0) {
      if (Number(seconds) > 20) world.say(`quiet after ${seconds} s; last left: ${last}`)
      return
    }
    const now = performance.now()
    if (JSON.stringify(left) !== last) [last, changed] = [JSON.stringify(left), now]
    if (now - changed > QUIET_WITHIN_MS) throw new Error(`still not quiet: ${last}; ${await whatGoesOn(world, team)}`)
    // Ever more seldom: a mail that is being sent is not to be taken for one that waits.
    if (left.runs === 0 && left.mails > 0 && now - hurriedAt > hurry) {
      hurry *= 2
      hurriedAt = now
      await sql`update mail set next_attempt_at = now() where team_id = ${team.id} and state = 'queued'
        and next_attempt_at > now() + interval '2 seconds'`.execute(db)
      await sendSignal(db, { kind: 'mail_queued' })
    }
    if (left.runs > 0) await sendSignal(db, { kind: 'run_queued' })
    await sleep(50)
  }
}

/** For the one who looks into it. */
async function whatGoesOn(world: World, team: Team): Promise<string> {
  const { pool } = world.direct
  const busy = await pool.query(
    `select application_name, state, wait_event_type || ' ' || wait_event as waits, pg_blocking_pids(pid) as behind, pid,
      now() - query_start as since, left(query, 200) as query
    from pg_stat_activity where datname = current_database() and state <> 'idle'`,
  )
  const batches = await pool.query(
    `select file_name, batch.state, after_state, lease_owner, lease_until - now() as lease
    from batch join run on run.id = run_id where batch.team_id = $1`,
    [team.id],
  )
  return JSON.stringify({ batches: batches.rows, busy: busy.rows }, null, 1)
}
