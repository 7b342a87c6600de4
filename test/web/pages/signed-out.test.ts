import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { currentSettings } from '../../../store/settings.ts'
import { teamBySlug } from '../../../store/teams.ts'
import { axeFaults, OWNER, testPages } from './support.ts'

const { service, page: newPage, signIn, at } = testPages()

const endSessions = () => service.database.db.deleteFrom('session').execute()

async function enterPassword(page: Page, password = OWNER.password): Promise<void> {
  await page.fill('#email', OWNER.email)
  await page.fill('#password', password)
  await page.click('button[type=submit]')
}

async function savedPrefix(team: string): Promise<string> {
  const { db } = service.running()
  return (await currentSettings(db, (await teamBySlug(db, team))?.id ?? 0)).file.namePrefix
}

test('settings that are saved after the session has ended are still there after the sign-in', async () => {
  await service.makeTeam('registrar')
  const page = await newPage()
  await signIn(page, '/teams/registrar/configure')
  await page.fill('#file-namePrefix', 'Roster "2026" & <all>')
  await endSessions()
  await page.click('text=Save changes')
  await page.waitForSelector('text=You were signed out. Sign in, and your changes are still here.')
  expect(await axeFaults(page)).toEqual([])
  await enterPassword(page, 'not the password')
  await page.waitForSelector('text=Wrong e-mail address or password.')
  await enterPassword(page)
  await page.waitForSelector('h1:has-text("Your changes are still here")')
  expect(await axeFaults(page)).toEqual([])
  // Another person may have signed in.
  expect(await page.innerText('main')).toContain(
    `They go to /teams/registrar/configure, in the name of ${OWNER.email}. If somebody else made them`,
  )
  expect(await savedPrefix('registrar')).not.toContain('2026')
  await page.click('text=Send them now')
  await page.waitForSelector('[data-toast]:has-text("Saved as version")')
  expect(await savedPrefix('registrar')).toBe('Roster "2026" & <all>')
  await page.close()
})

test('Run Import that is pressed after the session has ended runs after the sign-in, once it is sent', async () => {
  const team = await service.makeTeam('bursar')
  await team.upload(
    '/cadence/imports/StudentData.csv',
    'ID,First,Last,Cell,OptOut,Major\r\n1,Ann,Lee,7165550101,N,Law\r\n',
  )
  const page = await newPage()
  await signIn(page, '/teams/bursar/imports')
  await endSessions()
  await page.click('#run-import button')
  await enterPassword(page)
  await page.click('text=Send them now')
  await page.waitForSelector('#run-panel:has-text("1 of 1 record imported.")')
  await page.close()
})

test('a form of an earlier session is sent again with the present one, or discarded', async () => {
  await service.makeTeam('housing')
  const [page, other] = [await newPage(), await newPage()]
  await signIn(page, '/teams/housing/configure')
  await page.fill('#file-namePrefix', 'Residents')
  await endSessions()
  await signIn(other, '/teams/housing/imports')
  await page.click('text=Save changes')
  await page.waitForSelector('h1:has-text("Your changes are still here")')
  await page.click('text=Send them now')
  await page.waitForSelector('[data-toast]:has-text("Saved as version")')
  expect(await savedPrefix('housing')).toBe('Residents')

  await page.fill('#file-namePrefix', 'Others')
  await endSessions()
  await signIn(other, '/teams/housing/imports')
  await page.click('text=Save changes')
  await page.click('text=Discard them')
  await page.waitForURL(at('/teams/housing/configure'))
  expect(await page.inputValue('#file-namePrefix')).toBe('Residents')
  await page.close()
  await other.close()
})

test('a form with a password is not kept: the person signs in and is back on its page', async () => {
  const page = await newPage()
  await signIn(page, '/account')
  await endSessions()
  await page.fill('input[name=current]', OWNER.password)
  await page.fill('input[name=password]', 'another long passphrase')
  await page.press('input[name=password]', 'Enter')
  await page.waitForURL((url) => url.pathname === '/sign-in')
  expect(await page.content()).not.toContain('another long passphrase')
  await enterPassword(page)
  await page.waitForURL(at('/account'))
  await page.close()
})
