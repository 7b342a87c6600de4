import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect as tlsConnect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import type { TeamPath } from '../../../model/team-path.ts'
import { heldBeside } from '../../../store/uploads/held-beside.ts'
import { testDatabase } from '../../support/database.ts'
import { latestUploads } from '../../support/latest-uploads.ts'
import { cannotRun } from '../../support/machine/programs.ts'
import { type Given, given } from '../support/ftp-client.ts'
import { names, serverFolders, textOf } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()
const WHOLE = 'ID,First\n1,Ann\n'
const CUT = 'ID,First\n1,Ann\n2'
const MODES = ['off', 'required', 'implicit'] as const

async function becomes({ login }: Given, wanted: { state: string; verdict: string | null }) {
  await vi.waitFor(async () => expect((await latestUploads(db, login.team.id, 1))[0]).toMatchObject(wanted), {
    timeout: 10_000,
  })
}

async function withEarlier(options: Parameters<typeof given>[2] = {}) {
  const started = await given(db, folders, options)
  const pending = await started.server.area.receive()
  await pending.write(Buffer.from('earlier\n'))
  await pending.seal()
  await pending.publish('/a.csv' as TeamPath)
  return started
}

const behind: { title: string; part: (client: RawClient) => unknown; last: string }[] = [
  { title: 'closes', part: ({ socket }) => socket.end(), last: '' },
  { title: 'drops its socket', part: ({ socket }) => socket.destroy(), last: '' },
]
for (const { title, part } of behind) {
  test(`a client that ${title} after the 226 has uploaded a file whose last record is whole`, async () => {
    const started = await withEarlier()
    const client = await started.client()
    expect(await client.store('a.csv', WHOLE)).toMatch(/^226/)
    part(client)
    await becomes(started, { state: 'ready', verdict: 'waiting' })
    expect(await textOf(started.server.area, '/a.csv')).toBe(WHOLE)
    expect(started.server.ready).toEqual(['/a.csv'])
  })

  test(`where it ${title} after the 226 of a cut record, the file stays beside and is held`, async () => {
    const started = await withEarlier()
    const client = await started.client()
    expect(await client.store('a.csv', CUT)).toMatch(/^226/)
    part(client)
    await becomes(started, { state: 'ready', verdict: 'held' })
    expect(await textOf(started.server.area, '/a.csv')).toBe('earlier\n')
    const [held] = await heldBeside(db, started.login.team.id)
    expect(await started.server.area.pending()).toEqual([held?.temporaryName])
    expect(started.server.ready).toEqual([])
  })
}

test('a file that no run takes just takes its name', async () => {
  const started = await withEarlier()
  const client = await started.client()
  expect(await client.store('notes.tmp', CUT)).toMatch(/^226/)
  client.socket.end()
  await becomes(started, { state: 'ready', verdict: 'waiting' })
  expect(await names(started.server.area)).toEqual(['a.csv', 'notes.tmp'])
})

test('a client that is gone before the 226 is told nothing, and the earlier file stays', async () => {
  const { promise: told, resolve: tell } = Promise.withResolvers<string>()
  const asked = Promise.withResolvers<void>()
  const started = await withEarlier({
    describeUpload: () => {
      asked.resolve()
      return told
    },
  })
  const client = await started.client()
  const data = await client.beginStore('a.csv', WHOLE)
  data.end()
  await asked.promise
  client.socket.end()
  await once(client.socket, 'end')
  tell('')
  expect(await client.reply()).not.toMatch(/^226/)
  await becomes(started, { state: 'incomplete', verdict: null })
  expect(await textOf(started.server.area, '/a.csv')).toBe('earlier\n')
})

test('a client that resets its connection when the 226 comes has not taken it', async () => {
  const started = await withEarlier()
  const client = await started.client()
  expect(await client.store('a.csv', WHOLE)).toMatch(/^226/)
  client.socket.resetAndDestroy()
  await becomes(started, { state: 'incomplete', verdict: null })
  expect(await textOf(started.server.area, '/a.csv')).toBe('earlier\n')
})

for (const command of ['QUIT', 'NOOP'])
  test(`${command} sent during the data, or right behind them, keeps the upload`, async () => {
    const started = await given(db, folders)
    for (let round = 0; round < 24; round++) {
      const client = await started.client()
      const data = await client.beginStore(`${round}.csv`, 'ID,First\n1,Ann\n2')
      if (round % 2 === 0) client.write(`${command}\r\n`)
      data.end(',Bob\n')
      if (round % 2 === 1) client.write(`${command}\r\n`)
      expect(await client.reply()).toMatch(/^226/)
      expect(await client.reply()).toMatch(/^2/)
      client.socket.end()
    }
    await vi.waitFor(async () => expect(await names(started.server.area)).toHaveLength(24))
    const uploads = await latestUploads(db, started.login.team.id, 24)
    expect(uploads.map(({ state }) => state)).toEqual(uploads.map(() => 'ready'))
  })

