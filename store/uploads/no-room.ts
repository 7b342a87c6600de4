import { sql } from 'kysely'
import type { Database } from '../postgres/database.ts'

const CLOCK = sql<Date>`clock_timestamp()`

/** An upload found the disk full. True for the first one since there was room. */
export async function diskFull(tx: Database): Promise<boolean> {
  const { disk_full_at } = await tx
    .selectFrom('installation')
    .select('disk_full_at')
    .forUpdate()
    .executeTakeFirstOrThrow()
  await tx.updateTable('installation').set({ disk_full_at: CLOCK }).where('sole', '=', true).execute()
  return disk_full_at === null
}

/** An upload found the quota of its team used up. True for the first one since one fitted. */
export async function quotaFull(tx: Database, teamId: number): Promise<boolean> {
  const { quota_full_at } = await tx
    .selectFrom('team')
    .select('quota_full_at')
    .where('id', '=', teamId)
    .forUpdate()
    .executeTakeFirstOrThrow()
  await tx.updateTable('team').set({ quota_full_at: CLOCK }).where('id', '=', teamId).execute()
  return quota_full_at === null
}

/**
 * A disk with room again has taken an upload since, or refused none for an hour. A team's quota has room again once an
 * upload of the team was taken.
 */
export async function roomAgain(db: Database, { disk }: { disk: boolean }): Promise<void> {
  if (disk)
    await sql`update installation set disk_full_at = null
      where disk_full_at is not null and (disk_full_at < now() - interval '1 hour'
        or exists (select from upload where state = 'ready' and source <> 'host' and received_at > disk_full_at))`.execute(
      db,
    )
  await sql`update team set quota_full_at = null
    where quota_full_at is not null and exists (select from upload where upload.team_id = team.id and state = 'ready'
      and source <> 'host' and received_at > quota_full_at)`.execute(db)
}

/** Who can make room: the owners, and for a quota those who look after the team. */
export async function whoMakesRoom(db: Database, teamId: number | null): Promise<string[]> {
  const rows = await db
    .selectFrom('administrator')
    .select('email')
    .where((eb) =>
      eb.or([
        eb('role', '=', 'owner'),
        eb(
          'id',
          'in',
          eb
            .selectFrom('administrator_team')
            .select('administrator_id')
            .where('team_id', '=', teamId ?? 0),
        ),
      ]),
    )
    .orderBy('email')
    .execute()
  return rows.map(({ email }) => email)
}
