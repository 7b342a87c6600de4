import { type Expression, sql } from 'kysely'
import type { Upload } from '../../model/upload.ts'
import type { Database } from '../postgres/database.ts'
import { uploadOf } from './find-uploads.ts'

export interface UnfinishedUpload extends Upload {
  temporaryName: string | null
}

/** The uploads of a team that are `receiving` or `unconfirmed`; at boot, what an earlier process left behind. */
export async function unfinishedUploads(db: Database, teamId: number): Promise<UnfinishedUpload[]> {
  const rows = await db
    .selectFrom('upload')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('state', 'in', ['receiving', 'unconfirmed'])
    .orderBy('started_at')
    .execute()
  return rows.map((row) => ({ ...uploadOf(row), temporaryName: row.temporary_name }))
}

/** The upload, if it is still unconfirmed. */
export async function unconfirmedUpload(db: Database, id: string): Promise<UnfinishedUpload | null> {
  const row = await db
    .selectFrom('upload')
    .selectAll()
    .where('id', '=', id)
    .where('state', '=', 'unconfirmed')
    .executeTakeFirst()
  return row ? { ...uploadOf(row), temporaryName: row.temporary_name } : null
}

/** Minimum uptime of PostgreSQL before a process without a connection counts as dead. */
const RECONNECT_SECONDS = 10

/** A process has no connection to the database, and has had time to reconnect after a restart of PostgreSQL. */
const isGone = (process: Expression<string | null>) => sql<boolean>`(
  not exists (select from pg_stat_activity a
    where a.datname = current_database() and a.application_name = ${process})
  and pg_postmaster_start_time() < now() - make_interval(secs => ${RECONNECT_SECONDS}))`

/** If true, another process may take over its unfinished uploads. */
export async function isProcessGone(db: Database, process: string): Promise<boolean> {
  const { gone } = await db.selectNoFrom(isGone(sql.val(process)).as('gone')).executeTakeFirstOrThrow()
  return gone
}

/**
 * The unfinished uploads of all teams that no process works on any more: the one that received them has no connection to
 * the database, and has had time to reconnect after a restart of PostgreSQL.
 */
export async function abandonedUploads(db: Database): Promise<UnfinishedUpload[]> {
  const rows = await db
    .selectFrom('upload')
    .selectAll()
    .where('state', 'in', ['receiving', 'unconfirmed'])
    .where((where) => where.or([where('process', 'is', null), isGone(where.ref('upload.process'))]))
    .orderBy('started_at')
    .execute()
  return rows.map((row) => ({ ...uploadOf(row), temporaryName: row.temporary_name }))
}

/** At an orderly stop: the next process to start decides about them. */
export async function leaveUploads(db: Database, processName: string): Promise<void> {
  await db
    .updateTable('upload')
    .set({ process: null })
    .where('process', '=', processName)
    .where('state', 'in', ['receiving', 'unconfirmed'])
    .execute()
}

/** Alive: another process of the service has a connection to this database. */
export async function othersAreAlive(db: Database, processName: string): Promise<boolean> {
  const { rows } = await sql<{ alive: boolean }>`
    select exists (select from pg_stat_activity where datname = current_database()
      and application_name like 'rosterport/%' and application_name <> ${processName}) as alive`.execute(db)
  return rows[0]?.alive ?? false
}
