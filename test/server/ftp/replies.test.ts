import { expect, test } from 'vitest'
import { testDatabase } from '../../support/database.ts'
import { given } from '../support/ftp-client.ts'
import { serverFolders } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()

/** A row of commands and the code of each reply, said by a client that has logged in where a file and a folder are. */
type Sequence = [command: string, code: number][]

const sequences: Record<string, Sequence> = {
  'RNTO stands behind RNFR alone': [
    ['RNTO b', 503],
    ['RNFR a.csv', 350],
    ['NOOP', 200],
    ['RNTO b', 503],
    ['RNFR none', 550],
    ['RNTO b', 503],
    ['RNFR a.csv', 350],
    ['RNTO none/b', 553],
    ['RNTO b', 503],
    ['RNFR a.csv', 350],
    ['RNTO a.csv', 250],
    ['RNFR a.csv', 350],
    ['RNTO in', 553],
  ],
  'REST counts for a transfer alone': [
    ['REST 4', 350],
    ['PWD', 257],
    ['RETR a.csv', 425],
    ['REST', 501],
    ['REST -1', 501],
    ['REST 9999999999999999', 501],
    ['REST 99', 350],
    ['EPSV', 229],
    ['RETR a.csv', 554],
    ['REST 1', 350],
    ['APPE a.csv', 450],
    ['REST 1', 350],
    ['STOU', 450],
    ['REST 0', 350],
    ['TYPE A', 200],
    ['REST 2', 501],
    ['TYPE I', 200],
    ['REST 2', 350],
    ['TYPE A', 200],
    ['STOR a.csv', 554],
  ],
  'USER and PASS come once, one behind the other': [
    ['USER someone', 530],
    ['PASS x', 503],
    ['ACCT x', 502],
  ],
  'a transfer needs a data connection': [
    ['STOR b.csv', 425],
    ['APPE b.csv', 425],
    ['STOU', 425],
    ['RETR a.csv', 425],
    ['LIST', 425],
    ['NLST', 425],
    ['MLSD', 425],
  ],
  'PASV and EPSV may be repeated, and end what was asked for before': [
    ['PASV', 227],
    ['PASV', 227],
    ['EPSV', 229],
    ['EPSV 1', 229],
    ['EPSV 2', 522],
    ['EPSV 3', 522],
    ['EPSV x', 501],
    ['EPSV ALL', 200],
    ['PASV', 501],
    ['EPSV', 229],
    ['PORT 127,0,0,1,200,1', 502],
    ['EPRT |1|127.0.0.1|51201|', 502],
    ['PORT', 501],
  ],
  'ABOR gives up what no transfer has taken': [
    ['ABOR', 225],
    ['EPSV', 229],
    ['ABOR', 225],
    ['LIST', 425],
  ],
  'TYPE is A or I, however it is said': [
    ['TYPE A', 200],
    ['TYPE A N', 200],
    ['TYPE a n', 200],
    ['TYPE I', 200],
    ['TYPE L 8', 200],
    ['TYPE L8', 200],
    ['TYPE L 7', 504],
    ['TYPE A T', 504],
    ['TYPE E', 504],
    ['TYPE X', 501],
    ['TYPE', 501],
    ['TYPE I N', 501],
  ],
  'STRU and MODE have one value each': [
    ['STRU F', 200],
    ['STRU R', 504],
    ['STRU P', 504],
    ['STRU X', 501],
    ['STRU', 501],
    ['MODE S', 200],
    ['MODE B', 504],
    ['MODE C', 504],
    ['MODE X', 501],
    ['MODE', 501],
  ],
  'ALLO takes a size': [
    ['ALLO 100', 202],
    ['ALLO 100 R 10', 202],
    ['ALLO', 501],
    ['ALLO x', 501],
  ],
  'PBSZ and PROT belong to TLS': [
    ['PBSZ 0', 503],
    ['PROT P', 503],
    ['AUTH TLS', 502],
    ['AUTH', 501],
  ],
  'what would give a name is refused with 553, all else with 550': [
    ['EPSV', 229],
    ['STOR none/b.csv', 553],
    ['STOR in', 553],
    ['STOR /', 553],
    ['STOR a\\b', 553],
    [`STOR ${'n'.repeat(256)}`, 553],
    ['STOR .rosterport/x', 553],
    ['APPE none/b.csv', 553],
    ['STOU none/b.csv', 553],
    ['RETR none', 550],
    ['RETR in', 550],
    ['RETR .rosterport', 550],
    ['LIST none', 550],
    ['NLST none', 550],
    ['MLSD none', 550],
    ['MLSD a.csv', 501],
    ['MLST none', 550],
    ['STAT none', 550],
    ['CWD none', 550],
    ['CWD a.csv', 550],
    ['MKD in', 550],
    ['MKD a.csv', 550],
    ['MKD none/deep', 550],
    ['MKD /', 550],
    ['RMD none', 550],
    ['RMD a.csv', 550],
    ['RMD /', 550],
    ['DELE none', 550],
    ['DELE in', 550],
    ['DELE /', 550],
    ['RNFR none', 550],
    ['RNFR /', 550],
    ['SIZE none', 550],
    ['SIZE in', 550],
    ['SIZE /', 550],
    ['MDTM none', 550],
    ['MDTM in', 550],
  ],
  'OPTS and SITE know little, and say so': [
    ['OPTS', 501],
    ['OPTS X', 501],
    ['OPTS UTF8', 200],
    ['OPTS UTF8 ON', 200],
    ['OPTS UTF8 OFF', 501],
    ['OPTS MLST', 200],
    ['OPTS MLST type;unknown;', 200],
    ['OPTS MLST unknown', 501],
    ['OPTS MLST type ;', 501],
    ['OPTS MLST type;size', 501],
    ['OPTS HASH SHA-256', 200],
    ['OPTS HASH MD5', 501],
    ['SITE', 501],
    ['SITE HELP', 214],
    ['SITE HELP ?!?', 501],
    ['SITE STATUS', 501],
    ['SITE STATUS none.csv', 550],
    ['SITE CHECK', 501],
    ['SITE CHECK none.csv', 550],
    ['SITE CHECK in', 550],
    ['SITE constructor x', 504],
    ['SITE CHMOD 777 a.csv', 202],
    ['SITE CHMOD 0640 in', 202],
    ['SITE CHMOD 777 none.csv', 550],
    ['SITE CHMOD 777', 501],
    ['SITE CHMOD', 501],
    ['SITE CHMOD u+x a.csv', 501],
    ['SITE UMASK 022', 504],
  ],
  'what is not there is named as such': [
    ['SMNT x', 502],
    ['LANG en', 502],
    ['CCC', 502],
    ['constructor', 500],
    ['__proto__', 500],
    ['', 500],
    [' ', 500],
    ['STOR', 501],
    ['MKD', 501],
    ['USER', 501],
    ['SYST', 215],
    ['NOOP', 200],
    ['HELP', 214],
    ['HELP STOR', 214],
    ['HELP ?!?', 501],
    ['CWD', 250],
    ['FEAT', 211],
    ['STAT', 211],
    ['CDUP', 250],
    ['CWD ../../..', 250],
    ['AVBL', 213],
    ['QUIT', 221],
  ],
  'REIN asks for another login': [
    ['REIN', 220],
    ['PWD', 530],
    ['PASS x', 503],
    ['STAT', 530],
    ['NOOP', 200],
  ],
}
for (const [title, sequence] of Object.entries(sequences))
  test(`${title}, and every command gets one reply that shows nothing of what lies beneath`, async () => {
    const client = await (await given(db, folders)).client()
    await client.send('MKD in')
    await client.store('a.csv', 'one\n')
    for (const [command, code] of sequence) {
      const told = await client.send(command)
      expect(told, command).toMatch(new RegExp(`^${code}[ -]`))
      expect(told, command).not.toMatch(/ENOENT|EACCES|\/tmp|undefined|null/)
    }
  })

