import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import type { FileArea } from '../../../files/file-area.ts'
import type { Team } from '../../../model/team.ts'
import type { TeamPath } from '../../../model/team-path.ts'
import { FtpRefusal } from '../../../server/ftp/control/ftp-replies.ts'
import type { FtpOptions } from '../../../server/ftp/ftp-options.ts'
import { checkForFtp, prepareChecks } from '../../../start/checks.ts'
import { saveSettings } from '../../../store/settings.ts'
import { testDatabase } from '../../support/database.ts'
import { SETTINGS } from '../../support/service.ts'
import { given } from '../support/ftp-client.ts'
import { serverFolders } from '../support/ftp-server.ts'

const { db, pool } = testDatabase()
const folders = serverFolders()
const STILL_CHECKING_MS = 10_000

/** A client of a server that checks like this; it has uploaded a.csv. */
async function withCheck(checkFile: NonNullable<FtpOptions['checkFile']>) {
  const { server, client: connect } = await given(db, folders, { checkFile })
  const client = await connect()
  await client.store('a.csv', 'one\n')
  return { server, client }
}

test('a check that takes long says how far it is, and keeps to its code where it fails', async () => {
  const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<string[]>()]
  const { server, client } = await withCheck((_team, _path, { progress }) => {
    progress(40.7)
    begun.resolve()
    return end.promise
  })
  const reply = client.send('SITE CHECK a.csv')
  await begun.promise
  server.passTime(STILL_CHECKING_MS)
  end.reject(new Error('the database went away'))
  expect(await reply).toBe(
    [
      ...['213-Check of /a.csv:', ' 40 % checked'],
      ...[' failed', ' The check failed; try again later.', '213 End.'],
    ].join('\r\n'),
  )
})

test('a check that is refused before it says anything is refused with its own code', async () => {
  const { client } = await withCheck(async () => {
    throw new FtpRefusal(450, 'Other checks are in progress.')
  })
  expect(await client.send('SITE CHECK a.csv')).toBe('450 Other checks are in progress.')
})

test('a line of a check forges no reply', async () => {
  const { client } = await withCheck(async () => ['Line 2: "\r\n230 in"'])
  expect(await client.send('SITE CHECK a.csv')).toBe('213-Check of /a.csv:\r\n Line 2: " 230 in"\r\n213 End.')
})

test('a check ends when its client is gone', async () => {
  const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const { client } = await withCheck((_team, _path, { signal }) => {
    begun.resolve()
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        ended.resolve()
        reject(signal.reason)
      })
    })
  })
  void client.send('SITE CHECK a.csv').catch(() => {})
  await begun.promise
  client.socket.destroy()
  await ended.promise
})

test('a check reads no file that another account has put in the place of the own one meanwhile', async () => {
  const teams = folders.teams()
  const fileAreaOf = ({ team }: Pick<Team, 'team'>) => {
    const area = diskFileArea(join(teams, team))
    const open = async (path: TeamPath) => {
      await writeFile(join(teams, team, 'theirs'), 'ID,First,Last,Cell\nS-1,Avery,Example,not a number\n')
      await rename(join(teams, team, 'theirs'), join(teams, team, path))
      return area.open(path)
    }
    return Object.assign(Object.create(area), { open }) as FileArea
  }
  const checkFile = checkForFtp({ db }, prepareChecks({ db, checkPool: pool, fileAreaOf }))
  const { login, client: connect } = await given(db, folders, { checkFile, teams, permissions: 'upload' })
  await saveSettings(db, login.team.id, 0, SETTINGS, 'dana@example.edu')
  const client = await connect()
  await client.store('a.csv', 'one\n')
  expect(await client.send('SITE CHECK a.csv')).toMatch(/^550 Permission denied/)
})
