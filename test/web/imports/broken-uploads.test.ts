import { expect, test } from 'vitest'
import { saveSettings } from '../../../store/settings.ts'
import { SETTINGS } from '../../support/service.ts'
import { insertTeam } from '../../support/teams.ts'
import { testWeb } from '../../support/web.ts'

const { db, request, signIn } = testWeb()

test('the uploads that broke off are those to the File Path, not those beside it', async () => {
  const { id: teamId } = await insertTeam(db, 'admissions')
  await saveSettings(db, teamId, 0, SETTINGS, 'test')
  const paths = ['/cadence/imports/here.csv', '/cadence/imports2/beside.csv', '/cadence/imports/in/below.csv']
  await db
    .insertInto('upload')
    .values(paths.map((path) => ({ team_id: teamId, path, source: 'ftp' as const, state: 'incomplete' as const })))
    .execute()
  const page = await request('GET', '/teams/admissions/imports', { cookie: await signIn(), accept: 'text/html' })
  const html = await page.text()
  expect(html).toContain('here.csv')
  expect(html).not.toMatch(/beside\.csv|below\.csv/)
})