test('before the login nothing is told but how to log in', async () => {
  const { server } = await given(db, folders)
  const client = await RawClient.open(server.port)
  for (const command of [
    'PWD',
    'CWD /',
    'LIST',
    'STOR a',
    'RETR a',
    'SIZE a',
    'ABOR',
    'TYPE I',
    'PASV',
    'EPSV',
    'STAT',
  ])
    expect(await client.send(command), command).toBe('530 Please login with USER and PASS.')
  const open: Sequence = [
    ['PASS x', 503],
    ['NOOP', 200],
    ['SYST', 215],
    ['FEAT', 211],
    ['HELP', 214],
    ['CLNT x', 200],
    ['OPTS UTF8 ON', 200],
    ['HOST ftp.example.edu', 220],
    ['REIN', 220],
    ['USER a', 331],
    ['USER b', 331],
    ['QUIT', 221],
  ]
  for (const [command, code] of open) expect(await client.send(command), command).toMatch(new RegExp(`^${code}[ -]`))
})

test('inside TLS the data connections are private, and REIN is refused', async () => {
  const { server, login } = await given(db, folders, { mode: 'optional' })
  const client = await RawClient.open(server.port)
  await client.login(login)
  expect(await client.send('AUTH KERBEROS')).toBe('504 Unknown security mechanism; use AUTH TLS.')
  expect(await client.send('AUTH TLS')).toMatch(/^234/)
  await client.startTls()
  expect(await client.send('PWD'), 'whoever logged in in the clear').toMatch(/^530/)
  await client.login(login)
  const told: Sequence = [
    ['AUTH TLS', 503],
    ['PROT P', 503],
    ['PBSZ', 501],
    ['PBSZ x', 501],
    ['PBSZ 0', 200],
    ['PROT C', 534],
    ['PROT S', 536],
    ['PROT E', 536],
    ['PROT X', 504],
    ['PROT P', 200],
    ['CCC', 502],
    ['REIN', 502],
    ['PWD', 257],
  ]
  for (const [command, code] of told) expect(await client.send(command), command).toMatch(new RegExp(`^${code}[ -]`))
})

