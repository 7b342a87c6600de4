import { once } from 'node:events'
import { duplexPair, Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { connect as tlsConnect } from 'node:tls'
import { Client } from 'basic-ftp'
import { expect, test } from 'vitest'
import { testDatabase } from '../../support/database.ts'
import { given } from '../support/ftp-client.ts'
import { serverFolders } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'
import { alertRecord, CLOSE_NOTIFY, USER_CANCELED } from '../support/tls-alerts.ts'

const { db } = testDatabase()
const folders = serverFolders()

for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
  for (const content of ['whole\n', 'xy', ''])
    for (const strictClose of [true, false])
      test(`"${content.trim()}" over ${version} cut without close_notify is ${strictClose ? 'refused' : 'taken'} with strict close ${strictClose}`, async () => {
        const { server, login } = await given(db, folders, { mode: 'required', strictClose })
        const client = await RawClient.openTls(server.port)
        await client.login(login)
        for (const closes of [true, false]) {
          const raw = await client.data()
          expect(await client.send('STOR a.csv')).toMatch(/^150/)
          const data = tlsConnect({ socket: raw, rejectUnauthorized: false, minVersion: version, maxVersion: version })
          data.on('error', () => {})
          await once(data, 'secureConnect')
          if (content !== '') await new Promise((resolve) => data.write(content, resolve))
          if (closes) data.end()
          else raw.end()
          expect(await client.reply()).toMatch(closes || !strictClose ? /^226/ : /^426/)
        }
      })

for (const [close, alerts, taken] of [
  ['user_canceled and close_notify, as Java does', [USER_CANCELED, CLOSE_NOTIFY], true],
  ['user_canceled alone', [USER_CANCELED], false],
] as const)
  test(`a connection of TLS 1.3 that ends with ${close}, is ${taken ? 'taken' : 'refused'}`, async () => {
    const { server, login } = await given(db, folders, { mode: 'required', strictClose: true })
    const client = await RawClient.openTls(server.port)
    await client.login(login)
    const raw = await client.data()
    expect(await client.send('STOR a.csv')).toMatch(/^150/)
    const [near, far] = duplexPair()
    raw.pipe(far)
    far.pipe(raw, { end: false })
    const data = tlsConnect({ socket: near, rejectUnauthorized: false, ciphers: 'TLS_AES_128_GCM_SHA256' })
    data.on('error', () => {})
    let secret = Buffer.alloc(0)
    data.on('keylog', (line: Buffer) => {
      const [label, , value] = line.toString().trim().split(' ')
      if (label === 'CLIENT_TRAFFIC_SECRET_0') secret = Buffer.from(value ?? '', 'hex')
    })
    await once(data, 'secureConnect')
    await new Promise((resolve) => data.write('whole\n', resolve))
    await setImmediate()
    for (const [at, alert] of alerts.entries()) raw.write(alertRecord(secret, 1 + at, alert))
    raw.end()
    expect(await client.reply()).toMatch(taken ? /^226/ : /^426 TLS connection cut off/)
  })

for (const strictClose of [true, false])
  test(`a client that ends its data connection before TLS has begun is ${strictClose ? 'refused' : 'taken to send an empty file'} with strict close ${strictClose}`, async () => {
    const { server, login } = await given(db, folders, { mode: 'required', strictClose })
    const client = new Client()
    await client.access({
      host: '127.0.0.1',
      port: server.port,
      user: login.username,
      password: login.password,
      secure: true,
      secureOptions: { rejectUnauthorized: false },
    })
    const uploaded = client.uploadFrom(Readable.from([]), 'empty.csv')
    if (strictClose) await expect(uploaded).rejects.toThrow('426 Data connection closed before the TLS handshake.')
    else expect(await uploaded).toMatchObject({ code: 226 })
    client.close()
  })
