import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { forEachWindow } from '../model/daily-windows.ts'
import { startService } from '../start/service.ts'
import type { Database } from '../store/postgres/database.ts'
import { RUN_ROLE } from '../store/postgres/roles.ts'
import { saveSettings } from '../store/settings.ts'
import { createTeam } from '../store/teams.ts'
import { EXAMPLE_SETTINGS, exampleFile, putFile } from '../test/web/pages/example.ts'

const CONTACTS = 1_000_000
const RUNS = 10_000
/** Files in the File Path. */
const WAITING = 20
const ASKED_MS = 50
const ROUNDS = 15
const ADMIN = { email: 'dana@example.edu', password: 'correct horse battery' }

/** How long the server takes for each page of a team with a million contacts and ten thousand runs. */
export async function benchPages(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rosterport-bench-pages-'))
  const config = readConfig({
    DATA_DIR: dataDir,
    HTTP_PORT: '0',
    FTP_PORT: '0',
    SFTP_PORT: '0',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
  })
  const service = await startService(config, createLog('error'))
  try {
    const run = await fill(service.db)
    for (let n = 0; n < WAITING; n++)
      await putFile(dataDir, 'admissions', `${EXAMPLE_SETTINGS.file.path}/StudentData_${n}.csv`, exampleFile(100))
    const base = `http://${service.addresses.http}`
    const signedIn = await fetch(`${base}/api/session`, { method: 'POST', body: JSON.stringify(ADMIN) })
    const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const team = '/teams/admissions'
    const pages = {
      overview: '/?all=1',
      imports: `${team}/imports`,
      configure: `${team}/configure`,
      runs: `${team}/runs`,
      run: `${team}/runs/${run}`,
      contacts: `${team}/contacts`,
      'contacts, the last page': `${team}/contacts?after=99995`,
      'contacts that opted out': `${team}/contacts?texting=opted_out`,
      'contacts of one Staff ID': `${team}/contacts?staff=s7`,
      'contacts changed by one run': `${team}/contacts?run=${RUNS}`,
      'contacts by a Contact ID': `${team}/contacts?search=500000`,
      'contacts that begin with "lee"': `${team}/contacts?search=lee`,
      'contacts that begin with "lee" and opted out': `${team}/contacts?search=lee&texting=opted_out`,
      'contacts that begin with "l"': `${team}/contacts?search=l`,
      'contacts by a first and a last name': `${team}/contacts?search=first77+last77`,
      'contacts by a last and a first name': `${team}/contacts?search=last77+first77`,
      'contacts by four digits of a number': `${team}/contacts?search=0177`,
      'contacts by seven digits of a number': `${team}/contacts?search=5550177`,
      'contacts by digits that no number has': `${team}/contacts?search=9876543`,
      'contacts by a mobile number': `${team}/contacts?search=716-555-0177`,
      'one contact': `${team}/contacts/500000`,
      figures: `${team}/figures`,
      'figures of all teams': '/figures',
      activity: `${team}/activity`,
      'activity of one kind': `${team}/activity?kind=people`,
      'activity of one account': `${team}/activity?search=sis-banner`,
      'activity, the last page': `${team}/activity?after=100`,
      'runs, the last page': `${team}/runs?before=30`,
      'runs with trouble': `${team}/runs?show=trouble`,
      'manual import': `${team}/manual-import`,
      'FTP accounts': `${team}/ftp-accounts`,
      'team users': `${team}/users`,
      'team settings': `${team}/settings`,
      people: '/people',
      teams: '/teams',
      settings: '/settings',
      account: '/account',
    }
    const rows = ['| page | median ms | 95th percentile ms | asked |', '|---|---|---|---|']
    for (const [name, path] of Object.entries(pages)) {
      const times: number[] = []
      for (let round = 0; round <= ROUNDS; round++) {
        const asked = performance.now()
        const answer = await fetch(base + path, { headers: { cookie, accept: 'text/html' } })
        await answer.text()
        if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`)
        // The first time its code is compiled and its figures are counted.
        if (round > 0) times.push(performance.now() - asked)
      }
      times.sort((a, b) => a - b)
      const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(1)
      rows.push(`| ${name} | ${at(0.5)} | ${at(0.95)} | <= ${ASKED_MS} |`)
    }
    return `${CONTACTS.toLocaleString('en-US')} contacts, ${RUNS.toLocaleString('en-US')} runs, ${ROUNDS} times each, from the request to the last byte.\n\n${rows.join('\n')}\n`
  } finally {
    await service.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** Answers the id of a run. */
async function fill(db: Database): Promise<string> {
  const team = await createTeam(db, { team: 'admissions', name: 'Admissions', timeZone: 'America/New_York' })
  if (!team) throw new Error('the team was not made')
  await createTeam(db, { team: 'bursar', name: 'Bursar', timeZone: 'America/New_York' })
  const schedule = forEachWindow(false)
  await saveSettings(db, team.id, 0, { ...EXAMPLE_SETTINGS, schedule }, ADMIN.email)
  await sql`
    insert into contact (team_id, contact_id, first_name, last_name, mobile_number, opted_out, staff_id)
    select ${team.id}, n::text, 'First' || n % 5000, case when n % 100 = 7 then 'Lee' else 'Last' || n % 9000 end,
      '+1716555' || lpad((n % 10000)::text, 4, '0'), n % 31 = 0, 's' || n % 400
    from generate_series(1, ${CONTACTS}) n`.execute(db)
  await sql`
    insert into run (team_id, number, trigger, state, requested_by, created_at, started_at, finished_at)
    select ${team.id}, n, 'on_demand', 'imported', 'dana@example.edu', now() - (${RUNS} - n) * interval '1 hour',
      now() - (${RUNS} - n) * interval '1 hour', now() - (${RUNS} - n) * interval '1 hour'
    from generate_series(1, ${RUNS}) n`.execute(db)
  await sql`
    insert into batch (run_id, team_id, ordinal, state, path, file_name, bytes, settings_version, records, created, rejected, started_at, finished_at)
    select id, team_id, 0, 'imported_with_errors', '/cadence/imports/StudentData.csv', 'StudentData.csv', 100000, 1, 1000, 900, 100, started_at, finished_at
    from run`.execute(db)
  // What the imports of the last days changed is stored beside its former values.
  await sql`update batch set undo_until = finished_at + interval '30 days', updated = 450, created = 450
    where finished_at > now() - interval '30 days'`.execute(db)
  await sql`
    insert into contact_before (team_id, batch_id, contact_id, first_name, last_name, mobile_number, staff_id,
      custom_fields, opted_out, opt_out_source, opt_out_changed_at, last_batch_id)
    select c.team_id, batch.id, contact_id, first_name, last_name, mobile_number, staff_id,
      custom_fields, c.opted_out, opt_out_source, opt_out_changed_at, null
    from batch join contact c on c.contact_id::integer % 2000 = extract(hour from finished_at)
    where undo_until is not null order by batch.finished_at, contact_id`.execute(db)
  await sql`
    update contact set last_batch_id = batch.id, first_name = first_name || 'a',
      created_at = case when contact_id::integer % 2000 = 1000 then batch.finished_at else created_at end
    from (select id, finished_at from batch order by finished_at desc limit 1) batch
    where contact_id::integer % 2000 in (1000, extract(hour from batch.finished_at))`.execute(db)
  await sql`
    insert into upload (team_id, path, source, account, state, started_at, received_at, bytes, verdict, gone_at)
    select ${team.id}, '/cadence/imports/StudentData.csv', 'ftp', 'sis-banner', 'ready', created_at, created_at, 100000, 'imported', created_at
    from run`.execute(db)
  await sql`
    insert into record_error (batch_id, line, contact_id, errors, record_values)
    select batch.id, n, n::text, '[{"code":"E_MOBILE_INVALID","field":"Mobile Number","message":"12 is no number"}]', '["1","Ann"]'
    from (select id from batch order by finished_at desc limit 50) batch, generate_series(2, 101) n`.execute(db)
  await sql`
    insert into audit (team_id, team, actor, actor_kind, action, details)
    select ${team.id}, 'admissions', 'dana@example.edu', 'administrator', 'import-settings.save', '{}' from generate_series(1, 20000)`.execute(
    db,
  )
  await db.updateTable('team').set({ last_run_number: RUNS }).where('id', '=', team.id).execute()
  // As the owner of the tables, like the autovacuum that comes a minute after an import; the service's own role may not.
  await db.connection().execute(async (connection) => {
    await sql`reset role`.execute(connection)
    await sql`vacuum analyze`.execute(connection)
    await sql`set role ${sql.id(RUN_ROLE)}`.execute(connection)
  })
  const last = await db.selectFrom('run').select('id').orderBy('number', 'desc').limit(1).executeTakeFirstOrThrow()
  return last.id
}
