import { expect, onTestFinished, test } from 'vitest'
import { Abuser } from '../support/abuse/abuser.ts'
import { abuserOf } from '../support/abuse/abuser-of.ts'
import { ABUSE_FILES, ABUSES, abuse } from '../support/abuse/abuses.ts'
import { testService } from '../support/service.ts'

/** One data port more than a team may hold of so few. */
const service = testService({ FTP_TLS: 'optional', SFTP_PORT: '0', FTP_PASSIVE_PORTS: '21940-21944' })
const FILE = 'ID,First,Last,Cell,OptOut,Major\r\n1,Ann,Lee,7165550101,N,Law\r\n'
const PATH = '/cadence/imports/StudentData.csv'

test('while one team does its worst, another logs in, uploads, opens a page and imports', {
  timeout: 120_000,
}, async () => {
  const [busy, other] = [await service.makeTeam('busy'), await service.makeTeam('other')]
  await busy.uploadAll(ABUSE_FILES(500))
  const rights = await abuserOf(service.running(), 'busy', service.clock.now)
  const worst = abuse(rights, 0.1)
  onTestFinished(() => worst.stop())
  // All of them are at work, and every data port that the team can have is taken.
  await expect.poll(() => Object.keys(worst.begun).sort(), { timeout: 30_000 }).toEqual(Object.keys(ABUSES).sort())
  const abuser = new Abuser(rights)
  onTestFinished(() => abuser.close())
  // Each session keeps the port that it was given; asking again on the same one would give it back.
  const nextPort = async () => (await abuser.login())?.send('EPSV')
  await expect.poll(nextPort, { timeout: 30_000 }).toMatch(/^425 /)

  expect(await other.upload(PATH, FILE)).toMatch(/^226/)
  expect((await service.call('GET', '/teams/other/imports')).status).toBe(200)
  const run = await service.runImport('other')
  expect(run.batches).toMatchObject([{ state: 'imported', counts: { imported: 1 } }])
})
