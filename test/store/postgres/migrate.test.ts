import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { MIGRATIONS } from '../../../migrations/index.ts'
import { migrate } from '../../../store/postgres/migrate.ts'
import { testDatabase } from '../../support/database.ts'

const { db } = testDatabase()

test('migrations are applied in the order of the list, and a second time nothing happens', async () => {
  await Promise.all([migrate(db), migrate(db)])
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  expect(rows.map((row) => row.name)).toEqual(Object.keys(MIGRATIONS))
})

test('a schema made by a newer program is refused with a sentence', async () => {
  await sql`insert into kysely_migration (name, timestamp) values ('9999-later', now()::text)`.execute(db)
  await expect(migrate(db)).rejects.toThrow('migrated by a newer program (9999-later)')
})
