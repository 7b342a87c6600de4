import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ROOT, resolveTeamPath } from '../../../model/team-path.ts'
import { AccessGuard } from '../../../server/access-guard.ts'
import { testDatabase } from '../../support/database.ts'
import { given } from '../support/ftp-client.ts'
import { NO_LIMITS, serverFolders } from '../support/ftp-server.ts'
import { memory } from '../support/memory.ts'
import { RawClient } from '../support/raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()
/** The whole set takes a minute; `FUZZ_LINES=100000` asks for it. */
const LINES = Number(process.env.FUZZ_LINES ?? 10_000)
const TOGETHER = 1000

const hostileSegment = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '',
    '...',
    '%2e%2e',
    '..%2f',
    'link',
    'file',
    '.rosterport',
    '~',
    '-a',
    'a b',
    '"',
    '..\\..',
    'C:',
  ),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constant('n'.repeat(256)),
)
const hostilePath = fc
  .tuple(fc.constantFrom('', '/', '//', './', '../'), fc.array(hostileSegment, { maxLength: 6 }))
  .map(([start, segments]) => start + segments.join('/'))

test('no path, however it is written, resolves to anything but names below the root', () => {
  fc.assert(
    fc.property(hostilePath, hostilePath, (folder, text) => {
      const from = resolveTeamPath(ROOT, folder)
      const parsed = resolveTeamPath(from.ok ? from.path : ROOT, text)
      if (!parsed.ok) return
      expect(parsed.path.startsWith('/')).toBe(true)
      for (const segment of parsed.path.slice(1).split('/').filter(Boolean)) {
        expect(['.', '..']).not.toContain(segment)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none may come through
        expect(segment).not.toMatch(/[\u0000-\u001f\u007f\\]/)
        expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(255)
      }
    }),
    { numRuns: 10_000 },
  )
})

/** A server whose root holds links to what lies outside, and a look at that. */
async function withOutside() {
  const limits = { loginSeconds: 30, idleSeconds: 60, stallSeconds: 30 }
  const access = new AccessGuard({ ...NO_LIMITS, banAfter: 1_000_000, delayMilliseconds: 0 })
  const started = await given(db, folders, { limits, access })
  const root = join(folders.teams(), started.login.team.team)
  const outside = join(root, '..', `${started.login.team.team}_outside`)
  await mkdir(root, { recursive: true })
  await mkdir(outside)
  await writeFile(join(outside, 'secret.txt'), 'secret')
  await symlink(outside, join(root, 'link'))
  await symlink(join(outside, 'secret.txt'), join(root, 'file'))
  return { ...started, untouched: async () => expect(await readdir(outside)).toEqual(['secret.txt']) }
}

const VERBS = [
  ...['CWD', 'CDUP', 'PWD', 'MKD', 'RMD', 'DELE', 'RNFR', 'RNTO', 'SIZE', 'MDTM', 'MLST', 'STAT', 'HASH', 'XSHA256'],
  ...['RETR', 'STOR', 'APPE', 'STOU', 'LIST', 'NLST', 'MLSD', 'REST', 'ABOR', 'ALLO', 'AVBL', 'FEAT', 'HELP', 'NOOP'],
  ...['OPTS', 'SITE', 'TYPE', 'MODE', 'STRU', 'PASV', 'EPSV', 'PORT', 'EPRT', 'MFMT', 'CLNT', 'SYST', 'PBSZ', 'PROT'],
  ...['USER', 'PASS', 'REIN', 'HOST', 'AUTH', 'XCUP', 'XPWD', 'ACCT', '', 'constructor', '__proto__', 'é', '\0', 'QUI'],
]
const line = fc
  .tuple(fc.constantFrom(...VERBS), fc.constantFrom(' ', '', '  ', '\t'), fc.oneof(hostilePath, fc.string()))
  .map(([verb, gap, argument]) => `${verb}${gap}${argument}`.replaceAll(/[\r\n]/g, ' '))

test(`${LINES} hostile lines get a reply each, without a crash, a leak or a step outside`, async () => {
  const { server, login, untouched } = await withOutside()
  let client: RawClient | null = null
  const say = async (sent: string) => {
    if (!client) {
      client = await RawClient.open(server.port)
      await client.login(login)
    }
    let told = await client.send(sent)
    if (told.startsWith('150')) {
      expect(await client.send('ABOR')).toBe('426 Transfer aborted.')
      told = await client.reply()
    }
    expect(told, sent).toMatch(/^[2-5]\d\d[ -]/)
    expect(told, sent).not.toMatch(/ENOENT|EACCES|EINVAL|Error:|at \w+ \(|undefined|\/tmp\//)
    // `QUI` with a T behind it is a QUIT.
    if (/^(?:421|221)/.test(told)) client = null
    else if (told.startsWith('530 Please')) await client.login(login)
  }
  for (const sent of fc.sample(line, TOGETHER)) await say(sent)
  const before = memory()
  for (let done = TOGETHER; done < LINES; done += TOGETHER)
    for (const sent of fc.sample(line, TOGETHER)) await say(sent)
  const after = memory()
  console.info(
    `${LINES} hostile lines: heap ${before.heap} -> ${after.heap} MiB, RSS ${before.rss} -> ${after.rss} MiB`,
  )
  await untouched()
  expect((await (await RawClient.open(server.port)).login(login)).slice(0, 3)).toBe('230')
  expect(after.heap - before.heap).toBeLessThan(24)
}, 900_000)

test('bytes that are no commands at all are refused line by line', async () => {
  const { server, login } = await withOutside()
  for (const bytes of fc.sample(fc.uint8Array({ minLength: 1, maxLength: 6000 }), 200)) {
    const client = await RawClient.open(server.port)
    client.write(Buffer.from(bytes))
    client.write('\r\n')
    client.socket.destroy()
  }
  expect((await (await RawClient.open(server.port)).login(login)).slice(0, 3)).toBe('230')
})
