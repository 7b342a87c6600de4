import { existsSync } from 'node:fs'
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { readConfig } from '../../../config.ts'
import { unseal } from '../../../files/sealed.ts'
import { createLog } from '../../../log.ts'
import { teamPath } from '../../../model/team-path.ts'
import { backUp } from '../../../start/backup/back-up.ts'
import { runCommandLine } from '../../../start/command-line.ts'
import { type Service, startService } from '../../../start/service.ts'
import type { Database } from '../../../store/postgres/database.ts'
import { FREE_PORTS } from '../../support/machine/process.ts'
import { smallDisk } from '../../support/machine/small-disk.ts'
import { testService } from '../../support/service.ts'

vi.setConfig({ testTimeout: 120_000 })

const service = testService()
const HEADER = 'ID,First,Last,Cell,OptOut,Major\n'
const lineOf = (id: number, out = 'N') => `${id},Ann,Lee,716-555-01${String(id).padStart(2, '0')},${out},Biology\n`

let scratch: string
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'rosterport-backup-'))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

/** Runs a command of the program here; answers its exit code and what it said. */
async function command(args: string[], env: NodeJS.ProcessEnv): Promise<{ code: number | null; said: string }> {
  let said = ''
  const take = (text: string | Uint8Array) => {
    said += text
    return true
  }
  const outputs = [process.stdout, process.stderr].map((output) => vi.spyOn(output, 'write').mockImplementation(take))
  try {
    return { code: await runCommandLine(args, { ...FREE_PORTS, ...env }), said }
  } finally {
    for (const output of outputs) output.mockRestore()
  }
}

const source = () => ({ DATABASE_URL: service.database.url, DATA_DIR: service.dataDir })

/** What must come back as it was, of the team whose things nobody touches meanwhile. */
async function heldDear(db: Database): Promise<unknown> {
  const team = sql`(select id from team where team = 'admissions')`
  const parts = {
    contacts: sql`select * from contact where team_id = ${team} order by contact_id`,
    preferences: sql`select * from preference_change where team_id = ${team} order by id`,
    verdicts: sql`select id, path, state, verdict, verdict_reason, received_at, sha256, gone_at from upload where team_id = ${team} order by id`,
    stopped: sql`select team, encode(number_hash, 'hex') as hash, source, kept_at from stopped_number order by 1, 2`,
    accounts: sql`select username, encode(password_hmac, 'hex') as hmac, version from ftp_account order by 1`,
    settings: sql`select * from import_settings where team_id = ${team} order by version`,
    people: sql`select * from administrator order by id`,
    mails: sql`select id, state, sent_at from mail where team_id = ${team} order by id`,
  }
  const read = Object.entries(parts).map(async ([name, query]) => [name, (await query.execute(db)).rows] as const)
  return Object.fromEntries(await Promise.all(read))
}

async function startRestored(dataDir: string): Promise<Service> {
  const config = readConfig({
    ...{ ...FREE_PORTS, DATA_DIR: dataDir, SMTP_URL: service.mailbox.url },
    MAIL_FROM: 'Rosterport <rosterport@example.edu>',
  })
  const restored = await startService(config, createLog('silent'), () => service.clock.now)
  onTestFinished(() => restored.stop())
  return restored
}

