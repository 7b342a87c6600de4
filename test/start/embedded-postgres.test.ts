import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { chmod, chown, lstat, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../log.ts'
import { connectEmbeddedPostgres, type EmbeddedAddress, startEmbeddedPostgres } from '../../start/embedded-postgres.ts'
import { type Database, openDatabase } from '../../store/postgres/database.ts'
import { installedPrograms } from '../../store/postgres/embedded/programs.ts'
import { embeddedProgram, usedDataDir } from '../support/machine/built-programs.ts'
import {
  clearAway,
  dataOf,
  killServer,
  OwnerProcess,
  type Program,
  serverPid,
} from '../support/machine/owner-process.ts'

const log = createLog('silent')
let dataDir: string
const started: OwnerProcess[] = []
const stops: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rosterport-embedded-'))
  await usedDataDir(dataDir)
})

/** For what is about a first start. */
const emptyDataDir = () => Promise.all(['postgres', 'keys'].map((name) => rm(join(dataDir, name), { recursive: true })))

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  for (const owner of started.splice(0)) await owner.end('SIGKILL')
  await clearAway(dataDir)
  await rm(dataDir, { recursive: true, force: true })
})

function start(program: Program = embeddedProgram(dataDir)): OwnerProcess {
  const owner = new OwnerProcess(program)
  started.push(owner)
  return owner
}

async function ready(owner = start()): Promise<OwnerProcess> {
  await owner.ready
  return owner
}

/** Asks the running server as the service does. */
async function query<T>(
  work: (db: Database) => Promise<T>,
  change: Partial<EmbeddedAddress> = {},
  folder = dataDir,
): Promise<T> {
  const address = await connectEmbeddedPostgres(folder)
  if (!address) throw new Error('no PostgreSQL answers')
  const { db, close } = openDatabase({ ...address, ...change }, log, { size: 1 })
  return work(db).finally(close)
}

const write = () => query((db) => sql`create table kept as select 7 as n`.execute(db))
const readBack = async (folder = dataDir) =>
  (await query((db) => sql<{ n: number }>`select n from kept`.execute(db), {}, folder)).rows

