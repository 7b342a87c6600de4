import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import type { FileArea } from '../../../files/file-area.ts'
import type { TeamPath } from '../../../model/team-path.ts'
import { testDatabase } from '../../support/database.ts'
import { given } from '../support/ftp-client.ts'
import { overlaid, serverFolders } from '../support/ftp-server.ts'
import { memory } from '../support/memory.ts'

const { db } = testDatabase()
const folders = serverFolders()

async function withFile(content = 'one\ntwo\n') {
  const started = await given(db, folders)
  const client = await started.client()
  await client.send('MKD in')
  await client.store('in/a.csv', content)
  await client.send('NOOP')
  return { ...started, client }
}

test('LIST and NLST take flags and paths', async () => {
  const started = await given(db, folders)
  const client = await started.client()
  await client.send('MKD in')
  await client.store('in/a.csv', 'one\n')
  await client.send('NOOP')
  expect((await client.fetch('LIST -la in')).content).toMatch(
    /^-rw-r----- 1 ftp ftp +4 \w{3} [ \d]\d \d\d:\d\d a\.csv\r\n$/,
  )
  expect((await client.fetch('NLST in')).content).toBe('in/a.csv\r\n')
  expect((await client.fetch('MLSD /in')).content).toMatch(/^type=file;size=4;modify=\d{14}; a\.csv\r\n$/)
  expect(await client.send('MLST in')).toMatch(/\r\n type=dir;modify=\d{14}; \/in\r\n/)
})

test('STAT tells about the session, and lists over the control connection', async () => {
  const { client, login } = await withFile()
  expect((await client.send('STAT')).split('\r\n')).toEqual([
    '211-Status:',
    ` Logged in as ${login.username} of ${login.team.team}, from 127.0.0.1.`,
    ' No TLS, TYPE I, in /',
    '211 End.',
  ])
  const line = / -rw-r----- 1 ftp ftp +8 \w{3} [ \d]\d \d\d:\d\d a\.csv/
  for (const path of ['in', '-la in', 'in/a.csv'])
    expect((await client.send(`STAT ${path}`)).split('\r\n')[1]).toMatch(line)
  expect(await client.send('STAT none')).toBe('550 No such file or directory.')
})

test('MLSD and MLST tell the facts that OPTS has chosen', async () => {
  const { client } = await withFile()
  await client.send('MFMT 20260102030405 in/a.csv')
  const listed = async () => [
    (await client.fetch('MLSD in')).content,
    (await client.send('MLST in/a.csv')).split('\r\n')[1],
  ]
  expect(await listed()).toEqual([
    'type=file;size=8;modify=20260102030405; a.csv\r\n',
    ' type=file;size=8;modify=20260102030405; /in/a.csv',
  ])
  expect(await client.send('OPTS MLST modify;Size;unique;')).toBe('200 MLST OPTS size;modify;')
  expect(await listed()).toEqual([
    'size=8;modify=20260102030405; a.csv\r\n',
    ' size=8;modify=20260102030405; /in/a.csv',
  ])
  expect(await client.send('FEAT')).toContain(' MLST type;size*;modify*;\r\n')
  expect(await client.send('OPTS MLST')).toBe('200 MLST OPTS')
  expect(await listed()).toEqual([' a.csv\r\n', '  /in/a.csv'])
  expect(await client.send('MLST')).toMatch(/^250/)
})

test('HELP and SITE HELP answer, and what is not served says so', async () => {
  const { client } = await withFile()
  expect(await client.send('HELP')).toMatch(/^214-Supported:\r\n ABOR ALLO APPE [\s\S]*\r\n214 End\.$/)
  for (const command of ['SITE HELP', 'HELP SITE', 'SITE HELP STATUS'])
    expect(await client.send(command)).toMatch(/^214-SITE commands:\r\n SITE STATUS path: [\s\S]*\r\n214 End\.$/)
  const refusals = {
    'SITE EXEC ls': '504 Unknown SITE command; SITE HELP lists them.',
    SITE: '501 SITE requires a parameter.',
    'ACCT x': '502 Command not implemented.',
    'SMNT /': '502 Command not implemented.',
    XYZZY: '500 Unknown command.',
  }
  for (const [command, reply] of Object.entries(refusals)) expect(await client.send(command)).toBe(reply)
})

test('one hundred thousand files are listed in bounded memory', async () => {
  const many = 100_000
  const entry = { path: '/' as TeamPath, bytes: 1, modifiedAt: new Date(), changedAt: new Date() }
  const list: FileArea['list'] = async function* () {
    for (let at = 0; at < many; at++)
      yield {
        ...entry,
        kind: 'file',
        name: `StudentData-${at}.csv`,
        identity: { device: 1n, inode: BigInt(at), bytes: 1 },
      }
  }
  const started = await given(db, folders, {
    fileAreaOf: (team) => overlaid(diskFileArea(join(folders.teams(), team.team)), { list }),
  })
  const client = await started.client()
  const before = process.memoryUsage()
  const { content, reply } = await client.fetch('NLST')
  const after = process.memoryUsage()
  expect(reply).toBe('226 Directory send OK.')
  expect(content.split('\r\n')).toHaveLength(many + 1)
  // The client of this test holds all the names too.
  expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(64 << 20)
})

/** `FILES=100000` puts as many on the disk. */
const FILES = Number(process.env.FILES ?? 2000)

test(`${FILES} files on the disk are listed in every form, and memory stays`, async () => {
  const { client, login } = await withFile()
  const folder = join(folders.teams(), login.team.team, 'many')
  await mkdir(folder)
  for (let at = 0; at < FILES; at += 500)
    await Promise.all(
      Array.from({ length: 500 }, (_, more) => writeFile(join(folder, `StudentData-${at + more}.csv`), '')),
    )
  const before = memory()
  for (const command of ['LIST many', 'NLST many', 'MLSD many']) {
    const began = performance.now()
    const { content, reply } = await client.fetch(command)
    expect(reply).toBe('226 Directory send OK.')
    expect(content.split('\r\n')).toHaveLength(FILES + 1)
    if (process.env.FILES) console.info(command, Math.round(performance.now() - began), 'ms', before, memory())
  }
  expect(memory().heap - before.heap).toBeLessThan(24)
}, 300_000)