test('a backup made amid uploads and imports comes back whole on another PostgreSQL', async () => {
  const webhook = {
    url: 'https://hooks.example.edu/rosterport',
    secret: `whsec_${Buffer.alloc(32, 'w').toString('base64')}`,
  }
  const admissions = await service.makeTeam('admissions', { webhook })
  // An owner who has signed in keeps the password.
  expect((await service.asOwner('GET', '/api/teams')).status).toBe(200)
  await admissions.upload('/cadence/imports/StudentData.csv', `${HEADER}${lineOf(1)}${lineOf(2, 'Y')}${lineOf(3)}`)
  const run = await service.runImport('admissions')
  expect(run.state).toBe('imported')
  const stop = { optOut: { state: 'opted_out', source: 'contact' } }
  expect((await service.call('PATCH', '/api/teams/admissions/contacts/3', stop)).status).toBe(200)
  await service.mailbox.recapOf(run.batches[0]?.id)
  await admissions.upload('/cadence/imports/StudentData.csv', 'no header of ours\n')
  const rejected = await service.runImport('admissions')
  expect(rejected.state).toBe('rejected')
  await service.mailbox.recapOf(rejected.batches[0]?.id)
  await admissions.upload('/cadence/imports/StudentDataWaiting.csv', HEADER + lineOf(4))

  const busyTeams = [
    await service.makeTeam('registrar', { file: { ...FILE, afterImport: { action: 'delete' } } }),
    await service.makeTeam('bursar', { file: FILE }),
  ]
  let going = true
  const traffic = busyTeams.map(async ({ team, upload }) => {
    for (let id = 1; going && id < 100; id += 1) {
      await upload(`/cadence/imports/StudentData${id}.csv`, HEADER + lineOf(id))
      if (id % 2 === 0) await service.runImport(team)
    }
  })
  const folder = join(scratch, 'amid')
  const made = await command(['backup', folder], source())
  going = false
  await Promise.all(traffic)
  expect(made).toEqual({ code: 0, said: expect.stringContaining('Backed up to') })
  const before = await heldDear(service.running().db)
  const { secret } = service.running()
  await service.stop()
  onTestFinished(() => service.start())

  const dataDir = join(scratch, 'restored')
  expect(await command(['restore', folder], { DATA_DIR: dataDir })).toEqual({
    code: 0,
    said: expect.stringContaining('Start the service now.'),
  })
  const mailsBefore = service.mailbox.mails.length
  const restored = await startRestored(dataDir)
  const { db } = restored
  expect(restored.secret.equals(secret)).toBe(true)
  expect(await heldDear(db)).toEqual(before)
  const sealed = await db.selectFrom('webhook_secret').selectAll().executeTakeFirstOrThrow()
  expect(sealed.sealed.equals((await sealedBefore(service.database.db)).sealed)).toBe(true)
  expect(() => unseal(restored.secret, 'webhook', String(sealed.team_id), sealed.sealed)).not.toThrow()
  const roles = await sql<{
    name: string
  }>`select rolname as name from pg_roles where rolname like 'rosterport%'`.execute(db)
  expect(roles.rows).toHaveLength(2)

  await runAll(restored)
  // Each upload that was told as stored is one contact of its own, from exactly one batch.
  for (const { team } of busyTeams) {
    const { rows } = await sql<{ batches: number; uploads: number; contacts: number }>`
      select (select count(*)::integer from batch where team_id = team.id and state = 'imported') as batches,
        (select count(distinct upload_id)::integer from batch where team_id = team.id and state = 'imported') as uploads,
        (select count(*)::integer from contact where team_id = team.id) as contacts
      from team where team.team = ${team}`.execute(db)
    const { uploads } = await db
      .selectFrom('upload')
      .innerJoin('team', 'team.id', 'upload.team_id')
      .select(({ fn }) => fn.countAll<number>().as('uploads'))
      .where('team.team', '=', team)
      .where('upload.state', '=', 'ready')
      .executeTakeFirstOrThrow()
    expect(rows[0]).toEqual({ batches: Number(uploads), uploads: Number(uploads), contacts: Number(uploads) })
  }
  const waiting = await db.selectFrom('contact').select('contact_id').where('contact_id', '=', '4').execute()
  expect(waiting.length).toBeGreaterThan(0)
  const told = [run, rejected].map(({ batches }) => batches[0]?.id)
  const again = service.mailbox.mails.slice(mailsBefore)
  expect(again.filter(({ parsed }) => told.includes(String(parsed.headers.get('x-rosterport-batch'))))).toEqual([])
})

/** Presses Run Import for every team, as the owner with the password of before, until nothing waits. */
async function runAll({ addresses, db }: Service): Promise<void> {
  const origin = `http://${addresses.http}`
  const owner = { email: 'admin@localhost', password: 'correct horse battery' }
  const entered = await fetch(`${origin}/api/session`, { method: 'POST', body: JSON.stringify(owner) })
  expect(entered.status).toBe(204)
  const cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const ended = () =>
    expect
      .poll(() => db.selectFrom('run').select('id').where('state', 'in', ['queued', 'running']).execute(), {
        timeout: 60_000,
      })
      .toEqual([])
  await ended()
  for (const { team } of await db.selectFrom('team').select('team').execute()) {
    const headers = { cookie, origin }
    const pressed = await fetch(`${origin}/run-import`, { method: 'POST', headers, body: JSON.stringify({ team }) })
    expect(pressed.status).toBe(202)
    await ended()
  }
}

