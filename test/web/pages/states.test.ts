import { expect, test } from 'vitest'
import { forEachWindow } from '../../../model/daily-windows.ts'
import { currentSettings } from '../../../store/settings.ts'
import { teamBySlug } from '../../../store/teams.ts'
import { axeFaults, OWNER, testPages } from './support.ts'

const { service, page: newPage, signIn, at, context } = testPages({ reducedMotion: 'reduce' })

const HEADER = 'ID,First,Last,Cell,Major,OptOut'

test('an import is begun and followed to its errors by keyboard alone, from the sign-in on', async () => {
  const team = await service.makeTeam('admissions')
  await team.upload('/cadence/imports/StudentData.csv', `${HEADER}\n1,Ann,Lee,7165550101,Law,\n2,Bo,Ray,12,Law,\n`)
  const page = await newPage()
  const { keyboard } = page
  /** Goes on with Tab until it stands on what begins with these words. */
  const tabTo = async (words: string) => {
    for (let stops = 0; stops < 60; stops++) {
      await keyboard.press('Tab')
      const at = await page.evaluate('(document.activeElement.innerText || document.activeElement.id).trim()')
      if (String(at).startsWith(words)) return
    }
    throw new Error(`Tab does not reach "${words}"`)
  }
  await page.goto(at('/teams/admissions/imports'))
  await tabTo('email')
  await keyboard.type(OWNER.email)
  await tabTo('password')
  await keyboard.type(OWNER.password)
  await keyboard.press('Enter')
  await page.waitForURL(at('/teams/admissions/imports'))
  await tabTo('Skip to content')
  await keyboard.press('Enter')
  await tabTo('Run Import')
  await keyboard.press('Enter')
  await page.waitForSelector('#latest td:has-text("1 error")')
  await tabTo('#1')
  await keyboard.press('Enter')
  await page.waitForSelector('h1:has-text("Run #1")')
  await tabTo('The mobile number is not valid')
  expect(await page.getAttribute('#errors details', 'open')).toBe('')
  await keyboard.press('Enter')
  expect(await page.getAttribute('#errors details', 'open')).toBe(null)
  await page.close()
}, 60_000)

