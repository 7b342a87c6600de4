import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { TeamPath } from '../../../model/team-path.ts'
import { testDatabase } from '../../support/database.ts'
import { given } from '../support/ftp-client.ts'
import { serverFolders, textOf } from '../support/ftp-server.ts'

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

const texts = [
  { sent: 'a\r\nb\r\n', kept: 'a\nb\n' },
  { sent: 'a\nb\rc\r\n', kept: 'a\nb\rc\n' },
  { sent: 'a\r', kept: 'a\r' },
]
for (const { sent, kept } of texts)
  test(`TYPE A keeps ${JSON.stringify(sent)} as ${JSON.stringify(kept)}, however it is cut`, async () => {
    const { server, client } = await withFile()
    expect(await client.send('TYPE A')).toBe('200 Type set to A.')
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
  expect(await client.send('SIZE in/a.csv')).toBe('213 10')
  await client.send('TYPE I')
  expect(await client.send('SIZE in/a.csv')).toBe('213 9')
})

test('a download begins at REST, and not past the end', async () => {
  const { client } = await withFile()
  expect(await client.send('REST 4')).toBe('350 Restart position accepted (4).')
  expect(await client.fetch('RETR in/a.csv')).toEqual({ content: 'two\n', reply: '226 Transfer complete.' })
  await client.dataPort()
  await client.send('REST 9')
  expect(await client.send('RETR in/a.csv')).toBe('554 Restart offset is past the end of the file.')
  expect(await client.send('REST x')).toBe('501 REST requires a byte offset.')
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
  expect(await client.send('HASH none')).toBe('550 No such file or directory.')
  expect(await client.send('HASH in')).toBe('550 Not a file.')
})
