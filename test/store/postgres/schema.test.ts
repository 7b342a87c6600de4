import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { expect, test } from 'vitest'
import { createLog } from '../../../log.ts'
import { confineToTeams } from '../../../migrations/row-security.ts'
import { prepareRoles } from '../../../store/postgres/roles.ts'
import { testDatabase } from '../../support/database.ts'
import { schemaText } from '../../support/schema-text.ts'
import { columnsOf, type TypedColumn } from '../../support/table-types.ts'

const database = testDatabase()
const ROOT = join(import.meta.dirname, '../../..')

test('the schema is the one of test/schema.sql (npm run schema rewrites it)', async () => {
  await prepareRoles(database.db, createLog('error'))
  await expect(await schemaText(database.db)).toMatchFileSnapshot(join(ROOT, 'test/schema.sql'))
})

test('store/postgres/tables.ts names every table and column, with its nullability and type', async () => {
  const { rows } = await sql<TypedColumn>`
    select c.table_name as "table", c.column_name as "column", c.is_nullable = 'YES' as nullable, case
      -- It uses all 64 bits, so it is read as text.
      when c.column_name = 'record_hash' then 'string'
      when c.data_type in ('integer', 'bigint', 'smallint') then 'number'
      when c.data_type = 'boolean' then 'boolean'
      when c.data_type = 'bytea' then 'Buffer'
      when c.data_type like 'timestamp%' then 'Date'
      when c.data_type = 'ARRAY' then 'string[]'
      when c.data_type in ('json', 'jsonb') then 'json'
      else 'string' end as type, c.column_default is not null or c.is_identity = 'YES' as generated
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = current_schema() and t.table_type = 'BASE TABLE' and c.table_name not like 'kysely%'
    order by 1, 2`.execute(database.db)
  const typed = columnsOf(readFileSync(join(ROOT, 'store/postgres/tables.ts'), 'utf8'))
  const shape = ({ table, column, nullable, type }: TypedColumn) => ({ table, column, nullable, type })
  expect(typed.map(shape)).toEqual(rows.map(shape))
  // An insert that leaves such a column out would fail.
  const has = new Map(rows.map((row) => [`${row.table}.${row.column}`, row.generated]))
  expect(typed.filter(({ table, column, generated }) => generated && !has.get(`${table}.${column}`))).toEqual([])
})

test('a table that a coming migration confines has the policies of those before it', async () => {
  await sql`create table coming (team_id integer not null)`.execute(database.db)
  await confineToTeams(database.db as unknown as Kysely<unknown>, 'coming')
  const policies = (table: string) =>
    sql`select policyname, cmd, qual, with_check from pg_policies where tablename = ${table} order by 1`.execute(
      database.db,
    )
  expect((await policies('coming')).rows).toEqual((await policies('few_contacts')).rows)
})