test('the contact page shows which runs and people changed the preference and the fields', async () => {
  const team = await service.makeTeam('registrar')
  const files = ['1,Ann,Lee,7165550101,Law,', '1,Ann,Lee,7165550102,Law,Y']
  for (const [index, line] of files.entries()) {
    await team.upload(`/cadence/imports/StudentData_${index}.csv`, `${HEADER}\n${line}\n`)
    await service.runImport('registrar')
  }
  const page = await newPage()
  await signIn(page, '/teams/registrar/contacts')
  expect(await page.textContent('[aria-label=Contacts] tbody')).toContain('Import #2')
  await page.click('[aria-label=Contacts] a.rowlink')
  await page.click('button:has-text("Opt in")')
  await page.waitForSelector('[data-toast]')
  const steps = () => page.locator('#preference .log li b').allTextContents()
  expect(await steps()).toEqual([
    'Opted in by admin@localhost',
    'Opted out by run #2',
    'Opted in at the first import #1',
  ])
  expect(await page.textContent('#preference')).toContain('Column OptOut of StudentData_1.csv contained “Y”')
  const changed = (field: string) => page.textContent(`#fields tr:has(th:text-is("${field}")) [data-l="Last change"]`)
  expect(await changed('Mobile Number')).toMatch(/, #2$/)
  expect(await changed('Major')).toMatch(/, first import$/)
  expect(await axeFaults(page)).toEqual([])
  await page.click('#preference a:has-text("#2")')
  await page.waitForSelector('h1:has-text("Run #2")')
  await page.goto(at('/teams/registrar/activity?kind=imports'))
  expect(await page.textContent('[aria-label=Events]')).toContain('run #2')
  await page.close()
}, 60_000)

test('a column missing from the newest file is shown in red; a button maps the nearest one', async () => {
  const team = await service.makeTeam('bursar')
  await team.upload(
    '/cadence/imports/StudentData.csv',
    'ID,First,Last,Cell_Phone,Major,OptOut\n1,Ann,Lee,7165550101,Law,\n',
  )
  const page = await newPage()
  await signIn(page, '/teams/bursar/configure')
  expect(await page.textContent('#fields-mobileNumber-samples')).toContain('Not in this file')
  expect(await axeFaults(page)).toEqual([])
  await page.click('button:has-text("Map Cell_Phone")')
  await page.waitForSelector('#fields-mobileNumber:focus')
  expect(await page.inputValue('#fields-mobileNumber')).toBe('Cell_Phone')
  expect(await page.textContent('#fields-mobileNumber-samples')).toBe('7165550101')
  expect(await page.textContent('[data-changes]')).toContain('1 unsaved change')
  // Whoever leaves now is asked.
  const asked = page.waitForEvent('dialog')
  const left = page.goto(at('/teams/bursar/imports')).catch(() => null)
  const dialog = await asked
  expect(dialog.type()).toBe('beforeunload')
  await dialog.dismiss()
  await left
  await page.click('text=Save changes')
  await page.waitForSelector('[data-toast]:has-text("Saved as version 2")')
  await page.click('[data-toast] button:has-text("Undo")')
  await page.waitForSelector('[data-toast]:has-text("Saved as version 3")')
  const { id } = (await teamBySlug(service.running().db, 'bursar')) ?? { id: 0 }
  expect((await currentSettings(service.running().db, id)).fields.mobileNumber).toBe('Cell')
  await page.close()
}, 60_000)

test('a window that is open is named before it is switched on, and deleting files is asked about once', async () => {
  await service.makeTeam('advising', {
    schedule: forEachWindow(false),
  })
  // 10:30 in New York.
  service.clock.now = new Date('2026-11-22T15:30:00Z')
  const page = await newPage()
  await signIn(page, '/teams/advising/configure')
  expect(await page.textContent('#schedule')).toContain('The Morning window is open now.')
  await page.click('label:has-text("Delete the file")')
  await page.click('text=Save changes')
  await page.waitForSelector('[role=alertdialog]:focus')
  expect(await axeFaults(page)).toEqual([])
  await page.click('a:has-text("Keep moving them")')
  await page.waitForSelector('[data-changes]:has-text("No unsaved changes")')
  await page.close()
}, 30_000)

test('an invited person sets a password, signs in, and must wait after many wrong ones', async () => {
  await service.asOwner('POST', '/api/people', { email: 'kim@example.edu', role: 'admin', teams: ['admissions'] })
  const mailed = () => service.mailbox.mails.find(({ to }) => to.includes('kim@example.edu'))
  await expect.poll(mailed, { timeout: 10_000 }).toBeDefined()
  const [link = ''] = /\/invitation\/\S+/.exec(mailed()?.parsed.text ?? '') ?? []
  await context().clearCookies()
  const page = await newPage()
  await page.goto(at(link))
  expect(await axeFaults(page)).toEqual([])
  await page.fill('input[name=password]', 'seven tall herons wade')
  await page.click('button[type=submit]')
  await page.waitForSelector('#email')
  for (let tries = 0; tries < 7; tries++) {
    await page.fill('#email', 'kim@example.edu')
    await page.fill('#password', 'nobody knows this')
    await page.click('button[type=submit]')
    await page.waitForSelector('.note.bad')
  }
  expect(await page.textContent('.note.bad')).toContain('Too many attempts. Try again in')
  expect(await page.inputValue('#email')).toBe('kim@example.edu')
  expect(await axeFaults(page)).toEqual([])
  service.clock.now = new Date(service.clock.now.getTime() + 60 * 60_000)
  await page.fill('#password', 'seven tall herons wade')
  await page.click('button[type=submit]')
  await page.waitForURL(at('/teams/admissions/imports'))
  await page.close()
}, 60_000)
