import type { Readable } from 'node:stream'
import { sql } from 'kysely'
import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { type Database, inTransaction } from '../postgres/database.ts'
import { UNENDED } from '../runs/batches.ts'

/** A file that the tables speak of as present. */
export interface NeededFile {
  /** Below `teams`. */
  path: string
  sha256: string | null
  /** Null where the service keeps it under a hidden name. */
  uploadId: string | null
}

export interface TableCopy {
  name: string
  columns: string[]
  /** The rows as COPY writes them. `rows` is right once all have been read. */
  content: Readable & { rowCount: number }
}

/** All tables at one moment. */
export interface Snapshot {
  needed(): Promise<NeededFile[]>
  migrations(): Promise<string[]>
  sequences(): Promise<{ table: string; column: string; last: string }[]>
  tables(): AsyncGenerator<TableCopy>
}

/** Runs `work` on the tables as they are now; whatever is written meanwhile is not seen. */
export async function withSnapshot<T>(pool: pg.Pool, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  return inTransaction(
    pool,
    async (client, tx) => {
      await sql`set transaction isolation level repeatable read, read only`.execute(tx)
      await sql`set local statement_timeout = 0`.execute(tx)
      return work({
        needed: () => neededFiles(tx),
        migrations: async () => {
          const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(tx)
          return rows.map(({ name }) => name)
        },
        sequences: () => sequencesOf(tx),
        tables: () => tablesOf(client, tx),
      })
    },
    undefined,
    'rollback',
  )
}

async function neededFiles(tx: Database): Promise<NeededFile[]> {
  const standing = await tx
    .selectFrom('upload')
    .innerJoin('team', 'team.id', 'upload.team_id')
    .select(['upload.id', 'team.team', 'upload.path', 'upload.sha256'])
    .where('upload.state', '=', 'ready')
    .where('upload.gone_at', 'is', null)
    .execute()
  const unconfirmed = await tx
    .selectFrom('upload')
    .innerJoin('team', 'team.id', 'upload.team_id')
    .select(['team.team', 'upload.temporary_name'])
    .where('upload.state', '=', 'unconfirmed')
    .execute()
  const given = await tx
    .selectFrom('batch')
    .innerJoin('team', 'team.id', 'batch.team_id')
    .select(['team.team', 'batch.temporary_name'])
    .where((eb) =>
      eb.or([eb('batch.state', 'in', UNENDED), eb.and([eb('batch.state', '=', 'held'), eb('decision', 'is', null)])]),
    )
    .execute()
  return [
    ...standing.map(({ id, team, path, sha256 }) => ({ path: `${team}${path}`, sha256, uploadId: id })),
    ...[...unconfirmed, ...given].flatMap(({ team, temporary_name: name }) =>
      name === null ? [] : [{ path: `${team}/.rosterport/${name}`, sha256: null, uploadId: null }],
    ),
  ]
}

async function sequencesOf(tx: Database) {
  const { rows } = await sql<{ table: string; column: string; last: string | null }>`
    select relname as "table", attname as "column",
      pg_sequence_last_value(pg_get_serial_sequence(quote_ident(relname), attname)::regclass)::text as last
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where attidentity <> '' and relkind = 'r' and relnamespace = current_schema()::regnamespace`.execute(tx)
  return rows.flatMap(({ last, ...rest }) => (last === null ? [] : [{ ...rest, last }]))
}

async function* tablesOf(client: pg.PoolClient, tx: Database): AsyncGenerator<TableCopy> {
  const { rows } = await sql<{ name: string; columns: string[] }>`
    select relname as name, array_agg(attname::text order by attnum) as columns
    from pg_class join pg_attribute on attrelid = pg_class.oid
    where relkind = 'r' and relnamespace = current_schema()::regnamespace and relname not like 'kysely%'
      and attnum > 0 and not attisdropped and attgenerated = '' and pg_has_role(current_user, relowner, 'USAGE')
    group by relname order by relname`.execute(tx)
  for (const { name, columns } of rows) {
    const named = sql.join(columns.map((column) => sql.id(column)))
    const statement = sql`copy ${sql.table(name)} (${named}) to stdout`.compile(tx).sql
    yield { name, columns, content: client.query(copyTo(statement)) as TableCopy['content'] }
  }
}

/** What has become of an upload. */
export interface Whereabouts {
  gone: boolean
  /** By an import: below `teams`; null where the file was deleted. */
  afterImport: { path: string | null } | null
}

/** As it is now, not in a snapshot. */
export async function whereabouts(db: Database, uploadId: string): Promise<Whereabouts> {
  const upload = await db.selectFrom('upload').select('gone_at').where('id', '=', uploadId).executeTakeFirst()
  const batch = await db
    .selectFrom('batch')
    .innerJoin('team', 'team.id', 'batch.team_id')
    .select(['team.team', 'after_path', 'after_state'])
    .where('upload_id', '=', uploadId)
    .where('after_state', 'in', ['pending', 'done'])
    .orderBy('batch.finished_at', 'desc')
    .executeTakeFirst()
  const path = batch?.after_path ? `${batch.team}${batch.after_path}` : null
  return { gone: !upload || upload.gone_at !== null, afterImport: batch ? { path } : null }
}
