import { createHash } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { createLog } from '../../log.ts'
import { EventLog } from '../../server/event-log.ts'
import { listAudit } from '../../store/audit.ts'
import { testDatabase } from '../support/database.ts'
import { given } from './support/ftp-client.ts'
import { serverFolders } from './support/ftp-server.ts'

const { db } = testDatabase()
const folders = serverFolders()

test('each event is one line of the log and one row of the audit, with who, whence and what', async () => {
  const written = new PassThrough()
  const { client: connect, login } = await given(db, folders, {
    events: new EventLog(db, createLog('info', written), () => {}),
  })
  const client = await connect()
  await client.store('a.csv', 'one\n')
  await client.send('RNFR a.csv')
  await client.send('RNTO b.csv')
  await client.send('DELE b.csv')
  const data = await client.beginStore('c.csv', 'half')
  data.resetAndDestroy()
  await client.reply()
  const sha256 = createHash('sha256').update('one\n').digest('hex')
  const number = expect.any(Number)
  const upload = expect.any(String)
  const events = [
    { action: 'ftp.login', subject: null, details: {} },
    { action: 'ftp.upload', subject: '/a.csv', details: { upload, bytes: 4, milliseconds: number, sha256 } },
    { action: 'ftp.rename', subject: '/b.csv', details: { from: '/a.csv' } },
    { action: 'ftp.delete', subject: '/b.csv', details: {} },
    {
      action: 'ftp.upload-incomplete',
      subject: '/c.csv',
      details: { upload, bytes: 4, milliseconds: number, reason: 'Connection closed; transfer aborted.' },
    },
  ]
  await vi.waitFor(async () => expect((await listAudit(db, [login.team.id], { limit: 20 })).items).toHaveLength(5))
  const { items } = await listAudit(db, [login.team.id], { limit: 20 })
  const who = { team: login.team.team, actor: login.username, actorKind: 'ftp_account', address: '127.0.0.1' }
  expect(items.reverse()).toMatchObject(events.map((event) => ({ ...who, ...event })))
  const lines = String(written.read())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ msg }) => msg)).toEqual(events.map(({ action }) => action))
  expect(lines[1]).toMatchObject({ account: login.username, client: '127.0.0.1', path: '/a.csv', bytes: 4, sha256 })
})

test('an event of a team that is no more costs none of the others their rows, nor their order', async () => {
  const { login } = await given(db, folders)
  const events = new EventLog(db, createLog('silent'), () => {})
  const actor = { name: login.username, kind: 'ftp_account' as const, address: '192.0.2.1' }
  const teams = [login.team, { id: 2 ** 31 - 1, team: 'removed' }, login.team]
  for (const [at, team] of teams.entries()) events.add(actor, { action: 'ftp.upload', team, subject: `/${at}.csv` })
  await events.stop()
  const { items } = await listAudit(db, [login.team.id], { limit: 20, actions: ['ftp.upload'] })
  expect(items.map(({ subject }) => subject)).toEqual(['/2.csv', '/0.csv'])
})
