import { once } from 'node:events'
import { sql } from 'kysely'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createLog } from '../../log.ts'
import { AccountRights } from '../../server/account-rights.ts'
import {
  createFtpAccount,
  deleteFtpAccount,
  ftpAccount,
  ftpLoggedIn,
  ftpVersion,
  renewFtpPassword,
  updateFtpAccount,
} from '../../store/ftp-accounts.ts'
import type { DatabasePool } from '../../store/postgres/database.ts'
import { Signals } from '../../store/postgres/signals.ts'
import { createTeam, removeTeam, updateTeam } from '../../store/teams.ts'
import { testDatabase } from '../support/database.ts'
import { latestUploads } from '../support/latest-uploads.ts'
import { behindDoor } from './support/database-door.ts'
import { given } from './support/ftp-client.ts'
import { NO_SIGNALS, names, SECRET, serverFolders, type TeamLogin } from './support/ftp-server.ts'
import { RawClient } from './support/raw-client.ts'
import { sftpGiver } from './support/sftp-client.ts'

const database = testDatabase()
const { db } = database
const folders = serverFolders()
const givenSftp = sftpGiver(db, folders)

/** One second is the rule; a machine that is busy gets more. */
const SOON_MS = 3000
const LARGE = Buffer.alloc(64 << 20, 'ID,First,Last,Cell\n')

/** The rights of a process that hears of changes. */
async function listening({ db: asked = db, newClient = database.newClient }: Partial<DatabasePool> = {}) {
  const log = createLog('silent')
  const signals = new Signals(newClient, log)
  await signals.open()
  const rights = new AccountRights({ db: asked, signals, log })
  onTestFinished(async () => {
    rights.stop()
    await signals.stop()
  })
  return rights
}

const CHANGES: Record<string, (login: TeamLogin) => Promise<unknown>> = {
  'a new password': ({ team, username }) => renewFtpPassword(db, SECRET, team.id, username),
  'another key': ({ team, username }) => updateFtpAccount(db, team.id, username, { publicKeys: ['ssh-ed25519 AAAA'] }),
  'other addresses': ({ team, username }) =>
    updateFtpAccount(db, team.id, username, { allowedAddresses: ['192.0.2.1'] }),
  'other permissions': ({ team, username }) => updateFtpAccount(db, team.id, username, { permissions: 'upload' }),
  'a disabled account': ({ team, username }) => updateFtpAccount(db, team.id, username, { enabled: false }),
  'a removed account': ({ team, username }) => deleteFtpAccount(db, team.id, username),
  'a removed team': ({ team }) => removeTeam(db, team.id),
  'an account made again': async ({ team, username }) => {
    await deleteFtpAccount(db, team.id, username)
    await createFtpAccount(db, SECRET, team.id, { username, permissions: 'full' })
  },
  'a team and an account made again': async ({ team, username }) => {
    await removeTeam(db, team.id)
    const again = await createTeam(db, { team: team.team, name: 'Other', timeZone: 'America/New_York' })
    if (!again) throw new Error('the name is free')
    await createFtpAccount(db, SECRET, again.id, { username, permissions: 'full' })
  },
}

/** Begins something that lasts; answers what it takes for it to be over. */
interface Lasting {
  login: TeamLogin
  ended: Promise<unknown>
  /** What must hold afterwards. */
  after?(): Promise<void>
}

const FTP: Record<string, () => Promise<Lasting>> = {
  'a session that does nothing': async () => {
    const { login, client } = await givenFtp()
    const each = await client()
    return {
      login,
      ended: once(each.socket, 'close'),
      after: async () => expect(await each.reply()).toBe('421 The account or its rights have changed; log in again.'),
    }
  },
  'a session over TLS': async () => {
    const { login, server } = await givenFtp('required')
    const client = await RawClient.openTls(server.port)
    expect(await client.login(login)).toBe('230 Login successful.')
    return { login, ended: once(client.socket, 'close') }
  },
  'an upload': async () => {
    const { login, client, server } = await givenFtp()
    const each = await client()
    const ended = once(each.socket, 'close')
    const data = await each.beginStore('a.csv', 'ID,First\n')
    const broken = once(data, 'close')
    return {
      login,
      ended: Promise.all([ended, broken]),
      async after() {
        expect(await each.reply()).toMatch(/^421 /)
        expect(await names(server.area)).toEqual([])
        await vi.waitFor(async () => {
          const [upload] = await latestUploads(db, login.team.id, 1)
          expect(upload?.state ?? 'incomplete').toBe('incomplete')
        })
      },
    }
  },
  'a transfer whose data connection does not come': async () => {
    const { login, client } = await givenFtp()
    const each = await client()
    await each.dataPort()
    expect(await each.send('STOR a.csv')).toMatch(/^150 /)
    return { login, ended: once(each.socket, 'close') }
  },
  'a download': async () => {
    const { login, client, server } = await givenFtp()
    const pending = await server.area.receive()
    await pending.write(LARGE)
    await pending.publish('/large.csv' as Parameters<typeof pending.publish>[0], { flush: false })
    const each = await client()
    const data = await each.data()
    expect(await each.send('RETR large.csv')).toMatch(/^150 /)
    await once(data, 'readable')
    let bytes = 0
    const broken = new Promise<void>((resolve) => data.once('close', resolve))
    return {
      login,
      ended: once(each.socket, 'close'),
      async after() {
        data.on('data', (chunk: Buffer) => {
          bytes += chunk.length
        })
        await broken
        expect(bytes).toBeLessThan(LARGE.length)
      },
    }
  },
}

