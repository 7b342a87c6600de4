import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { connect as tlsConnect } from 'node:tls'
import { expect, test } from 'vitest'
import { testDatabase } from '../../support/database.ts'
import { given } from '../support/ftp-client.ts'
import { serverFolders } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
  for (const delay of [0, 50, 300])
    test(`a client that shakes hands ${delay} ms late is sent an empty folder and an empty file: ${maxVersion}`, async () => {
      const { server, login } = await given(db, folders, { mode: 'required' })
      const client = await RawClient.openTls(server.port)
      await client.login(login)
      await client.send('MKD empty')
      const pending = await server.area.receive()
      await pending.seal()
      await pending.publish('/zero.csv' as Parameters<typeof pending.publish>[0])
      for (const command of ['LIST empty', 'NLST empty', 'MLSD empty', 'RETR zero.csv', 'LIST']) {
        const data = await client.data()
        expect(await client.send(command)).toMatch(/^150/)
        // The delay is what is tested: the server has nothing to wait for but the handshake.
        await setTimeout(delay)
        const secure = tlsConnect({ socket: data, rejectUnauthorized: false, maxVersion })
        let content = ''
        secure.on('data', (chunk) => {
          content += chunk
        })
        await once(secure, 'secureConnect')
        if (!secure.readableEnded) await once(secure, 'end')
        expect(await client.reply(), command).toMatch(/^226/)
        expect(content === '', command).toBe(command !== 'LIST')
      }
    })

test('a client that closes before the handshake is told so', async () => {
  const { server, login } = await given(db, folders, { mode: 'required' })
  const client = await RawClient.openTls(server.port)
  await client.login(login)
  const data = await client.data()
  expect(await client.send('LIST')).toMatch(/^150/)
  data.end()
  expect(await client.reply()).toMatch(/^426/)
})
