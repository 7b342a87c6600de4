import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import { COMMANDS } from '../../../start/commands/index.ts'
import { base32, totpCode } from '../../../web/sign-in/totp.ts'
import { testDatabase } from '../../support/database.ts'
import { usedDataDir } from '../../support/machine/built-programs.ts'
import { FREE_PORTS, ready, signIn, stop, testProcesses } from '../../support/machine/process.ts'
import { anyJson } from '../../support/web.ts'

const { db, url } = testDatabase()
const { run, dataDir } = testProcesses()

beforeEach(async () => {
  await db.deleteFrom('administrator').execute()
  await db.deleteFrom('audit').execute()
})

const OWNER = { ADMIN_EMAIL: 'dana@example.edu', ADMIN_PASSWORD: 'correct horse battery' }
const NEW_PASSWORD = 'four unlike words here'
/** With the embedded PostgreSQL. */
const ENV = { ...FREE_PORTS, PUBLIC_URL: 'http://127.0.0.1:8080' }
const EXTERNAL = { ...ENV, DATABASE_URL: url }

test('--help prints every command, and a wrong call prints them behind its fault, with the exit code 64', async () => {
  const [help, wrong] = await Promise.all([run({}, '--help').ended, run({}, 'reset-owner').ended])
  expect([help.code, wrong.code]).toEqual([0, 64])
  expect(wrong.said.split('\n')[0]).toBe('The command is reset-owner EMAIL [--second-factor].')
  for (const name of Object.keys(COMMANDS))
    for (const { said } of [help, wrong]) expect(said).toMatch(new RegExp(`^  ${name} .*\\w`, 'm'))
})

test('the source runs through tsx, as `npm run dev` starts it', async () => {
  const main = join(import.meta.dirname, '../../../main.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', main, '--help'])
  expect(stdout).toContain('check-config')
})

describe('check-config', () => {
  test('finds nothing wrong with what is right', async () => {
    expect(await run(FREE_PORTS, 'check-config').ended).toEqual({ code: 0, said: 'The configuration has no faults.' })
  })

  test('tells every warning, then every fault of the environment and of the files that it names, at once', async () => {
    const junk = join(dataDir(), 'junk.pem')
    writeFileSync(junk, 'no PEM')
    const { code, said } = await run(
      {
        HTTP_PORT: 'x',
        SMPT_URL: 'x',
        ADMIN_PASSWORD: 'rosterport2026',
        FTP_TLS_CERT: junk,
        FTP_TLS_KEY: join(dataDir(), 'absent.pem'),
      },
      'check-config',
    ).ended
    expect(code).toBe(78)
    expect(said.split('\n')).toEqual([
      'SMPT_URL is not a variable of this program: did you mean SMTP_URL?',
      'The configuration has 4 faults:',
      'HTTP_PORT must be a port number.',
      'ADMIN_PASSWORD is refused: this password is easy to guess. Choose another.',
      `FTP_TLS_KEY: ${join(dataDir(), 'absent.pem')} is not there: correct the path, or put the file there (ENOENT).`,
      `FTP_TLS_CERT: ${junk} is not a certificate in PEM form: it has no BEGIN CERTIFICATE line.`,
    ])
  })
})

