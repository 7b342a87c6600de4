import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { diskFileArea } from '../../files/disk-file-area.ts'
import { createLog } from '../../log.ts'
import type { Team } from '../../model/team.ts'
import { AccountRights } from '../../server/account-rights.ts'
import { TeamRoots } from '../../start/team-roots.ts'
import { createTeam, removeTeam } from '../../store/teams.ts'
import { testDatabase } from '../support/database.ts'
import { behindDoor } from './support/database-door.ts'
import { given } from './support/ftp-client.ts'
import { NO_SIGNALS, serverFolders, type TeamLogin } from './support/ftp-server.ts'
import { sftpGiver } from './support/sftp-client.ts'

const database = testDatabase()
const { db } = database
const folders = serverFolders()
const givenSftp = sftpGiver(db, folders)
const UNAVAILABLE = /The files of this team are unavailable; ask its administrator\./

/** An endpoint that learns of no change, so that its sessions outlive their team. */
async function unaware() {
  const log = createLog('silent')
  const { away, shut } = await behindDoor(database)
  shut()
  const rights = new AccountRights({ db: away, signals: NO_SIGNALS, log })
  onTestFinished(() => rights.stop())
  const roots = new TeamRoots({ db, teamsFolder: folders.teams(), log })
  const areas = [undefined, undefined, undefined, undefined, undefined] as const
  const fileAreaOf = (team: Team) => diskFileArea(roots.folderOf(team), ...areas, roots.ownerOf(team))
  const now = new Date('2026-11-22T15:00:00Z')
  /** Removes the team and gives its name to another one, with a file of the same name. */
  const madeAgain = async ({ team }: TeamLogin): Promise<string> => {
    await removeTeam(db, team.id)
    await roots.setAside(team, now)
    const second = await createTeam(db, { team: team.team, name: 'Other', timeZone: 'UTC' })
    if (!second) throw new Error('the name is free')
    await roots.make(second, now)
    const root = roots.folderOf(second)
    await mkdir(join(root, 'in'))
    for (const name of ['a.csv', 'in/a.csv']) await writeFile(join(root, name), 'second')
    return root
  }
  return { options: { rights, fileAreaOf }, madeAgain }
}

/** What is left of the new team's files. */
async function theirs(root: string): Promise<unknown> {
  const names = (await readdir(root, { recursive: true })).sort()
  return [names, await readFile(join(root, 'a.csv'), 'utf8'), await readFile(join(root, 'in/a.csv'), 'utf8')]
}
const UNTOUCHED = [['.rosterport', '.rosterport/team', 'a.csv', 'in', 'in/a.csv'], 'second', 'second']

describe('over FTP', () => {
  test('a session that outlived its team neither sees nor changes the files of a team of the same name', async () => {
    const { options, madeAgain } = await unaware()
    const { login, client: newClient } = await given(db, folders, options)
    const client = await newClient()
    expect(await client.store('a.csv', 'first')).toMatch(/^226 /)
    expect(await client.send('MKD in')).toMatch(/^257 /)
    expect(await client.store('in/a.csv', 'first')).toMatch(/^226 /)
    expect(await client.send('SIZE in/a.csv')).toBe('213 5')
    const root = await madeAgain(login)
    const commands = [
      ...['SIZE a.csv', 'MDTM a.csv', 'MLST a.csv', 'STAT a.csv', 'CWD in', 'HASH a.csv', 'XSHA256 a.csv'],
      ...['MFMT 20200101000000 a.csv', 'RNFR a.csv', 'DELE a.csv', 'DELE in/a.csv', 'MKD new', 'RMD in', 'STAT /'],
    ]
    for (const command of commands) expect(await client.send(command), command).toMatch(UNAVAILABLE)
    for (const command of ['RETR a.csv', 'LIST', 'NLST in', 'MLSD', 'STOR a.csv', 'STOR b.csv', 'APPE a.csv']) {
      await client.dataPort()
      expect(await client.send(command), command).toMatch(UNAVAILABLE)
    }
    expect(await theirs(root)).toEqual(UNTOUCHED)
  })
})

describe('over SFTP', () => {
  test('a session that outlived its team neither sees nor changes the files of a team of the same name', async () => {
    const { options, madeAgain } = await unaware()
    const { login, client: newClient } = await givenSftp('full', options)
    const client = await newClient()
    await client.put('/a.csv', 'first')
    await client.call('mkdir', '/in')
    await client.put('/in/a.csv', 'first')
    const [reading, listing] = [await client.call('open', '/a.csv', 'r'), await client.call('opendir', '/in')]
    const root = await madeAgain(login)
    const requests: [Parameters<typeof client.call>[0], ...unknown[]][] = [
      ['stat', '/a.csv'],
      ['lstat', '/in'],
      ['readFile', '/a.csv'],
      ['readdir', '/in'],
      ['readdir', listing],
      ['unlink', '/a.csv'],
      ['mkdir', '/new'],
      ['rmdir', '/in'],
      ['rename', '/a.csv', '/b.csv'],
      ['ext_openssh_rename', '/a.csv', '/in/a.csv'],
      ['utimes', '/a.csv', 0, 0],
      ['writeFile', '/a.csv', 'first'],
      ['writeFile', '/b.csv', 'first'],
      ['appendFile', '/a.csv', 'first'],
    ]
    for (const [name, ...values] of requests)
      await expect(client.call(name, ...values), String(name)).rejects.toThrow(UNAVAILABLE)
    // Its own file, which it had open.
    expect((await client.call('fstat', reading)).size).toBe(5)
    expect(await theirs(root)).toEqual(UNTOUCHED)
  })
})
