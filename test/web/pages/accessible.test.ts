import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { exampleFile, fillExample } from './example.ts'
import { axeFaults, overflow, testPages } from './support.ts'

const { service, page: newPage, signIn, at } = testPages({ reducedMotion: 'reduce' })

let page: Page
let paths: Record<string, string>

beforeAll(async () => {
  const { db, secret } = service.running()
  service.clock.now = new Date('2026-11-22T19:12:00Z')
  await fillExample(db, secret, service.clock.now)
  const small = await service.makeTeam('registrar', { notificationEmails: 'it@example.edu' })
  await small.upload(
    '/cadence/imports/StudentData.csv',
    'ID,First,Last,Cell,Major,OptOut\r\n1001,Ann,Lee,7165550101,Biology,N\r\n1002,Bo,,12,History,Y\r\n',
  )
  const run = await service.runImport('registrar')
  await small.upload('/cadence/imports/StudentData_next.csv', exampleFile(5))
  page = await newPage()
  await signIn(page, '/')
  const team = '/teams/registrar'
  paths = {
    overview: '/',
    imports: '/teams/admissions/imports',
    'imports with a waiting file': `${team}/imports`,
    'imports of a team that is set up': '/teams/athletics/imports',
    configure: `${team}/configure`,
    'configure without a file': '/teams/athletics/configure',
    'a run': `${team}/runs/${run.id}`,
    runs: '/teams/admissions/runs',
    'no run of a kind': '/teams/athletics/runs?show=manual',
    'manual import': `${team}/manual-import`,
    contacts: `${team}/contacts`,
    figures: '/teams/admissions/figures',
    'figures of all teams': '/figures',
    'figures of a team without imports': '/teams/athletics/figures',
    'contacts that are not found': `${team}/contacts?search=ramirex`,
    contact: `${team}/contacts/1001`,
    users: '/teams/admissions/users',
    accounts: '/teams/admissions/ftp-accounts',
    activity: `${team}/activity`,
    people: '/people',
    teams: '/teams',
    settings: '/settings',
    account: '/account',
    help: '/help/administrators',
    'help with tables': '/help/file-format',
    'team settings': '/teams/admissions/settings',
    'a page that does not exist': '/nowhere',
  }
}, 60_000)

/** How far what was drawn has moved since, by the browser's own measure; told as soon as the page has come to rest. */
const SHIFT = `new Promise((resolve) => {
  let sum = 0
  new PerformanceObserver((list) => { for (const { value } of list.getEntries()) sum += value })
    .observe({ type: 'layout-shift', buffered: true })
  setTimeout(() => resolve(sum), 30)
})`

test('every page is clean for axe in both themes, has no layout shift and no horizontal overflow', async () => {
  const faults: string[] = []
  for (const [name, path] of Object.entries(paths)) {
    await page.goto(at(path))
    const shift = await page.evaluate(SHIFT)
    if (shift !== 0) faults.push(`${name} moves by ${shift} while it loads`)
    const look = async (words: string, rules?: readonly string[]) =>
      faults.push(...(await axeFaults(page, rules)).map((fault) => `${name}, ${words}: ${fault}`))
    await page.emulateMedia({ colorScheme: 'light' })
    await look('light')
    // What a theme changes is colours alone.
    await page.emulateMedia({ colorScheme: 'dark' })
    await look('dark', ['color-contrast'])
    for (const width of [1920, 1024, 900, 640, 320]) {
      await page.setViewportSize({ width, height: 900 })
      const wider = await overflow(page)
      if (wider > 0) faults.push(`${name} is ${wider} px wider than ${width}`)
    }
    // As high as the page: what the save bar covers at the moment can be scrolled to.
    await page.setViewportSize({ width: 320, height: 8000 })
    await look('dark and narrow')
    await page.setViewportSize({ width: 1440, height: 900 })
  }
  expect(faults).toEqual([])
}, 120_000)

test('the opened phone menu and a refused form are clean for axe', async () => {
  await page.setViewportSize({ width: 380, height: 2400 })
  try {
    await page.goto(at('/teams/registrar/contacts'))
    await page.click('.topbar > summary')
    expect(await axeFaults(page)).toEqual([])
    await page.goto(at('/teams/registrar/settings'))
    await page.click('text=Delete team')
    await page.waitForSelector('#faults')
    expect(await axeFaults(page)).toEqual([])
  } finally {
    await page.setViewportSize({ width: 1440, height: 900 })
  }
}, 60_000)

test('in forced colours the primary button differs from a plain one', async () => {
  await page.emulateMedia({ forcedColors: 'active' })
  try {
    await page.goto(at('/teams/registrar/settings'))
    const background = (button: string) =>
      page.evaluate(`getComputedStyle(document.querySelector('main ${button}')).backgroundColor`)
    const [primary, plain] = [await background('.btn.primary'), await background('.btn.danger')]
    expect(plain).toMatch(/^rgb/)
    expect(primary).not.toBe(plain)
  } finally {
    await page.emulateMedia({ forcedColors: null })
  }
})

test('names of any length stay within the page', async () => {
  const { db } = service.running()
  const long = 'W'.repeat(90)
  const { id } = await db.selectFrom('team').select('id').where('team', '=', 'registrar').executeTakeFirstOrThrow()
  const contact = { team_id: id, contact_id: `x${long}`, first_name: long, last_name: long }
  await db
    .insertInto('contact')
    .values({ ...contact, mobile_number: '+17165550177', record_hash: null })
    .execute()
  for (const path of [`/teams/registrar/contacts/x${long}`, '/teams/registrar/contacts?search=x']) {
    await page.goto(at(path))
    for (const width of [1440, 380, 320]) {
      await page.setViewportSize({ width, height: 900 })
      const wide = await page.evaluate(
        "[...document.querySelectorAll('main *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.tagName + '.' + one.className).join(' ')",
      )
      expect(`${wide}`).toBe('')
      expect(await overflow(page)).toBe(0)
      const cut = await page.evaluate(
        "[...document.querySelectorAll('main .tw')].some((table) => table.scrollWidth > table.clientWidth)",
      )
      expect(`${path.slice(0, 30)} at ${width}: ${cut}`).toBe(`${path.slice(0, 30)} at ${width}: false`)
    }
    await page.setViewportSize({ width: 1440, height: 900 })
  }
}, 60_000)