/** How each feature shows that it works: by a reply, after what leads up to it. */
const shown: Record<string, Sequence> = {
  'AUTH TLS': [['AUTH TLS', 503]],
  AVBL: [['AVBL', 213]],
  CLNT: [['CLNT x', 200]],
  EPRT: [['EPRT |1|127.0.0.1|51201|', 200]],
  EPSV: [['EPSV', 229]],
  'HASH SHA-256*': [['HASH a.csv', 213]],
  HOST: [['HOST x', 503]],
  MDTM: [['MDTM a.csv', 213]],
  MFMT: [['MFMT 20260102030405 a.csv', 213]],
  'MLST type*;size*;modify*;': [['MLST a.csv', 250]],
  PBSZ: [['PBSZ 0', 200]],
  PROT: [
    ['PBSZ 0', 200],
    ['PROT P', 200],
  ],
  'REST STREAM': [['REST 1', 350]],
  SIZE: [['SIZE a.csv', 213]],
  TVFS: [['CWD /', 250]],
  UTF8: [['OPTS UTF8 ON', 200]],
  XSHA256: [['XSHA256 a.csv', 250]],
}
test('FEAT names what is served, and all that it names works', async () => {
  const { server, login } = await given(db, folders, { mode: 'optional', active: true })
  const client = await RawClient.open(server.port)
  await client.login(login)
  await client.store('a.csv', 'one\n')
  await client.send('AUTH TLS')
  await client.startTls()
  await client.login(login)
  const lines = (await client.send('FEAT')).split('\r\n').slice(1, -1)
  expect(lines).toEqual(Object.keys(shown).map((feature) => ` ${feature}`))
  for (const sequence of Object.values(shown))
    for (const [command, code] of sequence) expect(await client.send(command), command).toMatch(new RegExp(`^${code}`))
})
