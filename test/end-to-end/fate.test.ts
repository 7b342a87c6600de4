import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Run } from '../../model/run.ts'
import { cannotRun } from '../support/machine/programs.ts'
import { testService } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

const run = promisify(execFile)
const service = testService({ FTP_TLS: 'optional' })
const PATH = '/cadence/imports/StudentData.csv'
const HEADER = 'ID,First,Last,Cell,OptOut,Major\n'
const WHOLE = `${HEADER}1,Ann,Lee,716-555-0101,N,\n2,Bo,Park,716-555-0102,N,\n`
let local = ''
beforeAll(async () => {
  local = await mkdtemp(join(tmpdir(), 'rosterport-fate-'))
  await writeFile(join(local, 'StudentData.csv'), WHOLE)
})
afterAll(() => rm(local, { recursive: true, force: true }))

/** An account whose password the test knows. */
async function account(team: string, username: string, permissions: 'upload' | 'full') {
  const made = await service.call('POST', `/api/teams/${team}/ftp-accounts`, { username, permissions })
  return { username, password: (await anyJson(made)).password as string }
}

/** The replies to these commands, as a client's log has them. */
async function curl(login: { username: string; password: string }, ...commands: string[]): Promise<string> {
  const quotes = commands.flatMap((command) => ['-Q', command])
  const target = `ftp://${service.running().addresses.ftp}/`
  const user = `${login.username}:${login.password}`
  const given = ['-sv', '--insecure', '--user', user, ...quotes, '--list-only', target]
  return (await run('curl', given)).stderr.replaceAll('\r', '').replaceAll(/^[<>*] ?/gm, '')
}

async function endedRun(team: string): Promise<Run> {
  return vi.waitUntil(
    async () => {
      const { items } = await anyJson(await service.call('GET', `/api/teams/${team}/runs`))
      return (items as Run[]).find(({ state }) => state === 'imported')
    },
    { timeout: 20_000 },
  )
}

test('the reply, the run, the files and SITE STATUS tell of a file from its wrong folder to the archive', async ({
  skip,
}) => {
  const reason = cannotRun('curl', '--version')
  skip(reason !== undefined, reason)
  const team = await service.makeTeam('told')
  const full = await account('told', 'told-full', 'full')
  expect(await team.upload('/StudentData.csv', WHOLE)).toBe(
    '226 Transfer complete. StudentData.csv is not imported: files are taken from /cadence/imports.',
  )
  const nothing = await service.runImport('told')
  expect(nothing).toMatchObject({
    state: 'nothing_to_import',
    files: [{ path: '/StudentData.csv', reason: 'Its name matches, but files are taken from /cadence/imports.' }],
  })

  service.clock.now = new Date('2026-11-23T08:30:00Z')
  expect(await team.upload(PATH, WHOLE)).toBe(
    '226 Transfer complete. StudentData.csv will be imported in the window that is open now, 3-5 AM (America/New_York).',
  )
  const imported = await endedRun('told')
  await vi.waitUntil(async () => {
    const { rows } = await service.database.pool.query(
      `select 1 from slot where local_date = '2026-11-23' and state = 'done'`,
    )
    return rows.length === 1
  })
  expect(await team.upload('/cadence/imports/StudentData_late.csv', WHOLE)).toBe(
    '226 Transfer complete. The Overnight window has run today. StudentData_late.csv will be imported in the next window, 3-5 AM (America/New_York).',
  )

  const archive = imported.batches[0]?.afterImport?.path ?? ''
  const { items } = await anyJson(await service.call('GET', '/api/teams/told/files'))
  expect(items).toMatchObject([
    { path: '/StudentData.csv', fate: 'misplaced' },
    { path: archive, fate: 'archived', verdict: 'imported', reason: 'Run 2 imported it and moved it here.' },
    { path: '/cadence/imports/StudentData_late.csv', fate: 'next_window' },
  ])

  const log = await curl(
    full,
    `SITE STATUS ${PATH}`,
    `SITE STATUS ${archive}`,
    'SITE STATUS /cadence/imports/StudentData_late.csv',
    'SITE CHECK /cadence/imports/StudentData_late.csv',
  )
  expect(log).toContain(`213-Status of ${PATH}:\n imported run=2\n It was imported by run 2 and is not imported again.`)
  expect(log).toContain(`213-Status of ${archive}:\n archived run=2\n Run 2 imported it and moved it here.\n213 End.`)
  expect(log).toContain(
    ' next_window window=overnight date=2026-11-24 timeZone=America/New_York opensAt=2026-11-24T08:00:00.000Z',
  )
  expect(log).toContain(
    ' would_be_imported records=2 imported=2 created=0 updated=0 unchanged=2 rejected=0 superseded=0\n 2 of 2 records would be imported; 0 have errors.\n',
  )
})

const PYTHON = `
import ftplib, io, sys
host, port, user, password = sys.argv[1:]
ftp = ftplib.FTP_TLS(); ftp.connect(host, int(port)); ftp.login(user, password); ftp.prot_p(); ftp.cwd('/cadence/imports')
ftp.storbinary('STOR StudentData_own.csv', io.BytesIO(sys.stdin.buffer.read()))
def ask(command):
    try: print(ftp.sendcmd(command))
    except ftplib.error_perm as refused: print(refused)
for command in ['SITE STATUS StudentData_own.csv', 'SITE CHECK StudentData_own.csv', 'SITE STATUS StudentData_late.csv',
                'SITE CHECK StudentData_late.csv', 'SITE STATUS none.csv', 'SITE CHECK none.csv', 'SITE STATUS /', 'SITE HELP']:
    ask(command)
ftp.quit()
`

test('an account may ask about its own uploads alone, right behind them', async ({ skip }) => {
  const reason = cannotRun('python3', '-c', 'import ftplib')
  skip(reason !== undefined, reason)
  service.clock.now = new Date('2026-11-23T15:00:00Z')
  const team = await service.makeTeam('own')
  await team.upload('/cadence/imports/StudentData_late.csv', WHOLE)
  const { username, password } = await account('own', 'own-other', 'upload')
  const [host = '', port = ''] = service.running().addresses.ftp.split(':')
  const asked = run('python3', ['-c', PYTHON, host, port, username, password])
  asked.child.stdin?.end(`${WHOLE}3,,Day,555,N,\n`)
  const log = (await asked).stdout
  const told = (command: string) => log.slice(log.indexOf(command)).split('213 End.')[0]
  expect(told('213-Status of /cadence/imports/StudentData_own.csv')).toMatch(
    / next_window window=overnight .*\n It is imported in the next window, 3-5 AM/,
  )
  const check = told('213-Check of /cadence/imports/StudentData_own.csv')
  expect(check).toContain(' would_be_imported records=3 imported=2 created=2 updated=0 unchanged=0 rejected=1')
  expect(check).toContain(' E_REQUIRED_BLANK First Name: 1\n')
  expect(check).toMatch(/ Line 4: E_MOBILE_INVALID .*555/)
  expect(log).toContain('550 Permission denied: this account may ask only about its own uploads.')
  expect(log).toContain('550 Permission denied: this account may read only its own uploads that are not imported yet.')
  expect(log.match(/550 No such file or directory\./g)).toHaveLength(2)
  expect(log).toContain('550 Not a file.')
  expect(log).toContain(' SITE STATUS path: what was, is or will be done with a file.')
})