test('a command sent during the data vouches for nothing where the client is gone before the 226', async () => {
  const started = await withEarlier()
  for (const die of ['end', 'resetAndDestroy'] as const) {
    const client = await started.client()
    const data = await client.beginStore('a.csv', WHOLE)
    client.write('NOOP\r\nQUIT\r\n')
    data[die]()
    client.socket[die]()
    await becomes(started, { state: 'incomplete', verdict: null })
    expect(await textOf(started.server.area, '/a.csv')).toBe('earlier\n')
  }
})

const clients: { program: string; title: string; script: (port: number, mode: string, login: string[]) => string }[] = [
  {
    program: 'python3',
    title: 'ftplib that is closed',
    script: (port, mode, [user, password]) => `
import ftplib, io, ssl
context = ssl._create_unverified_context()
class Implicit(ftplib.FTP_TLS):
    def __init__(self): super().__init__(context=context); self._own = None
    @property
    def sock(self): return self._own
    @sock.setter
    def sock(self, value):
        self._own = context.wrap_socket(value) if value is not None and not isinstance(value, ssl.SSLSocket) else value
class Reading:
    def __init__(self, content): self.content = io.BytesIO(content)
    def read(self, size): return self.content.read(size)
ftp = ${mode === 'off' ? 'ftplib.FTP()' : mode === 'implicit' ? 'Implicit()' : 'ftplib.FTP_TLS(context=context)'}
ftp.connect('127.0.0.1', ${port})
ftp.login('${user}', '${password}'${mode === 'implicit' ? ', secure=False' : ''})
${mode === 'off' ? '' : 'ftp.prot_p()'}
ftp.storbinary('STOR a.csv', Reading(${JSON.stringify(WHOLE)}.encode()))
ftp.close()
`,
  },
  {
    program: 'node',
    title: 'basic-ftp in a process that exits',
    script: (port, mode, [user, password]) => `
const { Client } = require('basic-ftp')
const { Readable } = require('node:stream')
const client = new Client()
client.access({ host: '127.0.0.1', port: ${port}, user: '${user}', password: '${password}',
  secure: ${mode === 'off' ? 'false' : mode === 'implicit' ? "'implicit'" : 'true'}, secureOptions: { rejectUnauthorized: false } })
  .then(() => client.uploadFrom(Readable.from([${JSON.stringify(WHOLE)}]), 'a.csv'))
  .then(() => process.exit(0), (error) => { console.error(error); process.exit(1) })
`,
  },
]
for (const mode of MODES)
  for (const { program, title, script } of clients)
    test(`an upload by ${title} is kept: TLS ${mode}`, async ({ skip }) => {
      const reason = cannotRun(program, '--version')
      skip(Boolean(reason), reason)
      const started = await withEarlier({ mode })
      const { username, password } = started.login
      const code = script(started.server.port, mode, [username, password])
      const child = spawn(program, [program === 'node' ? '-e' : '-c', code], {
        cwd: fileURLToPath(new URL('../../..', import.meta.url)),
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      const said: Buffer[] = []
      child.stderr.on('data', (chunk) => said.push(chunk))
      const [exit] = await once(child, 'close')
      expect(exit, Buffer.concat(said).toString()).toBe(0)
      await becomes(started, { state: 'ready', verdict: 'waiting' })
      expect(await textOf(started.server.area, '/a.csv')).toBe(WHOLE)
    })

test('over TLS a client that closes in the middle of a record is held too', async () => {
  const started = await withEarlier({ mode: 'required' })
  const client = await RawClient.openTls(started.server.port)
  await client.login(started.login)
  const data = await client.data()
  expect(await client.send('STOR a.csv')).toMatch(/^150/)
  const secure = tlsConnect({ socket: data, rejectUnauthorized: false })
  await once(secure, 'secureConnect')
  secure.end(CUT)
  expect(await client.reply()).toMatch(/^226/)
  client.socket.destroy()
  await becomes(started, { state: 'ready', verdict: 'held' })
  expect(await textOf(started.server.area, '/a.csv')).toBe('earlier\n')
})
