import { expect, test } from 'vitest'
import { teamPath } from '../../../model/team-path.ts'
import { presentUpload } from '../../../store/uploads/find-uploads.ts'
import { testDatabase } from '../../support/database.ts'
import { latestUploads } from '../../support/latest-uploads.ts'
import { given } from '../support/ftp-client.ts'
import { addAccount, names, serverFolders } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()

async function uploaded() {
  const started = await given(db, folders)
  const [first, second] = [await started.client(), await started.client()]
  expect(await first.store('a.csv', 'one\n')).toMatch(/^226/)
  const state = async () => (await latestUploads(db, started.login.team.id, 1))[0]?.state
  expect(await state()).toBe('unconfirmed')
  return { ...started, first, second, state }
}

for (const command of ['LIST', 'NLST', 'MLSD'])
  test(`${command} of another session shows the upload and confirms nothing`, async () => {
    const { server, second, state } = await uploaded()
    expect((await second.fetch(command)).content).toContain('a.csv')
    expect(await state()).toBe('unconfirmed')
    expect(await names(server.area)).toEqual([])
  })

const commands: [string, RegExp][] = [
  ['SIZE a.csv', /^213 4$/],
  ['MDTM a.csv', /^213/],
  ['MFMT 20260102030405 a.csv', /^213/],
  ['MLST a.csv', /^250/],
  ['STAT a.csv', /^213/],
  ['RNFR /a.csv', /^350/],
  ['DELE a.csv', /^250/],
]
for (const [command, answer] of commands)
  test(`${command} of another session of the account finds the upload and confirms it`, async () => {
    const { second, server, state } = await uploaded()
    expect(await second.send(command)).toMatch(answer)
    expect(await state()).toBe('ready')
    expect(await names(server.area)).toEqual(command.startsWith('DELE') ? [] : ['a.csv'])
  })

test('another session renames the upload, and the ledger follows', async () => {
  const { second, login, server } = await uploaded()
  expect(await second.send('RNFR a.csv')).toMatch(/^350/)
  expect(await second.send('RNTO b.csv')).toMatch(/^250/)
  expect(await names(server.area)).toEqual(['b.csv'])
  const found = await presentUpload(db, login.team.id, teamPath('/b.csv'))
  expect(found).toMatchObject({ source: 'ftp', account: login.username, verdict: 'waiting' })
})

test('another account sees nothing of it, and confirms nothing', async () => {
  const { server, login, state } = await uploaded()
  const other = await RawClient.open(server.port)
  await other.login(await addAccount(db, login.team.id, `${login.username}2`, 'full'))
  expect((await other.fetch('NLST')).content).toBe('')
  expect(await other.send('SIZE a.csv')).toMatch(/^550/)
  expect(await state()).toBe('unconfirmed')
})
