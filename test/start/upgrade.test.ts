import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { readConfig } from '../../config.ts'
import { createLog } from '../../log.ts'
import { MIGRATIONS } from '../../migrations/index.ts'
import { startService } from '../../start/service.ts'
import { type Database, openDatabase } from '../../store/postgres/database.ts'
import { migrateTo } from '../../store/postgres/migrate.ts'
import { urlOf } from '../support/database-url.ts'
import { FREE_PORTS } from '../support/machine/process.ts'
import { SETTINGS } from '../support/service.ts'

vi.setConfig({ testTimeout: 60_000 })

const log = createLog('silent')
const FILE = 'ID,First,Last,Cell,OptOut,Major\n1,Ann,Lee,716-555-0101,N,Law\n2,Bo,Lee,716-555-0102,N,Law\n'

/** An empty database until the test ends. */
async function emptyDatabase() {
  const server = openDatabase(inject('postgres'), log, { size: 1 })
  const name = `test_${randomBytes(6).toString('hex')}`
  await sql`create database ${sql.id(name)}`.execute(server.db)
  onTestFinished(async () => {
    await sql`drop database ${sql.id(name)} with (force)`.execute(server.db)
    await server.close()
  })
  return { ...inject('postgres'), database: name }
}

/** A person who has opted out, a file that waits, and a run whose process was killed. */
async function fill(db: Database, dataDir: string): Promise<void> {
  const folder = join(dataDir, 'teams/admissions/cadence/imports')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'StudentData.csv'), FILE)
  const { dev, ino } = await stat(join(folder, 'StudentData.csv'))
  const { pauses: _pauses, webhook: _webhook, results: _results, aliases: _aliases, ...settings } = SETTINGS
  await sql`insert into team (team, name, time_zone) values ('admissions', 'Admissions', 'America/New_York')`.execute(
    db,
  )
  await sql`insert into import_settings (team_id, version, settings, saved_by)
    select id, 1, ${JSON.stringify(settings)}::jsonb, 'dana@example.edu' from team`.execute(db)
  await sql`insert into contact (team_id, contact_id, first_name, last_name, mobile_number, opted_out, opt_out_source)
    select id, '1', 'Ann', 'Old', '+17165550101', true, 'contact' from team`.execute(db)
  await sql`insert into upload (team_id, path, source, state, verdict, received_at, bytes, sha256, device, inode)
    select id, '/cadence/imports/StudentData.csv', 'ftps', 'ready', 'waiting', now() - interval '1 hour', ${FILE.length},
      ${createHash('sha256').update(FILE).digest('hex')}, ${String(dev)}, ${String(ino)} from team`.execute(db)
  await sql`insert into run (team_id, number, trigger, state, requested_by, started_at, lease_owner, lease_until)
    select id, 1, 'on_demand', 'running', 'dana@example.edu', now(), 'rosterport/gone', now() - interval '1 minute'
    from team`.execute(db)
}

/** The last migration of each release. */
const RELEASES = { '0.1.0': '0016-few-contacts', '0.2.0': '0020-room' }

for (const [version, last] of Object.entries(RELEASES))
  test(`the database of ${version} is brought up to date, and the run that was interrupted is carried out`, async () => {
    const address = await emptyDatabase()
    const dataDir = await mkdtemp(join(tmpdir(), 'rosterport-upgrade-'))
    onTestFinished(() => rm(dataDir, { recursive: true }))
    const old = openDatabase(address, log, { size: 1 })
    const names = Object.keys(MIGRATIONS).filter((name) => name <= last)
    expect(names.at(-1)).toBe(last)
    await old.db.transaction().execute((tx) => migrateTo(tx, names))
    await fill(old.db, dataDir)
    await old.close()

    const env = { ...FREE_PORTS, DATABASE_URL: urlOf(address), DATA_DIR: dataDir }
    const service = await startService(readConfig(env), log, undefined, () => {})
    try {
      const run = () => service.db.selectFrom('run').select(['number', 'state']).execute()
      await expect.poll(run, { timeout: 30_000 }).toEqual([{ number: 1, state: 'imported' }])
      const contacts = await service.db
        .selectFrom('contact')
        .select(['contact_id', 'last_name', 'opted_out', 'opt_out_source'])
        .orderBy('contact_id')
        .execute()
      expect(contacts).toEqual([
        { contact_id: '1', last_name: 'Lee', opted_out: true, opt_out_source: 'contact' },
        { contact_id: '2', last_name: 'Lee', opted_out: false, opt_out_source: 'import' },
      ])
      const upload = await service.db.selectFrom('upload').select('verdict').execute()
      expect(upload).toEqual([{ verdict: 'imported' }])
    } finally {
      await service.stop()
    }
  })
