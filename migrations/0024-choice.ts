import { type Kysely, sql } from 'kysely'

/** A run of named files takes no other ones, and an approval stands for the figures that a person saw. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table run add column named boolean not null default false`.execute(db)
  await sql`
    update run set named = true
    where state in ('queued', 'running') and exists (select from batch where batch.run_id = run.id)`.execute(db)
  await sql`
    alter table batch
      -- What a person saw and approved: {findings, counts, samples, revision}; nothing else is applied.
      add column approved jsonb`.execute(db)
}
