import { once } from 'node:events'
import { expect, test } from 'vitest'
import { testDatabase } from '../../support/database.ts'
import { given } from '../support/ftp-client.ts'
import { serverFolders } from '../support/ftp-server.ts'

const { db } = testDatabase()
const folders = serverFolders()

const refused = [
  'RETR none.csv',
  'STOR none/a.csv',
  'APPE none/a.csv',
  'STOU none/a.csv',
  'LIST none',
  'NLST none',
  'MLSD none',
  'STOR',
  'APPE',
  'RETR',
  `STOR ${'n'.repeat(5000)}`,
]
for (const command of refused)
  test(`${command.slice(0, 20)} is refused, and the data connection that waits for it is closed`, async () => {
    const { client: connect } = await given(db, folders)
    const client = await connect()
    const data = await client.data()
    const closed = once(data.resume(), 'close')
    expect(await client.send(command)).toMatch(/^5[05]/)
    await closed
    expect(await client.send('LIST')).toMatch(/^425/)
  })

test('REST in TYPE A is refused at once', async () => {
  const { client: connect } = await given(db, folders)
  const client = await connect()
  await client.send('TYPE A')
  expect(await client.send('REST 10')).toMatch(/^501/)
  expect(await client.send('REST 0')).toMatch(/^350/)
})

test('a download whose client stops reading is cut after the stall time', async () => {
  const limits = { loginSeconds: 30, idleSeconds: 60, stallSeconds: 1 }
  const { client: connect, server } = await given(db, folders, { limits })
  const pending = await server.area.receive()
  for (let piece = 0; piece < 64; piece++) await pending.write(Buffer.alloc(1 << 20))
  await pending.seal()
  await pending.publish('/large.csv' as Parameters<typeof pending.publish>[0])
  const client = await connect()
  const data = await client.data()
  data.pause()
  expect(await client.send('RETR large.csv')).toMatch(/^150/)
  const began = performance.now()
  expect(await client.reply()).toBe('426 Data connection timed out.')
  expect(performance.now() - began).toBeLessThan(1800)
})
