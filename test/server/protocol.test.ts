import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { diskFileArea } from '../../files/disk-file-area.ts'
import type { FileArea } from '../../files/file-area.ts'
import type { TeamPath } from '../../model/team-path.ts'
import { testDatabase } from '../support/database.ts'
import { given } from './ftp-client.ts'
import { addAccount, names, overlaid, serverFolders, textOf } from './ftp-server.ts'
import { RawClient } from './raw-client.ts'

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

test('MFMT sets the time that MDTM tells, and refuses what is no time', async () => {
  const { client } = await withFile()
  expect(await client.send('MFMT 20260102030405 in/a.csv')).toBe('213 Modify=20260102030405; /in/a.csv')
  expect(await client.send('MDTM in/a.csv')).toBe('213 20260102030405')
  expect(await client.send('MLST in/a.csv')).toBe(
    '250-Here it is:\r\n type=file;size=8;modify=20260102030405; /in/a.csv\r\n250 End.',
  )
  for (const argument of ['20261302030405 in/a.csv', '2026 in/a.csv', '20260102030405'])
    expect(await client.send(`MFMT ${argument}`)).toBe('501 MFMT takes YYYYMMDDHHMMSS and a name.')
  expect(await client.send('MFMT 20260102030405 in')).toBe('550 This is not a file.')
  expect(await client.send('MFMT 20260102030405 none')).toBe('550 No such file or folder.')
})

test('HASH and XSHA256 tell the SHA-256 of a file, also of one that came by other means', async () => {
  const { client, server } = await withFile()
  const sha256 = createHash('sha256').update('one\ntwo\n').digest('hex')
  expect(await client.send('OPTS HASH SHA-256')).toBe('200 SHA-256')
  expect(await client.send('HASH in/a.csv')).toBe(`213 SHA-256 0-8 ${sha256} in/a.csv`)
  expect(await client.send('XSHA256 in/a.csv')).toBe(`250 ${sha256}`)
  const pending = await server.area.receive()
  await pending.write(Buffer.from('copied'))
  await pending.seal()
  await pending.publish('/copied.csv' as TeamPath)
  expect(await client.send('XSHA256 copied.csv')).toBe(`250 ${createHash('sha256').update('copied').digest('hex')}`)
  expect(await client.send('HASH none')).toBe('550 No such file or folder.')
  expect(await client.send('HASH in')).toBe('550 This is not a file.')
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
  expect(await client.send('STAT none')).toBe('550 No such file or folder.')
})

test('HELP and SITE HELP answer, and what is not served says so', async () => {
  const { client } = await withFile()
  expect(await client.send('HELP')).toMatch(/^214-Served here:\r\n ABOR ALLO APPE [\s\S]*\r\n214 End\.$/)
  expect(await client.send('SITE HELP')).toBe('214 SITE has HELP alone.')
  const refusals = {
    'SITE EXEC ls': '504 SITE has HELP alone.',
    SITE: '501 SITE needs an argument.',
    'ACCT x': '502 This command is not supported.',
    'SMNT /': '502 This command is not supported.',
    XYZZY: '500 This command is not known.',
  }
  for (const [command, reply] of Object.entries(refusals)) expect(await client.send(command)).toBe(reply)
})

test('REIN logs out, and another login may follow', async () => {
  const { client, login } = await withFile()
  await client.send('CWD in')
  expect(await client.send('REIN')).toBe('220 Ready for a new login.')
  expect(await client.send('PWD')).toBe('530 Log in with USER and PASS first.')
  expect(await client.login(login)).toBe('230 You are logged in.')
  expect(await client.send('PWD')).toBe('257 "/" is the current folder.')
})

test('CLNT is taken, and HOST before the login alone', async () => {
  const { server, client } = await withFile()
  expect(await client.send('CLNT WinSCP')).toBe('200 Noted.')
  expect(await client.send('HOST ftp.example.edu')).toBe('503 HOST comes before the login.')
  const fresh = await RawClient.open(server.port)
  expect(await fresh.send('HOST ftp.example.edu')).toBe('220 Ready.')
})