/** A process that has nothing to do with PostgreSQL. */
function foreigner(cwd = tmpdir()): ChildProcess {
  const child = spawn('sleep', ['600'], { cwd, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

describe('after a crash of the machine', () => {
  const remains = [
    { title: 'names the process of another program', text: (pid: number) => `${pid}\n`, inside: false },
    { title: 'names a shell that stands in the folder', text: (pid: number) => `${pid}\n`, inside: true },
    { title: 'is empty', text: () => '', inside: false },
  ]
  for (const { title, text, inside } of remains)
    test(`a postmaster.pid that ${title} does not keep it from starting`, async () => {
      const first = await ready()
      await write()
      const file = await readFile(join(dataOf(dataDir), 'postmaster.pid'), 'utf8')
      await Promise.all([first.end('SIGKILL'), killServer(dataDir)])
      const other = foreigner(inside ? dataOf(dataDir) : undefined)
      const head = text(other.pid as number)
      await writeFile(join(dataOf(dataDir), 'postmaster.pid'), head && head + file.slice(file.indexOf('\n') + 1))
      await ready()
      expect(await readBack()).toEqual([{ n: 7 }])
      expect([other.exitCode, other.signalCode]).toEqual([null, null])
    })
})

describe('killed and started again at once', () => {
  test('the process alone: the server that it left is joined', async () => {
    const first = await ready()
    await write()
    const server = await serverPid(dataDir)
    first.signal('SIGKILL')
    await ready()
    expect(await serverPid(dataDir)).toBe(server)
    expect(await readBack()).toEqual([{ n: 7 }])
  })

  test('all of it', async () => {
    const first = await ready()
    await write()
    const killed = killServer(dataDir)
    first.signal('SIGKILL')
    const second = start()
    await killed
    await ready(second)
    expect(await readBack()).toEqual([{ n: 7 }])
  })

  test('the process, while its server ends in good order', async () => {
    const first = await ready()
    await write()
    const server = await serverPid(dataDir)
    // It waits for its clients; the last is the owner.
    process.kill(server, 'SIGTERM')
    first.signal('SIGKILL')
    await ready()
    expect(await readBack()).toEqual([{ n: 7 }])
  })
})

for (const signal of ['SIGKILL', 'SIGINT', 'SIGTERM'] as const)
  test(`a server that ends by ${signal} while its owner lives is started again where the owner's pools look for it`, async () => {
    const postgres = await startEmbeddedPostgres(dataDir, log)
    const { db, close } = openDatabase(postgres.address, log)
    stops.push(close, () => postgres.stop())
    await sql`create table kept as select 7 as n`.execute(db)
    const server = await serverPid(dataDir)
    process.kill(server, signal)
    await expect.poll(() => serverPid(dataDir).catch(() => server), { timeout: 20_000 }).not.toBe(server)
    await expect
      .poll(
        () =>
          sql`select n from kept`.execute(db).then(
            ({ rows }) => rows,
            () => null,
          ),
        { timeout: 20_000 },
      )
      .toEqual([{ n: 7 }])
  })

describe('one owner', () => {
  test('a second start is refused in a sentence, and takes nothing from the first', async () => {
    const first = await ready()
    const second = start()
    await second.ended
    expect(second.exitCode).toBe(1)
    expect(second.said).toEqual([
      expect.stringMatching(`^EmbeddedPostgresProblem: DATA_DIR is in use by process ${first.pid} .*DATABASE_URL`),
    ])
    await write()
    await first.end()
    expect(first.exitCode).toBe(0)
    expect(await connectEmbeddedPostgres(dataDir)).toBeNull()
  })

  test('of several first starts at the same moment one comes up', async () => {
    await emptyDataDir()
    const all = [start(), start(), start()]
    const outcomes = await Promise.all(
      all.map(({ ready }) =>
        ready.then(
          () => 'ready',
          () => 'refused',
        ),
      ),
    )
    expect(outcomes.toSorted()).toEqual(['ready', 'refused', 'refused'])
    await write()
  })
})

describe('a copy of DATA_DIR', () => {
  let copy: string
  const copyDataDir = () => promisify(execFile)('cp', ['-a', `${dataDir}/.`, copy])

  beforeEach(async () => {
    copy = await mkdtemp(join(tmpdir(), 'rosterport-embedded-copy-'))
  })

  afterEach(async () => {
    for (const owner of started.splice(0)) await owner.end('SIGKILL')
    await clearAway(copy)
    await rm(copy, { recursive: true, force: true })
  })

  test('that was made while it was in use starts beside it, and takes nothing from it', async () => {
    const first = await ready()
    await write()
    const [server, socketFolder] = [await serverPid(dataDir), (await connectEmbeddedPostgres(dataDir))?.socketFolder]
    await copyDataDir()
    const second = await ready(start(embeddedProgram(copy)))
    expect(await readBack()).toEqual([{ n: 7 }])
    expect(await readBack(copy)).toEqual([{ n: 7 }])
    await second.end()
    expect(await readBack()).toEqual([{ n: 7 }])
    expect((await connectEmbeddedPostgres(dataDir))?.socketFolder).toBe(socketFolder)
    expect(await serverPid(dataDir)).toBe(server)
    await first.end()
    expect([first, second].map(({ exitCode }) => exitCode)).toEqual([0, 0])
    expect([...first.said, ...second.said].filter((line) => /"level":"(?!info)/.test(line))).toEqual([])
  })

  test('starts where the original is gone, whose owner and server it still names', async () => {
    const first = await ready()
    await write()
    await copyDataDir()
    await Promise.all([first.end('SIGKILL'), killServer(dataDir)])
    await ready(start(embeddedProgram(copy)))
    expect(await readBack(copy)).toEqual([{ n: 7 }])
  })
})

describe('its socket', () => {
  test('lies in a folder that is made anew at each start, and lets nobody in without the password', async () => {
    const folders = new Set<string>()
    for (let round = 0; round < 2; round++) {
      const owner = await ready()
      const address = await connectEmbeddedPostgres(dataDir)
      if (!address) throw new Error('no PostgreSQL answers')
      const { mode, uid } = await lstat(address.socketFolder)
      expect([mode & 0o777, uid]).toEqual([0o700, process.getuid?.()])
      folders.add(address.socketFolder)
      for (const password of ['', 'postgres', '0'.repeat(64)])
        await expect(query((db) => sql`select 1`.execute(db), { password })).rejects.toThrow(/password/)
      const { rows } = await query((db) =>
        sql`select type, database, user_name, auth_method from pg_hba_file_rules`.execute(db),
      )
      expect(rows).toEqual([{ type: 'local', database: ['all'], user_name: ['all'], auth_method: 'scram-sha-256' }])
      await owner.end()
      await expect(lstat(address.socketFolder)).rejects.toThrow('ENOENT')
    }
    expect(folders.size).toBe(2)
    const { mode } = await lstat(join(dataDir, 'keys/postgres-password'))
    expect(mode & 0o777).toBe(0o600)
  })

  test('is not put into the folder of the last start, which another user has made meanwhile', async () => {
    const owner = await ready()
    await write()
    const before = (await connectEmbeddedPostgres(dataDir))?.socketFolder as string
    await Promise.all([owner.end('SIGKILL'), killServer(dataDir)])
    await rm(before, { recursive: true, force: true })
    await mkdir(before)
    onTestFinished(() => rm(before, { recursive: true, force: true }))
    await chmod(before, 0o777)
    // An ordinary user cannot make the folder of another; open to all, it is as bad.
    if (process.getuid?.() === 0) await chown(before, 1234, 1234)
    await ready()
    const after = (await connectEmbeddedPostgres(dataDir))?.socketFolder
    expect(after).not.toBe(before)
    expect(await readBack()).toEqual([{ n: 7 }])
  })

  test('goes elsewhere where TMPDIR has too long a path or is open to everybody', async () => {
    const long = join(dataDir, 'a'.repeat(90))
    await mkdir(long)
    const open = join(dataDir, 'open, to "all"')
    await mkdir(open)
    await chmod(open, 0o777)
    for (const TMPDIR of [long, open]) {
      const owner = await ready(start(embeddedProgram(dataDir, { TMPDIR })))
      expect(dirname((await connectEmbeddedPostgres(dataDir))?.socketFolder as string)).toBe('/tmp')
      await owner.end()
    }
  })

  test('works in a folder with blanks, commas and quotes in its name', async () => {
    // Right in the root of temporary folders: the path of a socket has about 100 characters.
    const TMPDIR = await mkdtemp('/tmp/a, "b" c')
    onTestFinished(() => rm(TMPDIR, { recursive: true, force: true }))
    await ready(start(embeddedProgram(dataDir, { TMPDIR })))
    expect(dirname((await connectEmbeddedPostgres(dataDir))?.socketFolder as string)).toBe(TMPDIR)
  })
})

describe('the password', () => {
  test('is asked for by a cluster that an earlier version made without one', async () => {
    await emptyDataDir()
    const programs = await installedPrograms()
    await mkdir(join(dataDir, 'postgres'), { mode: 0o700 })
    await programs.run('initdb', ['-D', dataOf(dataDir), '-U', 'postgres', '--auth=trust', '--no-sync'])
    await programs.run(
      'postgres',
      ['--single', '-D', dataOf(dataDir), 'postgres'],
      'create table kept as select 7 as n\n',
    )
    await ready()
    expect(await readBack()).toEqual([{ n: 7 }])
    await expect(query((db) => sql`select 1`.execute(db), { password: '' })).rejects.toThrow(/password/)
  })

  test('is replaced where the keys were lost', async () => {
    const first = await ready()
    await write()
    await first.end()
    await rm(join(dataDir, 'keys'), { recursive: true })
    await ready()
    expect(await readBack()).toEqual([{ n: 7 }])
  })
})

test('another process is connected where a server runs, and told that none runs', async () => {
  await emptyDataDir()
  expect(await connectEmbeddedPostgres(dataDir)).toBeNull()
  const owner = await ready()
  expect(await connectEmbeddedPostgres(dataDir)).toMatchObject({ database: 'postgres' })
  await owner.end()
  expect(await connectEmbeddedPostgres(dataDir)).toBeNull()
})

test('a data folder without data is neither used nor removed', async () => {
  await emptyDataDir()
  await mkdir(join(dataOf(dataDir), 'base'), { recursive: true })
  const owner = start()
  await owner.ended
  expect(owner.said).toEqual([expect.stringMatching(/is no data folder of PostgreSQL .*restore it from a backup/)])
  expect((await lstat(join(dataOf(dataDir), 'base'))).isDirectory()).toBe(true)
})

test('a user without a name is told to get one, or to set DATABASE_URL', async ({ skip }) => {
  await emptyDataDir()
  const nameless = namelessUser()
  const [unshare, ...asNameless] = ['unshare', '-U', `--map-user=${nameless}`, `--map-group=${nameless}`, '--'] as const
  skip(spawnSync(unshare, [...asNameless, 'true']).status !== 0, 'this user may make no user namespace')
  const program = embeddedProgram(dataDir)
  const owner = start({ ...program, command: [unshare, ...asNameless, ...program.command] })
  await owner.ended
  expect(owner.exitCode).toBe(1)
  expect(owner.said).toEqual([
    expect.stringMatching(
      new RegExp(`^EmbeddedPostgresProblem: .* as user ${nameless}, who has no name .*/etc/passwd.*DATABASE_URL`),
    ),
  ])
})

/** The ID of a user whom this machine does not know. */
function namelessUser(): number {
  let id = 12_345
  while (spawnSync('id', ['-un', String(id)]).status === 0) id++
  return id
}

test('a server that cannot start says why, and where its log is', async () => {
  await (await ready()).end()
  await writeFile(join(dataOf(dataDir), 'postgresql.conf'), 'no_such_setting = 1\n')
  const owner = start()
  await owner.ended
  const said = owner.said.join('\n')
  expect(said).toMatch(/did not start: .*no_such_setting.*configuration|did not start: .*configuration file/)
  expect(said).toContain(join(dataDir, 'postgres/log'))
  expect(said).not.toContain('DATABASE_URL')
})

test('a socket that was removed while the owner lives is made again', async () => {
  const postgres = await startEmbeddedPostgres(dataDir, log)
  stops.push(() => postgres.stop())
  await write()
  await rm(postgres.address.socketFolder, { recursive: true })
  await expect.poll(() => readBack().catch(() => null), { timeout: 20_000 }).toEqual([{ n: 7 }])
  expect((await connectEmbeddedPostgres(dataDir))?.socketFolder).toBe(postgres.address.socketFolder)
})
