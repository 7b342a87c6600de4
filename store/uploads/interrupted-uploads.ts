import { sql } from 'kysely'
import type { TeamPath } from '../../model/team-path.ts'
import type { Database } from '../postgres/database.ts'

/** How long an interrupted upload can be continued. */
export const KEPT_SINCE = sql<Date>`now() - interval '24 hours'`

/** The account's own upload to `path` that broke off last, not long ago and behind any file there. */
export async function interruptedUpload(
  db: Database,
  of: { teamId: number; account: string; path: TeamPath },
): Promise<{ id: string; temporaryName: string; bytes: number } | null> {
  const row = await db
    .selectFrom('upload')
    .select(['id', 'temporary_name', 'bytes'])
    .where('team_id', '=', of.teamId)
    .where('path', '=', of.path)
    .where('account', '=', of.account)
    .where('state', '=', 'incomplete')
    .where('temporary_name', 'is not', null)
    .where('started_at', '>', KEPT_SINCE)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('upload as later')
            .select('later.id')
            .whereRef('later.team_id', '=', 'upload.team_id')
            .whereRef('later.path', '=', 'upload.path')
            .where('later.state', '=', 'ready')
            .where('later.gone_at', 'is', null)
            .whereRef('later.received_at', '>', 'upload.started_at'),
        ),
      ),
    )
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.temporary_name ? { id: row.id, temporaryName: row.temporary_name, bytes: row.bytes } : null
}

/** The hidden names of interrupted uploads of a team that may still be continued. */
export async function keptUploads(db: Database, teamId: number): Promise<string[]> {
  const rows = await db
    .selectFrom('upload')
    .select('temporary_name')
    .where('team_id', '=', teamId)
    .where('state', '=', 'incomplete')
    .where('temporary_name', 'is not', null)
    .execute()
  return rows.flatMap(({ temporary_name }) => temporary_name ?? [])
}

/** Gives up interrupted uploads of a team: those to one path of one account, or those that are too old. Answers their hidden names. */
export async function forgetKept(
  db: Database,
  teamId: number,
  which: { path: TeamPath; account: string } | 'expired',
): Promise<string[]> {
  const condition =
    which === 'expired'
      ? sql<boolean>`started_at <= ${KEPT_SINCE}`
      : sql<boolean>`path = ${which.path} and account = ${which.account}`
  const { rows } = await sql<{ name: string }>`
    with kept as (
      select id, temporary_name from upload
      where team_id = ${teamId} and state = 'incomplete' and temporary_name is not null and ${condition}
      for update
    )
    update upload set temporary_name = null from kept where upload.id = kept.id
    returning kept.temporary_name as name`.execute(db)
  return rows.map(({ name }) => name)
}
