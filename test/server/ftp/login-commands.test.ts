import { expect, test } from 'vitest'
import { testDatabase } from '../../support/database.ts'
import { given } from '../support/ftp-client.ts'
import { serverFolders } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()

test('a login without TLS is refused with a sentence where TLS is required', async () => {
  const { server, login } = await given(db, folders, { mode: 'required' })
  const client = await RawClient.open(server.port)
  expect(await client.send(`USER ${login.username}`)).toMatch(/^530 TLS required: send AUTH TLS/)
  expect(await client.send(`PASS ${login.password}`)).toMatch(/^530/)
  expect(await client.send('LIST')).toMatch(/^530/)
})

test('wrong passwords and unknown users are told alike, and the third closes the connection', async () => {
  const { server, login } = await given(db, folders)
  const client = await RawClient.open(server.port)
  const wrong = await client.login({ username: login.username, password: 'guess' })
  expect(wrong).toBe('530 Login incorrect.')
  expect(await client.login({ username: 'nobody', password: 'guess' })).toBe(wrong)
  expect(await client.login({ username: 'a\0b', password: 'guess' })).toMatch(/^530/)
  expect(await client.reply()).toBe('')
})

test('REIN logs out, and another login may follow', async () => {
  const { client, login } = await given(db, folders).then(async (made) => ({ ...made, client: await made.client() }))
  await client.send('MKD in')
  await client.send('CWD in')
  expect(await client.send('REIN')).toBe('220 Ready for a new login.')
  expect(await client.send('PWD')).toBe('530 Please login with USER and PASS.')
  expect(await client.login(login)).toBe('230 Login successful.')
  expect(await client.send('PWD')).toBe('257 "/" is the current directory.')
})

test('CLNT is taken, and HOST before the login alone', async () => {
  const started = await given(db, folders)
  const [{ server }, client] = [started, await started.client()]
  expect(await client.send('CLNT WinSCP')).toBe('200 OK.')
  expect(await client.send('HOST ftp.example.edu')).toBe('503 HOST must come before USER.')
  const fresh = await RawClient.open(server.port)
  expect(await fresh.send('HOST ftp.example.edu')).toBe('220 Ready.')
})