describe('reset-owner', () => {
  /** A service whose owner is signed in, and what the owner does. */
  async function serving(env: NodeJS.ProcessEnv) {
    const service = run({ ...env, ...OWNER })
    const { http } = await ready(service)
    const entered = await signIn(http, OWNER.ADMIN_PASSWORD, OWNER.ADMIN_EMAIL)
    expect(entered.status).toBe(204)
    const cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const call = (method: string, path: string, body?: unknown) =>
      fetch(`http://${http}${path}`, {
        method,
        headers: { cookie, origin: `http://${http}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
    return { service, http, call }
  }

  const tokenOf = (said: string) => /^http:\/\/127\.0\.0\.1:8080\/invitation\/([\w-]{43})$/m.exec(said)?.[1] ?? ''
  const choose = (http: string, said: string) =>
    fetch(`http://${http}/api/invitation`, {
      method: 'POST',
      body: JSON.stringify({ token: tokenOf(said), password: NEW_PASSWORD }),
    })

  test('beside a running service prints a link that works once, ends the sessions, and is audited', async () => {
    await usedDataDir(dataDir())
    const { service, http, call } = await serving(ENV)
    const { code, said } = await run(ENV, 'reset-owner', 'Dana@example.edu').ended
    expect([code, tokenOf(said)]).toEqual([0, expect.stringMatching(/./)])
    // The service goes on, and so does its database.
    const { items } = await anyJson(await call('GET', '/api/audit'))
    expect(items[0]).toMatchObject({
      action: 'person.new-link',
      actor: 'command line',
      actorKind: 'system',
      subject: 'dana@example.edu',
      address: null,
    })
    expect(JSON.stringify(items)).not.toContain(tokenOf(said))
    expect((await choose(http, said)).status).toBe(204)
    expect((await choose(http, said)).status).toBe(404)
    expect((await call('GET', '/api/audit')).status).toBe(401)
    expect((await signIn(http, OWNER.ADMIN_PASSWORD, OWNER.ADMIN_EMAIL)).status).toBe(401)
    expect((await signIn(http, NEW_PASSWORD, OWNER.ADMIN_EMAIL)).status).toBe(204)
    await stop(service)
  })

  test('works while the service is down, and leaves no database running', async () => {
    await usedDataDir(dataDir())
    await stop((await serving(ENV)).service)
    const { code, said } = await run(ENV, 'reset-owner', 'dana@example.edu').ended
    expect(code).toBe(0)
    const service = run({ ...ENV, LOG_LEVEL: 'debug' })
    const { http } = await ready(service)
    expect(await service.line('embedded PostgreSQL runs')).toContain('"joined":false')
    expect((await choose(http, said)).status).toBe(204)
    expect((await signIn(http, NEW_PASSWORD, OWNER.ADMIN_EMAIL)).status).toBe(204)
  })

  test('gives the first owner, who never signed in, a password that no start replaces', async () => {
    const first = run(EXTERNAL)
    await ready(first)
    await stop(first)
    const { said } = await run(EXTERNAL, 'reset-owner', 'admin@localhost').ended
    const second = run(EXTERNAL)
    expect((await choose((await ready(second)).http, said)).status).toBe(204)
    await stop(second)
    const third = run(EXTERNAL)
    expect((await signIn((await ready(third)).http, NEW_PASSWORD)).status).toBe(204)
    expect(await stop(third)).not.toContain('one-time password')
  })

  test('turns a lost second factor off when asked to, and says so in the audit', async () => {
    const { http, call } = await serving(EXTERNAL)
    const password = { password: OWNER.ADMIN_PASSWORD }
    const { secret } = await anyJson(await call('POST', '/api/second-factor', password))
    const letters = Array.from({ length: 32 }, (_, index) => base32(Buffer.from([index << 3])).charAt(0))
    const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('')
    const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
    const code = totpCode(key, Math.floor(Date.now() / 30_000))
    expect((await call('PUT', '/api/second-factor', { code })).status).toBe(200)
    const plain = await run(EXTERNAL, 'reset-owner', 'dana@example.edu').ended
    expect((await choose(http, plain.said)).status).toBe(204)
    expect((await signIn(http, NEW_PASSWORD, OWNER.ADMIN_EMAIL)).status).toBe(401)
    const reset = await run(EXTERNAL, 'reset-owner', '--second-factor', 'dana@example.edu').ended
    expect(reset.said).toContain('The second factor of dana@example.edu is off')
    expect((await choose(http, reset.said)).status).toBe(204)
    const entered = await signIn(http, NEW_PASSWORD, OWNER.ADMIN_EMAIL)
    expect(entered.status).toBe(204)
    const cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const { items } = await anyJson(await fetch(`http://${http}/api/audit`, { headers: { cookie } }))
    const byCommand = items.filter(({ actor }: { actor: string }) => actor === 'command line')
    expect(byCommand.map(({ action }: { action: string }) => action)).toEqual([
      'person.second-factor-off',
      'person.new-link',
      'person.new-link',
    ])
  })

  test('names the owners where the address is of nobody or of an admin', async () => {
    const { call } = await serving(EXTERNAL)
    await call('POST', '/api/people', { email: 'sam@example.edu' })
    const nobody = await run(EXTERNAL, 'reset-owner', 'dnaa@example.edu').ended
    expect(nobody).toEqual({
      code: 1,
      said: 'Nobody has the address dnaa@example.edu. The only owner is dana@example.edu.',
    })
    await call('POST', '/api/people', { email: 'kim@example.edu', role: 'owner' })
    const admin = await run(EXTERNAL, 'reset-owner', 'sam@example.edu').ended
    expect(admin).toEqual({
      code: 1,
      said: 'sam@example.edu is an admin, not an owner: an owner makes a new link for them on the page People. The owners are dana@example.edu, kim@example.edu.',
    })
  })

  test('says in one sentence that there is no database, or that it cannot be reached', async () => {
    const { code, said } = await run(ENV, 'reset-owner', 'dana@example.edu').ended
    expect([code, said]).toEqual([
      1,
      expect.stringMatching(/^There is no database below .*: set DATA_DIR or DATABASE_URL/),
    ])
    const away = await run({ ...ENV, DATABASE_URL: 'postgres://127.0.0.1:1/none' }, 'reset-owner', 'dana@example.edu')
      .ended
    expect([away.code, away.said]).toEqual([1, expect.stringMatching(/^The database at DATABASE_URL cannot be used/)])
    expect(away.said.split('\n')).toHaveLength(1)
  })
})
