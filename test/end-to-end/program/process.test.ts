import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { createLog } from '../../../log.ts'
import { startEmbeddedPostgres } from '../../../start/embedded-postgres.ts'
import { openDatabase } from '../../../store/postgres/database.ts'
import { migrate } from '../../../store/postgres/migrate.ts'
import { usedDataDir } from '../../support/machine/built-programs.ts'
import { FREE_PORTS, ready, signIn, testProcesses } from '../../support/machine/process.ts'

const { run, dataDir } = testProcesses()

test('a first start shows a one-time password, a second one none; kill -9 in between loses nothing', async () => {
  const first = run(FREE_PORTS)
  const { http, ftp, ftps, sftp } = await ready(first)
  expect([http, ftp]).toEqual([
    expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    expect.stringMatching(/^127\.0\.0\.1:\d+$/),
  ])
  expect([ftps, sftp]).toEqual([null, null])
  await first.line('"migration":"0001-teams"')
  const [, password = ''] = /one-time password (\S+)/.exec(await first.line('one-time password')) ?? []
  expect((await signIn(http, password)).status).toBe(204)
  first.child.kill('SIGKILL')
  await first.ended

  // The database outlived the process; it is joined, not started again.
  const second = run(FREE_PORTS)
  const again = await ready(second)
  expect((await signIn(again.http, password)).status).toBe(204)
  const begun = Date.now()
  second.child.kill('SIGTERM')
  const { code, said } = await second.ended
  expect(code).toBe(0)
  expect(Date.now() - begun).toBeLessThan(10_000)
  expect(said).not.toContain('one-time password')
  expect(said).not.toContain('"migration"')

  const third = run(FREE_PORTS)
  expect((await signIn((await ready(third)).http, password)).status).toBe(204)
})

test('a stop of the service and its embedded PostgreSQL warns of nothing', async () => {
  await usedDataDir(dataDir())
  for (let round = 0; round < 3; round++) {
    const service = run(FREE_PORTS)
    const { http } = await ready(service)
    await Promise.all(Array.from({ length: 10 }, () => fetch(`http://${http}/readyz`)))
    service.child.kill('SIGTERM')
    const { code, said } = await service.ended
    expect(code).toBe(0)
    expect(said.split('\n').filter((line) => /"level":"(warn|error|fatal)"/.test(line))).toEqual([])
  }
})

describe('a start that cannot be', () => {
  test('names every fault of the configuration and exits 78', async () => {
    const { code, said } = await run({ HTTP_PORT: 'x', FTP_TLS: 'y' }).ended
    expect(code).toBe(78)
    expect(said.split('\n')).toEqual([
      'The configuration has 2 faults:',
      'HTTP_PORT must be a port number.',
      'FTP_TLS must be required, optional or off.',
    ])
  })

  test('names the files of TLS that are wrong among the faults, without a stack', async () => {
    const broken = join(dataDir(), 'broken.pem')
    writeFileSync(broken, 'x')
    const { code, said } = await run({
      HTTP_PORT: 'x',
      SMPT_URL: 'x',
      FTP_TLS_CERT: join(dataDir(), 'absent.pem'),
      FTP_TLS_KEY: broken,
    }).ended
    expect(code).toBe(78)
    expect(said.split('\n')).toEqual([
      'SMPT_URL is not a variable of this program: did you mean SMTP_URL?',
      'The configuration has 3 faults:',
      'HTTP_PORT must be a port number.',
      `FTP_TLS_CERT: ${dataDir()}/absent.pem is not there: correct the path, or put the file there (ENOENT).`,
      `FTP_TLS_KEY: ${broken} is not a private key in PEM form: it has no BEGIN PRIVATE KEY line.`,
    ])
  })

  test('has said before what is probably misspelt', async () => {
    const start = run({ ...FREE_PORTS, SMPT_URL: 'x', DATABASE_URL: 'postgres://127.0.0.1:1/none' })
    const first = await start.line('')
    expect(JSON.parse(first)).toMatchObject({
      level: 'warn',
      msg: 'SMPT_URL is not a variable of this program: did you mean SMTP_URL?',
    })
  })

  test('says in one sentence that a port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const { code, said } = await run({ ...FREE_PORTS, FTP_PORT: String(port), LOG_LEVEL: 'error' }).ended
    other.close()
    expect(code).toBe(1)
    expect(said).toBe(
      `FTP_PORT: port ${port} cannot be listened on: another program listens there; stop it, or choose another port.`,
    )
  })

  test('says in one sentence that the database cannot be reached', async () => {
    const { code, said } = await run({ ...FREE_PORTS, DATABASE_URL: 'postgres://127.0.0.1:1/none', LOG_LEVEL: 'error' })
      .ended
    expect(code).toBe(1)
    expect(said).toMatch(/^The database at DATABASE_URL cannot be used \(.*ECONNREFUSED.*\): check that/)
    expect(said.split('\n')).toHaveLength(1)
  })

  test('says in one sentence that the embedded database cannot be used, and names no variable that was not set', async () => {
    await usedDataDir(dataDir())
    const log = createLog('silent')
    const postgres = await startEmbeddedPostgres(dataDir(), log)
    const { db, close } = openDatabase(postgres.address, log, { size: 1 })
    await migrate(db)
    await sql`drop table audit cascade`.execute(db)
    await close()
    await postgres.stop()
    const { code, said } = await run({ ...FREE_PORTS, LOG_LEVEL: 'error' }).ended
    expect(code).toBe(1)
    expect(said).toMatch(/^The embedded PostgreSQL cannot be used \(.*audit.*\): look into its log, /)
    expect(said).toContain(join(dataDir(), 'postgres/log'))
    expect(said).not.toContain('DATABASE_URL')
    expect(said.split('\n')).toHaveLength(1)
  })

  test('is refused where another process uses DATA_DIR, which goes on', async () => {
    await usedDataDir(dataDir())
    const first = run(FREE_PORTS)
    const { http } = await ready(first)
    const { code, said } = await run({ ...FREE_PORTS, LOG_LEVEL: 'error' }).ended
    expect(code).toBe(1)
    expect(said).toMatch(new RegExp(`^DATA_DIR is in use by process ${first.child.pid} .*set DATABASE_URL`))
    expect((await fetch(`http://${http}/readyz`)).status).toBe(200)
  })

  test('says in one sentence that DATA_DIR cannot be written', async () => {
    const file = join(dataDir(), 'a-file')
    writeFileSync(file, '')
    const { code, said } = await run({ ...FREE_PORTS, DATA_DIR: join(file, 'data') }).ended
    expect(code).toBe(1)
    expect(said).toMatch(/^The folder .* cannot be made \(ENOTDIR\): set DATA_DIR/)
  })

  test('says so too where the parent is there and takes no folders', async ({ skip }) => {
    skip(process.platform !== 'linux', 'only Linux has /proc')
    for (const DATA_DIR of ['/proc/rosterport', '/proc/rosterport/data', '/proc']) {
      const { code, said } = await run({ ...FREE_PORTS, DATA_DIR }).ended
      expect(code).toBe(1)
      expect(said).toMatch(
        /^The folder \/proc\/(rosterport|rosterport\/data|teams) cannot be made \(ENOENT\): set DATA_DIR/,
      )
    }
  })
})
