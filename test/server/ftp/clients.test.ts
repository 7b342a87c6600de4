import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FtpTls } from '../../../server/ftp/ftp-options.ts'
import { testDatabase } from '../../support/database.ts'
import { cannotRun } from '../../support/machine/programs.ts'
import { type Given, given } from '../support/ftp-client.ts'
import { names, serverFolders, textOf } from '../support/ftp-server.ts'

const { db } = testDatabase()
const folders = serverFolders()
const run = promisify(execFile)
const CONTENT = `ID,First\r\n${randomBytes(400_000).toString('base64')}\r\n`
let local = ''
beforeAll(async () => {
  local = await mkdtemp(join(tmpdir(), 'rosterport-clients-'))
  await writeFile(join(local, 'StudentData.csv'), CONTENT)
  await writeFile(join(local, 'empty.csv'), '')
})
afterAll(() => rm(local, { recursive: true, force: true }))

const MODES = ['off', 'required', 'implicit'] as const
type Mode = FtpTls['mode'] & (typeof MODES)[number]

/** A client that is a program of this machine; each must upload, list, download and remove. */
interface Program {
  name: string
  work(given: Given, mode: Mode): Promise<void>
}

const PYTHON = `
import ftplib, io, ssl, sys
mode, port, user, password, path = sys.argv[1:]
context = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
class Implicit(ftplib.FTP_TLS):
    _socket = None
    @property
    def sock(self): return self._socket
    @sock.setter
    def sock(self, value):
        if value is not None and not isinstance(value, ssl.SSLSocket): value = self.context.wrap_socket(value)
        self._socket = value
ftp = ftplib.FTP() if mode == 'off' else (Implicit if mode == 'implicit' else ftplib.FTP_TLS)(context=context)
ftp.connect('127.0.0.1', int(port))
ftp.login(user, password)
if mode != 'off': ftp.prot_p()
content = open(path, 'rb').read()
ftp.mkd('in'); ftp.cwd('in')
assert ftp.storbinary('STOR a.csv', io.BytesIO(content)).startswith('226')
assert ftp.storbinary('STOR empty.csv', io.BytesIO(b'')).startswith('226')
assert ftp.storbinary('STOR a.csv', io.BytesIO(content[10:]), rest=10).startswith('226')
assert sorted(ftp.nlst()) == ['a.csv', 'empty.csv'], ftp.nlst()
assert dict(ftp.mlsd())['a.csv']['size'] == str(len(content))
got = io.BytesIO(); ftp.retrbinary('RETR a.csv', got.write)
assert got.getvalue() == content
lines = []; ftp.retrlines('LIST', lines.append); assert len(lines) == 2
ftp.rename('a.csv', 'b.csv'); assert ftp.size('b.csv') == len(content); assert ftp.size('empty.csv') == 0
ftp.delete('b.csv'); ftp.delete('empty.csv'); ftp.cwd('/'); ftp.rmd('in')
ftp.storbinary('STOR last.csv', io.BytesIO(content)); ftp.quit()
`

const PROGRAMS: Program[] = [
  {
    name: 'curl',
    async work({ server, login }, mode) {
      const base = `${mode === 'implicit' ? 'ftps' : 'ftp'}://127.0.0.1:${server.port}`
      const curl = (...args: string[]) =>
        run('curl', [
          ...['-sS', '--insecure', '--user', `${login.username}:${login.password}`],
          ...(mode === 'required' ? ['--ssl-reqd'] : []),
          ...args,
        ])
      await curl('-T', join(local, 'StudentData.csv'), '--ftp-create-dirs', `${base}/in/a.csv`)
      await curl('-T', join(local, 'empty.csv'), `${base}/in/empty.csv`)
      expect((await curl('--list-only', `${base}/in/`)).stdout.split('\n').sort().join(' ').trim()).toBe(
        'a.csv empty.csv',
      )
      await curl('-o', join(local, `curl-${mode}`), `${base}/in/a.csv`)
      expect(await readFile(join(local, `curl-${mode}`), 'utf8')).toBe(CONTENT)
      await curl('-Q', 'DELE in/a.csv', '-Q', 'DELE in/empty.csv', '-Q', 'RMD in', `${base}/`)
      await curl('-T', join(local, 'StudentData.csv'), `${base}/last.csv`)
    },
  },
  {
    name: 'lftp',
    async work({ server, login }, mode) {
      const script = [
        'set cmd:fail-exit yes; set net:max-retries 1; set ssl:verify-certificate no; set ftp:ssl-force',
        mode === 'off' ? 'no; set ftp:ssl-allow no' : 'yes; set ftp:ssl-protect-data yes',
        `; open -p ${server.port} -u ${login.username},${login.password} ${mode === 'implicit' ? 'ftps' : 'ftp'}://127.0.0.1`,
        `; lcd "${local}"; mkdir in; cd in; put StudentData.csv -o a.csv; put empty.csv; cls -1; get a.csv -o lftp-${mode}`,
        '; rm a.csv empty.csv; cd /; rmdir in; put StudentData.csv -o last.csv; bye',
      ].join(' ')
      const { stdout } = await run('lftp', ['-c', script], { timeout: 20_000 })
      expect(stdout.trim().split('\n').sort()).toEqual(['a.csv', 'empty.csv'])
      expect(await readFile(join(local, `lftp-${mode}`), 'utf8')).toBe(CONTENT)
    },
  },
  {
    name: 'python3',
    async work({ server, login }, mode) {
      const args = [mode, String(server.port), login.username, login.password, join(local, 'StudentData.csv')]
      await run('python3', ['-c', PYTHON, ...args], { timeout: 20_000 })
    },
  },
]

for (const { name, work } of PROGRAMS) {
  const missing = cannotRun(name, '--version')
  for (const mode of MODES)
    test(`${name} uploads, lists, downloads and removes with TLS ${mode}`, async ({ skip }) => {
      skip(Boolean(missing), missing)
      const started = await given(db, folders, { mode })
      await work(started, mode)
      expect(await names(started.server.area)).toEqual(['last.csv'])
      expect(await textOf(started.server.area, '/last.csv')).toBe(CONTENT)
    })
}