const texts = [
  { sent: 'a\r\nb\r\n', kept: 'a\nb\n' },
  { sent: 'a\nb\rc\r\n', kept: 'a\nb\rc\n' },
  { sent: 'a\r', kept: 'a\r' },
]
for (const { sent, kept } of texts)
  test(`TYPE A keeps ${JSON.stringify(sent)} as ${JSON.stringify(kept)}, however it is cut`, async () => {
    const { server, client } = await withFile()
    expect(await client.send('TYPE A')).toBe('200 TYPE A it is.')
    const data = await client.data()
    await client.send('STOR t.csv')
    for (const byte of sent) await new Promise((resolve) => data.write(byte, resolve))
    data.end()
    expect(await client.reply()).toBe('226 Transfer complete.')
    await client.send('NOOP')
    expect(await textOf(server.area, '/t.csv')).toBe(kept)
  })

test('TYPE A sends line feeds as CRLF, and TYPE I every byte as it is', async () => {
  const { client } = await withFile('one\r\ntwo\n')
  expect((await client.fetch('RETR in/a.csv')).content).toBe('one\r\ntwo\n')
  await client.send('TYPE A')
  expect((await client.fetch('RETR in/a.csv')).content).toBe('one\r\ntwo\r\n')
})

test('a download begins at REST, and not past the end', async () => {
  const { client } = await withFile()
  expect(await client.send('REST 4')).toBe('350 The next transfer begins at byte 4.')
  expect(await client.fetch('RETR in/a.csv')).toEqual({ content: 'two\n', reply: '226 Transfer complete.' })
  await client.dataPort()
  await client.send('REST 9')
  expect(await client.send('RETR in/a.csv')).toBe('554 The file is not that long.')
  expect(await client.send('REST x')).toBe('501 REST takes a number of bytes.')
})

test('an account that may only upload reads its own uploads until they are imported', async () => {
  const { client, login, server } = await withFile()
  await client.send('QUIT')
  const own = await RawClient.open(server.port)
  await own.login(await addAccount(db, login.team.id, `${login.username}2`, 'upload'))
  await own.store('mine.csv', 'one\n')
  await own.send('NOOP')
  expect(await own.send('XSHA256 mine.csv')).toMatch(/^250/)
  await db.updateTable('upload').set({ verdict: 'imported' }).where('path', '=', '/mine.csv').execute()
  const refusal = '550 This account may do that only with its own uploads that are not imported yet.'
  await own.dataPort()
  for (const command of ['RETR mine.csv', 'HASH mine.csv', 'XSHA256 in/a.csv', 'RETR in/a.csv'])
    expect(await own.send(command), command).toBe(refusal)
})

for (const verdict of ['imported', 'claimed'] as const)
  test(`an account that may only upload cannot rename an upload that is ${verdict}, nor read it so`, async () => {
    const { login, server } = await withFile()
    const own = await RawClient.open(server.port)
    await own.login(await addAccount(db, login.team.id, `${login.username}2`, 'upload'))
    await own.store('mine.csv', 'one\n')
    expect(await own.send('RNFR mine.csv')).toMatch(/^350/)
    await db
      .updateTable('upload')
      .set({ verdict })
      .where('team_id', '=', login.team.id)
      .where('path', '=', '/mine.csv')
      .execute()
    const refusal = 'This account may rename only its own uploads that are not imported yet.'
    expect(await own.send('RNTO other.csv')).toBe(`553 ${refusal}`)
    expect(await own.send('RNFR mine.csv')).toBe(`550 ${refusal}`)
    await own.dataPort()
    expect(await own.send('RETR other.csv')).toMatch(/^550/)
    expect(await names(server.area)).toEqual(['in', 'mine.csv'])
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
  expect(reply).toBe('226 Listing complete.')
  expect(content.split('\r\n')).toHaveLength(many + 1)
  // The client of this test holds all the names too.
  expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(64 << 20)
})
