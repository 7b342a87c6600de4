import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type HostKeys, loadHostKeys } from '../../../server/sftp/host-keys.ts'
import { updateFtpAccount } from '../../../store/ftp-accounts.ts'
import { testDatabase } from '../../support/database.ts'
import { latestUploads } from '../../support/latest-uploads.ts'
import { cannotRun } from '../../support/machine/programs.ts'
import { names, teamLogin, textOf } from '../support/ftp-server.ts'
import { ed25519Keys } from '../support/sftp-keys.ts'
import { startSftp } from '../support/sftp-server.ts'

const { db } = testDatabase()
const noSsh = cannotRun('ssh', '-V')

describe('the client of OpenSSH', () => {
  beforeEach(({ skip }) => skip(Boolean(noSsh), noSsh))
  let folder: string
  let hostKeys: HostKeys
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rosterport-openssh-'))
    hostKeys = await loadHostKeys(join(folder, 'keys'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  async function setUp() {
    const login = await teamLogin(db)
    const server = await startSftp({ db, team: login.team, teams: join(folder, 'teams'), hostKeys })
    return { login, server }
  }

  const COMMON = ['-F', 'none', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-q']

  /** Runs a program of OpenSSH; its askpass program says the password. */
  async function run(program: 'sftp' | 'scp' | 'ssh', args: string[], { input = '', password = '' } = {}) {
    const askpass = join(folder, 'askpass')
    await writeFile(askpass, '#!/bin/sh\necho "$ROSTERPORT_TEST_PASSWORD"\n')
    await chmod(askpass, 0o700)
    const child = spawn(program, [...COMMON, ...args], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        SSH_ASKPASS: askpass,
        SSH_ASKPASS_REQUIRE: 'force',
        ROSTERPORT_TEST_PASSWORD: password,
      },
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
    child.stdin.end(input)
    const [code] = await once(child, 'close')
    return { code, said }
  }

  async function keyFor({ login }: Awaited<ReturnType<typeof setUp>>, kind: 'ed25519' | 'rsa'): Promise<string> {
    const made = kind === 'rsa' ? ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 }) : ed25519Keys()
    const file = join(folder, `id-${kind}-${randomBytes(4).toString('hex')}`)
    await writeFile(file, made.private, { mode: 0o600 })
    await updateFtpAccount(db, login.team.id, login.username, { publicKeys: [made.public] })
    return file
  }

  test('uploads, lists, renames, reads back and removes by password', async () => {
    const given = await setUp()
    const content = randomBytes(5_000_000)
    await writeFile(join(folder, 'local.csv'), content)
    const { code, said } = await run(
      'sftp',
      [
        '-o',
        'PubkeyAuthentication=no',
        '-o',
        'BatchMode=no',
        '-b',
        '-',
        '-P',
        `${given.server.port}`,
        `${given.login.username}@127.0.0.1`,
      ],
      {
        password: given.login.password,
        input: [
          'mkdir in',
          'put -p local.csv in/a.csv',
          'rename in/a.csv in/b.csv',
          'ls -l in',
          'get in/b.csv back.csv',
          'put local.csv in/c.csv',
          'rm in/c.csv',
          '',
        ].join('\n'),
      },
    )
    expect(said).toMatch(/-rw-r----- +1 ftp +ftp +5000000 .* (in\/)?b\.csv/)
    expect(code).toBe(0)
    expect((await readFile(join(folder, 'back.csv'))).equals(content)).toBe(true)
    expect(await names(given.server.area, '/in')).toEqual(['b.csv'])
    expect(given.server.ready).toEqual(['/in/a.csv', '/in/b.csv', '/in/c.csv'])
  })

  for (const kind of ['ed25519', 'rsa'] as const)
    test(`logs in by an ${kind} key, and scp ends well`, async () => {
      const given = await setUp()
      const key = await keyFor(given, kind)
      await writeFile(join(folder, 'local.csv'), 'content\n')
      const { code, said } = await run('scp', [
        ...['-s', '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-i', key, '-P', `${given.server.port}`],
        ...['local.csv', `${given.login.username}@127.0.0.1:/a.csv`],
      ])
      expect({ code, said }).toEqual({ code: 0, said: '' })
      expect(await textOf(given.server.area, '/a.csv')).toBe('content\n')
    })

  test('is told in a sentence that an upload cannot be resumed, and leaves the file as it is', async () => {
    const given = await setUp()
    const key = await keyFor(given, 'ed25519')
    const batch = (input: string) =>
      run(
        'sftp',
        [
          ...['-o', 'IdentitiesOnly=yes', '-i', key, '-b', '-', '-P', `${given.server.port}`],
          `${given.login.username}@127.0.0.1`,
        ],
        { input },
      )
    await writeFile(join(folder, 'local.csv'), 'the first half')
    await batch('put local.csv a.csv\n')
    await writeFile(join(folder, 'local.csv'), 'the first half and the second half')
    const { code, said } = await batch('reput local.csv a.csv\n')
    expect(code).toBe(1)
    expect(said).toMatch(/unsupported/i)
    expect(await textOf(given.server.area, '/a.csv')).toBe('the first half')
  })

  test('leaves nothing when it is killed before the end of its upload', async () => {
    const given = await setUp()
    const key = await keyFor(given, 'ed25519')
    await writeFile(join(folder, 'large.csv'), '')
    await truncate(join(folder, 'large.csv'), 200_000_000)
    const args = ['-o', 'IdentitiesOnly=yes', '-i', key, '-b', '-', '-P', `${given.server.port}`]
    // 8 Mbit/s: it is still at work when the upload is seen.
    const child = spawn('sftp', [...COMMON, '-l', '8000', ...args, `${given.login.username}@127.0.0.1`], {
      cwd: folder,
    })
    child.stdin.end('put large.csv a.csv\n')
    const state = async () => (await latestUploads(db, given.login.team.id, 1))[0]?.state
    await vi.waitFor(async () => expect(await state()).toBe('receiving'), { timeout: 10_000 })
    child.kill('SIGKILL')
    await vi.waitFor(async () => expect(await state()).toBe('incomplete'), { timeout: 10_000 })
    expect(await names(given.server.area)).toEqual([])
    expect(await given.server.area.pending()).toEqual([])
  })

  test('gets no shell and no command', async () => {
    const given = await setUp()
    const key = await keyFor(given, 'ed25519')
    const { code } = await run('ssh', [
      ...['-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-i', key, '-p', `${given.server.port}`],
      ...[`${given.login.username}@127.0.0.1`, 'id'],
    ])
    expect(code).not.toBe(0)
  })
})