const FILE = {
  path: teamPath('/cadence/imports'),
  namePrefix: 'StudentData',
  select: 'all_matching' as const,
  delimiter: 'comma' as const,
  encoding: 'auto' as const,
  afterImport: { action: 'move' as const, path: teamPath('/cadence/archive') },
}

function sealedBefore(db: Database) {
  return db.selectFrom('webhook_secret').selectAll().executeTakeFirstOrThrow()
}

/** The database of the service; something happens before the first snapshot, and once it has told what files are present. */
function interrupted(before: () => Promise<unknown>, meanwhile: () => Promise<unknown>) {
  const { db, pool } = service.database
  let [begun, pending] = [false, true]
  const connect = async () => {
    if (!begun) await before()
    begun = true
    const client = await pool.connect()
    const query = client.query.bind(client) as (...args: unknown[]) => unknown
    const intercepted = async (...args: unknown[]) => {
      if (pending && args[1] !== undefined && JSON.stringify(args[1]).includes('unconfirmed')) {
        pending = false
        await meanwhile()
      }
      return query(...args)
    }
    return new Proxy(client, {
      get: (target, key) => {
        if (key === 'query')
          return (...args: unknown[]) => (typeof args[0] === 'string' ? intercepted(...args) : query(...args))
        const value = Reflect.get(target, key)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }
  return {
    database: {
      db,
      pool: new Proxy(pool, { get: (target, key) => (key === 'connect' ? connect : Reflect.get(target, key)) }),
    },
    happened: () => !pending,
  }
}

for (const { team, action, waits } of [
  { team: 'moved', action: FILE.afterImport, waits: true },
  { team: 'deleted', action: { action: 'delete' as const }, waits: false },
])
  test(`a file that is imported and ${team} during the backup is in it just once`, async () => {
    const { upload } = await service.makeTeam(team, { file: { ...FILE, afterImport: action } })
    const content = HEADER + lineOf(1)
    // It comes after the first copy of the files.
    const { database, happened } = interrupted(
      () => upload('/cadence/imports/StudentData.csv', content),
      () => service.runImport(team),
    )
    const folder = join(scratch, `meanwhile ${team}`)
    await backUp({ database, dataDir: service.dataDir, folder, now: new Date() })
    expect(happened()).toBe(true)
    const path = join(folder, `data/teams/${team}/cadence/imports/StudentData.csv`)
    expect(existsSync(path) && (await readFile(path, 'utf8'))).toBe(waits && content)
    const copied = await readFile(join(folder, 'database/upload.copy'), 'utf8')
    const line = copied.split('\n').find((row) => row.includes('/StudentData.csv') && row.includes(`${team}-sis`))
    expect(line).toContain(waits ? '\twaiting\t' : '\timported\t')
  })

/** A small backup with a service that may go on, made once. */
const small = (() => {
  let made: Promise<string> | undefined
  return () => {
    made ??= (async () => {
      const folder = join(scratch, 'small')
      expect((await command(['backup', folder], source())).code).toBe(0)
      return folder
    })()
    return made
  }
})()

/** A copy of it, to be damaged. */
async function copyOf(name: string): Promise<string> {
  const folder = join(scratch, name)
  await cp(await small(), folder, { recursive: true, preserveTimestamps: true })
  return folder
}

async function flipByte(path: string): Promise<void> {
  const bytes = await readFile(path)
  const at = bytes.length >> 1
  bytes[at] = (bytes[at] ?? 0) ^ 1
  await writeFile(path, bytes)
}

const faults: { title: string; says: RegExp; make(folder: string): Promise<void> }[] = [
  {
    title: 'a changed table',
    says: /is damaged: database\/contact\.copy is not as it was written/,
    make: (folder) => appendFile(join(folder, 'database/contact.copy'), 'x'),
  },
  {
    title: 'a flipped bit in a key',
    says: /is damaged: data\/keys\/secret is not as it was written/,
    make: (folder) => flipByte(join(folder, 'data/keys/secret')),
  },
  {
    title: 'a flipped bit in the list of contents',
    says: /is damaged: rosterport-backup\.json is not as it was written/,
    make: (folder) => flipByte(join(folder, 'rosterport-backup.json')),
  },
  {
    title: 'a missing table',
    says: /lacks database\/team\.copy/,
    make: (folder) => rm(join(folder, 'database/team.copy')),
  },
  {
    title: 'a backup that was cut before its end',
    says: /was cut before its end/,
    make: (folder) => rm(join(folder, 'rosterport-backup.json')),
  },
  {
    title: 'a folder of something else',
    says: /is no backup of Rosterport/,
    make: async (folder) => {
      await rm(folder, { recursive: true })
      await mkdir(folder)
    },
  },
  {
    title: 'another list of contents',
    says: /is damaged: rosterport-backup\.json/,
    make: (folder) => writeFile(join(folder, 'rosterport-backup.json'), '{"name":"something"}'),
  },
  {
    title: 'a backup of a later format',
    says: /was made by a newer program/,
    make: (folder) => writeFile(join(folder, 'rosterport-backup.json'), '{"format":99,"sha256":"","contents":""}'),
  },
]
for (const { title, says, make } of faults)
  test(`${title} is refused in one sentence, and nothing is made in DATA_DIR`, async () => {
    const folder = await copyOf(title)
    await make(folder)
    const dataDir = join(scratch, `${title} restored`)
    const { code, said } = await command(['restore', folder], { DATA_DIR: dataDir, DATABASE_URL: service.database.url })
    expect([code, said.trimEnd().split('\n')]).toEqual([1, [expect.stringMatching(says)]])
    expect(existsSync(dataDir)).toBe(false)
  })

test('a DATA_DIR or a database that is in use is refused, and stays as it is', async () => {
  const folder = await small()
  const full = await command(['restore', folder], source())
  expect(full).toEqual({ code: 1, said: expect.stringMatching(/is in use \(it holds keys, teams\): set DATA_DIR/) })
  const dataDir = join(scratch, 'empty')
  const taken = await command(['restore', folder], { ...source(), DATA_DIR: dataDir })
  expect(taken).toEqual({ code: 1, said: expect.stringMatching(/^The database is in use .*set DATABASE_URL/) })
  expect(existsSync(dataDir)).toBe(false)
})

test('a restore that was not finished is refused, by the service too', async () => {
  const dataDir = await mkdtemp(join(scratch, 'unfinished-'))
  await writeFile(join(dataDir, 'restore-not-finished'), '')
  const again = await command(['restore', await small()], { ...source(), DATA_DIR: dataDir })
  expect(again).toEqual({ code: 1, said: expect.stringMatching(/was not finished: empty this folder/) })
  const config = readConfig({ ...FREE_PORTS, ...source(), DATA_DIR: dataDir })
  await expect(startService(config, createLog('silent'))).rejects.toThrow('was not finished')
})

test('a backup goes into a new folder outside of DATA_DIR', async () => {
  const used = await command(['backup', await small()], source())
  expect(used).toEqual({ code: 1, said: expect.stringContaining('is not empty: choose a new folder') })
  const inside = await command(['backup', join(service.dataDir, 'backup')], source())
  expect(inside).toEqual({ code: 1, said: expect.stringContaining('is in DATA_DIR') })
  expect(existsSync(join(service.dataDir, 'backup'))).toBe(false)
})

test('a full disk ends a backup in one sentence and leaves nothing of it', async ({ skip }) => {
  const disk = await smallDisk({ bytes: 64 << 10, names: 40 })
  skip(disk === null, 'no small disk can be made here')
  if (!disk) return
  onTestFinished(() => disk.remove())
  const folder = join(disk.folder, 'backup')
  const { code, said } = await command(['backup', folder], source())
  expect([code, said.trimEnd()]).toEqual([1, `${folder} cannot be written: the disk is full.`])
  expect(await readdir(folder)).toEqual([])
})

test('only the owner of a backup can read it', async () => {
  const folder = await small()
  const modes = await Promise.all([folder, join(folder, 'database/contact.copy')].map((path) => stat(path)))
  expect(modes.map(({ mode }) => mode & 0o077)).toEqual([0, 0])
})