const SFTP: Record<string, () => Promise<Lasting>> = {
  'an SFTP session that does nothing': async () => {
    const { login, client } = await givenSftp('full', { rights: await listening() })
    const { ssh } = await client()
    return { login, ended: once(ssh, 'close') }
  },
  'an SFTP upload': async () => {
    const { login, client, server } = await givenSftp('full', { rights: await listening() })
    const each = await client()
    const handle = await each.call('open', '/a.csv', 'w')
    await each.call('write', handle, Buffer.from('ID'), 0, 2, 0)
    return { login, ended: once(each.ssh, 'close'), after: async () => expect(await names(server.area)).toEqual([]) }
  },
  'an SFTP download': async () => {
    const { login, client } = await givenSftp('full', { rights: await listening() })
    const each = await client()
    await each.put('/a.csv', 'ID,First\n')
    const handle = await each.call('open', '/a.csv', 'r')
    await each.call('read', handle, Buffer.alloc(2), 0, 2, 0)
    return { login, ended: once(each.ssh, 'close') }
  },
}

async function givenFtp(mode: 'off' | 'required' = 'off') {
  return given(db, folders, { mode, rights: await listening() })
}

describe.each(Object.entries(CHANGES))('%s ends', (_change, change) => {
  test.each(Object.entries({ ...FTP, ...SFTP }))('%s', async (_thing, begin) => {
    const { login, ended, after } = await begin()
    const changed = performance.now()
    await change(login)
    await ended
    expect(performance.now() - changed).toBeLessThan(SOON_MS)
    await after?.()
  })
})

test('a login, another name of the team and another quota end nothing', async () => {
  const { login, client } = await givenFtp()
  const each = await client()
  const version = await ftpVersion(db, login.username)
  await updateTeam(db, login.team.id, { name: 'Enrolment', quotaFiles: 7 })
  const account = await ftpAccount(db, login.team.id, login.username)
  if (account) await ftpLoggedIn(db, account, '192.0.2.7')
  expect(await ftpVersion(db, login.username)).toBe(version)
  expect(await each.send('PWD')).toMatch(/^257 /)
})

test('of two sessions only those of the changed account end, in every process', async () => {
  const one = await givenFtp()
  const other = await givenFtp()
  const second = await given(db, folders, { rights: await listening() })
  const [here, kept, there] = [await one.client(), await other.client(), await RawClient.open(second.server.port)]
  expect(await there.login(one.login)).toBe('230 Login successful.')
  const ended = Promise.all([once(here.socket, 'close'), once(there.socket, 'close')])
  await updateFtpAccount(db, one.login.team.id, one.login.username, { enabled: false })
  await ended
  expect(await kept.send('PWD')).toMatch(/^257 /)
})

test('a process that has lost its signals asks when it hears again', async () => {
  const { login, client } = await givenFtp()
  const { socket } = await client()
  const ended = once(socket, 'close')
  await db.transaction().execute(async (tx) => {
    // Before the commit, so that nobody hears of it.
    await tx.updateTable('ftp_account').set({ enabled: false }).where('username', '=', login.username).execute()
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where query like 'listen %' and datname = current_database() and pid <> pg_backend_pid()`.execute(tx)
  })
  await ended
})

test('without any signal every command is refused a second after the change', async () => {
  const commands = ['PWD', 'EPSV', 'NLST', 'SIZE a.csv', 'STOR a.csv', 'DELE a.csv', 'NOOP']
  const refused = commands.map(async (command) => {
    const { login, client } = await given(db, folders, {
      rights: new AccountRights({ db, signals: NO_SIGNALS, log: createLog('silent') }),
    })
    const each = await client()
    await renewFtpPassword(db, SECRET, login.team.id, login.username)
    await vi.waitFor(async () => expect(await each.send(command), command).toMatch(/^(?:421 .*)?$/), { timeout: 5000 })
  })
  await Promise.all(refused)
})

test('without any signal every SFTP request is refused a second after the change', async () => {
  const refused = (['stat', 'opendir', 'realpath', 'mkdir', 'unlink'] as const).map(async (request) => {
    const { login, client } = await givenSftp()
    const each = await client()
    await renewFtpPassword(db, SECRET, login.team.id, login.username)
    await vi.waitFor(
      async () =>
        await expect(each.call(request, '/a.csv'), request).rejects.toThrow(
          /rights have changed|No response|Not connected/,
        ),
      { timeout: 5000 },
    )
  })
  await Promise.all(refused)
})

test('while the database is away an upload goes to its end; afterwards the session ends', async () => {
  const { away, newClient, shut, open } = await behindDoor(database)
  const rights = await listening({ db: away, newClient })
  const { login, server } = await given(db, folders, { db: away, rights })
  const client = await RawClient.open(server.port)
  expect(await client.login(login)).toBe('230 Login successful.')
  const data = await client.beginStore('a.csv', 'one')
  shut()
  await updateFtpAccount(db, login.team.id, login.username, { enabled: false })
  data.end('\n')
  expect(await client.reply()).toBe('226 Transfer complete.')
  const ended = once(client.socket, 'close')
  open()
  await ended
})
