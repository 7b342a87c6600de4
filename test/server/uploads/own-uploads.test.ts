import { expect, test } from 'vitest'
import { testDatabase } from '../../support/database.ts'
import { given } from '../support/ftp-client.ts'
import { addAccount, names, serverFolders, textOf } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'

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

test('an account that may only upload cannot touch what others have uploaded', async () => {
  const started = await given(db, folders, { permissions: 'upload' })
  const other = await addAccount(db, started.login.team.id, `${started.login.username}2`, 'upload')
  const [mine, theirs] = [await started.client(), await RawClient.open(started.server.port)]
  await theirs.login(other)
  await mine.store('mine.csv', 'one\n')
  await mine.send('NOOP')
  for (const command of ['DELE mine.csv', 'RNFR mine.csv', 'MFMT 20260102030405 mine.csv'])
    expect(await theirs.send(command)).toMatch(/^550/)
  await theirs.send('EPSV')
  expect(await theirs.send('RETR mine.csv')).toMatch(/^550/)
  for (const command of ['STOR mine.csv', 'APPE mine.csv'])
    expect(await theirs.send(command)).toBe('553 Permission denied: this account may replace only its own uploads.')
  expect((await mine.fetch('RETR mine.csv')).content).toBe('one\n')
  expect(await mine.send('DELE mine.csv')).toMatch(/^250/)
})

test('an account that may only upload replaces its own upload, even right behind it', async () => {
  const started = await given(db, folders, { permissions: 'upload' })
  const client = await started.client()
  for (const content of ['one\n', 'two\n', 'three\n'])
    expect(await client.store('a.csv', content)).toBe('226 Transfer complete.')
  await client.send('NOOP')
  expect(await textOf(started.server.area, '/a.csv')).toBe('three\n')
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
  const refusal = '550 Permission denied: this account may read only its own uploads that are not imported yet.'
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
    const refusal = 'Permission denied: this account may rename only its own uploads that are not imported yet.'
    expect(await own.send('RNTO other.csv')).toBe(`553 ${refusal}`)
    expect(await own.send('RNFR mine.csv')).toBe(`550 ${refusal}`)
    await own.dataPort()
    expect(await own.send('RETR other.csv')).toMatch(/^550/)
    expect(await names(server.area)).toEqual(['in', 'mine.csv'])
  })
