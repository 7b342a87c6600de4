import { execFile, spawnSync } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import type { EmbeddedAddress } from '../start/embedded-postgres.ts'
import type { Database } from '../store/postgres/database.ts'
import { writeContactFile } from './contact-file.ts'
import { importOnce, settle, withImportDatabase } from './import-database.ts'
import type { ImportMeasures } from './import-once.ts'

const run = promisify(execFile)

/** `asked` and `aim`: the time it may take, as a share of psql's. */
const CASES = [
  { title: 'first import', file: 'a.csv', fresh: true, asked: 1.1, aim: 0.8 },
  { title: 'the same file again', file: 'a.csv', fresh: false, asked: 0.9, aim: 0.6 },
  { title: '5 % changed', file: 'b.csv', fresh: false, asked: 1.0, aim: 0.8 },
  { title: 'first import, every value quoted', file: 'q.csv', fresh: true, asked: 1.3, aim: 1.3 },
] as const

/**
 * Imports beside the yardstick: psql `\copy` of the same file into an all-text table and one set-based merge, on the same
 * server, in turn. The yardstick validates nothing.
 */
export async function benchIngest({ records, rounds }: { records: number; rounds: number }): Promise<string> {
  if (spawnSync('psql', ['--version']).status !== 0)
    return 'Not measured: psql is not installed, and without it there is no yardstick.\n'
  return withImportDatabase(async (database) => {
    const { db, address, folder } = database
    await prepareYardstick(db)
    await writeContactFile(join(folder, 'a.csv'), { records })
    await writeContactFile(join(folder, 'b.csv'), { records, changedShare: 0.05 })
    await writeContactFile(join(folder, 'q.csv'), { records, allQuoted: true })
    const { size } = await stat(join(folder, 'a.csv'))
    const pairs = CASES.map(() => ({ psql: [] as number[], ours: [] as ImportMeasures[] }))
    for (let round = 0; round < rounds; round++)
      for (const [index, { file, fresh }] of CASES.entries()) {
        const pair = pairs[index] as (typeof pairs)[number]
        const psql = async () => pair.psql.push(await yardstick(db, address, join(folder, file), fresh))
        const ours = async () => pair.ours.push(await importOnce(database, file, fresh))
        for (const side of round % 2 === 0 ? [psql, ours] : [ours, psql]) await side()
      }
    return report(records, size, rounds, pairs)
  })
}

async function prepareYardstick(db: Database): Promise<void> {
  await sql`create unlogged table raw (${sql.raw(RAW.map((name) => `${name} text`).join(', '))})`.execute(db)
  // The same columns and indexes; no checks, since it holds numbers as they are written.
  await sql`create table yardstick (like contact including defaults including indexes)`.execute(db)
  for (const column of ['first_name', 'last_name', 'mobile_number'])
    await sql`alter table yardstick alter ${sql.id(column)} drop not null`.execute(db)
}

const RAW = ['id', 'first', 'last', 'cell', 'email', 'advisor', 'opt', 'major', 'year', 'campus', 'address', 'note']

const NEXT = `select distinct on (id) 1 as team_id, id as contact_id, first as first_name, last as last_name,
    cell as mobile_number, advisor as staff_id,
    jsonb_build_object('Email', email, 'Major', major, 'Year', year, 'Campus', campus, 'Address', address, 'Note', note)
      as custom_fields,
    opt = 'Y' as opted_out
  from raw order by id`

const UPDATE = `on conflict (team_id, contact_id) do update set first_name = excluded.first_name,
  last_name = excluded.last_name, mobile_number = excluded.mobile_number, staff_id = excluded.staff_id,
  custom_fields = excluded.custom_fields, opted_out = excluded.opted_out, updated_at = now()`

const INTO =
  'insert into yardstick (team_id, contact_id, first_name, last_name, mobile_number, staff_id, custom_fields, opted_out)'

const DIFFERS = (a: string, b: string) => {
  const row = (of: string) =>
    `(${['first_name', 'last_name', 'mobile_number', 'staff_id', 'custom_fields', 'opted_out'].map((name) => `${of}.${name}`).join(', ')})`
  return `${row(a)} is distinct from ${row(b)}`
}

/** The quicker statement for each kind of import. */
const MERGES = {
  fresh: `${INTO} ${NEXT} ${UPDATE} where ${DIFFERS('yardstick', 'excluded')}`,
  again: `${INTO} select n.* from (${NEXT}) n left join yardstick y using (team_id, contact_id)
    where y.contact_id is null or ${DIFFERS('y', 'n')} ${UPDATE}`,
}

async function yardstick(db: Database, address: EmbeddedAddress, file: string, fresh: boolean): Promise<number> {
  await sql`truncate raw`.execute(db)
  if (fresh) await sql`truncate yardstick`.execute(db)
  await settle(db, 'yardstick')
  const begun = performance.now()
  const psql = [
    ...['-h', address.socketFolder, '-U', 'postgres', '-d', 'postgres', '-q', '-X', '-v', 'ON_ERROR_STOP=1'],
    ...['-c', 'begin', '-c', `\\copy raw from '${file}' with (format csv, header)`],
    ...['-c', fresh ? MERGES.fresh : MERGES.again, '-c', 'commit'],
  ]
  await run('psql', psql, { env: { ...process.env, PGPASSWORD: address.password } })
  return (performance.now() - begun) / 1000
}

function report(
  records: number,
  bytes: number,
  rounds: number,
  pairs: { psql: number[]; ours: ImportMeasures[] }[],
): string {
  const lines = [
    `${records.toLocaleString('en-US')} records of 12 columns, ${Math.round(bytes / 1e6)} MB, medians of ${rounds} interleaved pairs.`,
    '',
    '| import | psql, s | ours, s | ratio | asked | aim | ours, CPU s | peak memory, MB | event loop p99, ms |',
    '|---|---|---|---|---|---|---|---|---|',
  ]
  for (const [index, { title, asked, aim }] of CASES.entries()) {
    const { psql, ours } = pairs[index] as (typeof pairs)[number]
    const ratio = median(ours.map(({ seconds }, round) => seconds / (psql[round] as number)))
    const numbers = [
      median(psql).toFixed(1),
      median(ours.map(({ seconds }) => seconds)).toFixed(1),
      ratio.toFixed(2),
      asked.toFixed(2),
      aim.toFixed(2),
      median(ours.map(({ cpu }) => cpu)).toFixed(1),
      Math.max(...ours.map(({ megabytes }) => megabytes)),
      Math.max(...ours.map(({ delayMs }) => delayMs)).toFixed(0),
    ]
    lines.push(`| ${title} | ${numbers.join(' | ')} |`)
  }
  return `${lines.join('\n')}\n`
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] as number
}
