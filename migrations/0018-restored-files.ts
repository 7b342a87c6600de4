import { type Kysely, sql } from 'kysely'

/** What tells a file again that a restore, a move or another machine has given another device and inode. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table upload
    -- The time of the last change by the clock of the disk, as it was when the file was last seen.
    add column changed_at timestamptz,
    -- It is gone, but not by an upload, a command or an import: a look did not find it any more.
    add column vanished boolean not null default false`.execute(db)
  await sql`
    update upload set sha256 = (select sha256 from batch
      where batch.upload_id = upload.id and batch.sha256 is not null order by finished_at desc limit 1)
    where sha256 is null`.execute(db)
  // What stood under a path before.
  await sql`create index upload_gone on upload (team_id, path, bytes) where state = 'ready' and gone_at is not null`.execute(
    db,
  )
}
