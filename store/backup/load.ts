import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { sql } from 'kysely'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { type Database, onConnection } from '../postgres/database.ts'
import { migrateTo } from '../postgres/migrate.ts'

export interface Load {
  /** The migrations that the rows belong to. */
  migrations: readonly string[]
  tables: readonly { name: string; columns: readonly string[]; rows: number }[]
  sequences: readonly { table: string; column: string; last: string }[]
  /** The rows of a table, as COPY wrote them. */
  contentOf(table: string): Readable
}

/** The first of our tables that the database has already; null where it has none. */
export async function occupiedBy(db: Database, tables: readonly string[]): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class where relnamespace = current_schema()::regnamespace
      and relname = any(${[...tables, 'kysely_migration']}) limit 1`.execute(db)
  return rows[0]?.name ?? null
}

/** Makes the schema of the backup and fills it, in one transaction. */
export async function loadTables(pool: pg.Pool, load: Load): Promise<void> {
  const client = await pool.connect()
  try {
    await onConnection(client)
      .transaction()
      .execute(async (tx) => {
        await sql`set local statement_timeout = 0`.execute(tx)
        await sql`set local idle_in_transaction_session_timeout = 0`.execute(tx)
        await migrateTo(tx, load.migrations)
        const tables = inOrder(load.tables, await references(tx))
        const all = sql.join(tables.map(({ name }) => sql.table(name)))
        // Migrations put rows of their own into some.
        await sql`truncate ${all}`.execute(tx)
        for (const table of tables) await fill(client, tx, table, load.contentOf(table.name))
        for (const { table, column, last } of load.sequences)
          await sql`select setval(pg_get_serial_sequence(${table}, ${column}), ${last}::bigint)`.execute(tx)
      })
  } finally {
    client.release()
  }
}

async function fill(client: pg.PoolClient, tx: Database, table: Load['tables'][number], content: Readable) {
  const name = sql.table(table.name)
  // What they would write is in the backup.
  await sql`alter table ${name} disable trigger user`.execute(tx)
  const named = sql.join(table.columns.map((column) => sql.id(column)))
  const stream = client.query(copyFrom(sql`copy ${name} (${named}) from stdin`.compile(tx).sql))
  await pipeline(content, stream)
  if (stream.rowCount !== table.rows)
    throw new Error(`${table.name} has ${stream.rowCount} rows, where the backup says ${table.rows}`)
  await sql`alter table ${name} enable trigger user`.execute(tx)
}

interface Reference {
  from: string
  to: string
}

async function references(tx: Database): Promise<Reference[]> {
  const { rows } = await sql<Reference>`
    select conrelid::regclass::text as from, confrelid::regclass::text as to
    from pg_constraint where contype = 'f' and connamespace = current_schema()::regnamespace`.execute(tx)
  return rows
}

/** Each table after those that it refers to. */
export function inOrder<T extends { name: string }>(tables: readonly T[], refers: readonly Reference[]): T[] {
  const ordered: T[] = []
  const visit = (table: T, path: readonly string[]): void => {
    if (ordered.includes(table) || path.includes(table.name)) return
    for (const { from, to } of refers) {
      const next = from === table.name && tables.find(({ name }) => name === to)
      if (next) visit(next, [...path, table.name])
    }
    ordered.push(table)
  }
  for (const table of tables) visit(table, [])
  return ordered
}
