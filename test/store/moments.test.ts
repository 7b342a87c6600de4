import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'

const { db } = testDatabase()
const ROOT = join(import.meta.dirname, '../..')

/** Asking whether a moment has passed: that answer may be as old as the transaction, and an index can be used. */
const COMPARED = /[<>]=?(?:', | )(?:sql<Date>`)?now\(\)|since \?\? sql<Date>`now\(\)|extract\(epoch from now\(\)/
const COMPARED_LATER = /^export const KEPT_SINCE = /

/** Contacts of one import bear the moment of its transaction: undo and history find them by it (`batch.applied_at`). */
const ONE_MOMENT = [
  'applied_at: sql<Date>`now()`',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of the source
  'opt_out_changed_at = case when ${STOPPED} or c.opted_out <> (${NEXT_OPTED_OUT}) then now()',
  'opt_out_source = b.source, opt_out_changed_at = now(), record_hash = null',
  'opt_out_source = late.source, opt_out_changed_at = now(), record_hash = null',
  'updated_at = now(), last_batch_id = $2',
  "opt_out_source = 'import', opt_out_changed_at = now(), record_hash = null",
]

test('a moment that is written is that of the clock, not the beginning of a transaction that may last an hour', () => {
  const used = new Set<string>()
  const wrong: string[] = []
  for (const file of globSync('{store,ingest,server,web,notify}/**/*.{ts,tsx}', { cwd: ROOT })) {
    const lines = readFileSync(join(ROOT, file), 'utf8').split('\n')
    for (const [at, line] of lines.entries()) {
      // `now()` of JavaScript is the clock that is handed in.
      const inSql = file.startsWith('store/') || /sql.*`/.test(line)
      if (!inSql || !/(?<![\w.#])(?:now\(\)|current_timestamp|transaction_timestamp\(\))/i.test(line)) continue
      if (COMPARED.test(line) || COMPARED_LATER.test(line)) continue
      const exception = ONE_MOMENT.find((text) => line.includes(text))
      if (exception) used.add(exception)
      else wrong.push(`${file}:${at + 1}: ${line.trim()}`)
    }
  }
  expect(wrong).toEqual([])
  expect([...used].sort()).toEqual(ONE_MOMENT.toSorted())
})

test('no column has the beginning of the transaction by default, but for what one import gives to its contacts', async () => {
  const { rows } = await sql<{ name: string }>`
    select table_name || '.' || column_name as name from information_schema.columns
    where table_schema = current_schema() and column_default ~* '(now|transaction_timestamp)\\(|current_timestamp'
      and column_default !~* 'clock_timestamp'
    order by name`.execute(db)
  expect(rows.map(({ name }) => name)).toEqual([
    'contact.created_at',
    'contact.opt_out_changed_at',
    'contact.updated_at',
  ])
})

test('no function of the schema writes it', async () => {
  const { rows } = await sql<{ name: string; body: string }>`
    select proname as name, prosrc as body from pg_proc
    where pronamespace = current_schema()::regnamespace and prosrc ~* '(now|transaction_timestamp)\\(|current_timestamp'`.execute(
    db,
  )
  // It only tells the moment of an import from one that an undo gives back.
  expect(rows.map(({ name }) => name)).toEqual(['keep_preference_change'])
  expect(rows[0]?.body.match(/now\(\)/g)).toHaveLength(1)
})
