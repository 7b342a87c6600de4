import { sql, type Transaction } from 'kysely'
import type { TeamPath } from '../../model/team-path.ts'
import type { Database } from '../postgres/database.ts'
import { prepared } from '../postgres/prepared.ts'
import type { Tables, UploadRow } from '../postgres/tables.ts'

/** How long a transaction for many waits for the rows that others are writing. */
const PATIENCE = '1s'

/**
 * The file at this path is gone. Answers what was there. `vanished`: it disappeared for no known reason,
 * so it may come back.
 */
export function gone(
  db: Database,
  teamId: number,
  path: TeamPath,
  { vanished }: { vanished: boolean } = { vanished: false },
): Promise<UploadRow[]> {
  return db
    .updateTable('upload')
    .set({ gone_at: sql<Date>`clock_timestamp()`, vanished })
    .where('team_id', '=', teamId)
    .where('path', '=', path)
    .where('state', '=', 'ready')
    .where('gone_at', 'is', null)
    .returningAll()
    .execute()
}

/** Until the transaction ends no other process gives this path to a file, or takes the file away. */
export async function lockPath(tx: Transaction<Tables>, teamId: number, path: TeamPath): Promise<void> {
  await sql`select pg_advisory_xact_lock(${teamId}::integer, hashtext(${path}))`.execute(tx)
}

/**
 * As `lockPath`, for those of many paths that are not locked; answers which. Since it waits for none, nothing waits
 * in a circle. What else the transaction would wait for long fails it.
 */
export async function freeOf(
  tx: Transaction<Tables>,
  paths: readonly { teamId: number; path: TeamPath }[],
): Promise<boolean[]> {
  const rows = await lockFree(
    tx,
    paths.map(({ teamId }) => teamId),
    paths.map(({ path }) => path),
  )
  return rows.map(({ free }) => free)
}

const lockFree = prepared<{ free: boolean }>(
  'lock_free_paths',
  `select pg_try_advisory_xact_lock(p.team_id, hashtext(p.path)) and limited.patience is not null as free
  from (select set_config('lock_timeout', '${PATIENCE}', true) as patience) limited,
    unnest($1::integer[], $2::text[]) with ordinality as p (team_id, path, number)
  order by p.number`,
)
