import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import type { BrowserContext, Page } from 'playwright-core'
import { readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { type Service, startService } from '../start/service.ts'
import { renewFtpPassword, updateFtpAccount } from '../store/ftp-accounts.ts'
import { startBrowser } from '../test/support/machine/browser.ts'
import { exampleFile, fillExample } from '../test/web/pages/example.ts'
import { STATES } from './screenshot-states.ts'

/** Pictures of every page in its states, narrow and wide, in both themes: `npm run screenshots [folder] [part of a name]`. */
const [folder = 'screenshots', only = ''] = process.argv.slice(2)

const ADMIN = { email: 'dana@example.edu', password: 'correct horse battery' }
const WIDTHS = [1440, 380]
const THEMES = ['light', 'dark'] as const
const HEIGHT = 900

const dataDir = await mkdtemp(join(tmpdir(), 'rosterport-screenshots-'))
const config = readConfig({
  DATA_DIR: dataDir,
  HTTP_PORT: '0',
  FTP_PORT: '0',
  SFTP_PORT: '0',
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
})
const service = await startService(config, createLog('fatal'))
const browser = await startBrowser({ reducedMotion: 'reduce' })
try {
  await mkdir(folder, { recursive: true })
  const { paths, upload } = await prepare(service, browser.context)
  for (const [name, path] of Object.entries(paths))
    if (name.includes(only)) {
      const page = await browser.context.newPage()
      await page.goto(at(path))
      await pictures(page, name)
      await page.close()
    }
  for (const [name, reach] of Object.entries(STATES)) {
    if (!name.includes(only)) continue
    const page = await browser.context.newPage()
    const end = await reach({ page, at, upload, db: service.db, context: browser.context, dataDir })
    await pictures(page, name)
    await end?.()
    await page.close()
  }
} finally {
  await browser.stop()
  await service.stop()
  await rm(dataDir, { recursive: true, force: true })
}

/** Fills the installation, signs in, imports a file; answers the pages by the names of their pictures. */
async function prepare({ db, secret, addresses }: Service, context: BrowserContext) {
  const { admissions } = await fillExample(db, secret, new Date())
  await updateFtpAccount(db, admissions.id, 'sis-banner', { allowedAddresses: [] })
  const password = (await renewFtpPassword(db, secret, admissions.id, 'sis-banner')) ?? ''
  const upload = (name: string, content: string) =>
    uploadFile(addresses.ftp, 'sis-banner', password, `/cadence/imports/${name}`, content)
  await upload('StudentData_first.csv', exampleFile(600))
  const page = context.pages()[0] ?? (await context.newPage())
  await page.goto(at('/sign-in'))
  await page.fill('#email', ADMIN.email)
  await page.fill('#password', ADMIN.password)
  await page.click('button[type=submit]')
  await page.goto(at('/teams/admissions/imports'))
  await page.click('main button:has-text("Run Import")')
  const run = db
    .selectFrom('run')
    .select(['id', 'state'])
    .orderBy('created_at', 'desc')
    .where('trigger', '=', 'on_demand')
  let last = await run.executeTakeFirst()
  while (!last || last.state === 'running' || last.state === 'queued') {
    await page.waitForTimeout(200)
    last = await run.executeTakeFirst()
  }
  await upload('StudentData_evening.csv', exampleFile(240))
  await upload('studentdata_test.csv', exampleFile(3))
  const team = '/teams/admissions'
  const paths = {
    overview: '/',
    imports: `${team}/imports`,
    setup: '/teams/athletics/imports',
    configure: `${team}/configure`,
    'configure-new': '/teams/athletics/configure',
    run: `${team}/runs/${last.id}`,
    runs: `${team}/runs`,
    'manual-import': `${team}/manual-import`,
    figures: `${team}/figures`,
    contacts: `${team}/contacts`,
    'contacts-search': `${team}/contacts?search=ra`,
    'contacts-none': `${team}/contacts?search=ramirex`,
    contact: `${team}/contacts/900400015`,
    users: `${team}/users`,
    'ftp-accounts': `${team}/ftp-accounts`,
    activity: `${team}/activity`,
    people: '/people',
    teams: '/teams',
    settings: '/settings',
    account: '/account',
    'team-settings': `${team}/settings`,
    'not-found': '/nowhere',
  }
  return { paths, upload }
}

/** The page as it is, without loading it again. */
async function pictures(page: Page, name: string): Promise<void> {
  for (const colorScheme of THEMES)
    for (const width of WIDTHS) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: HEIGHT })
      await page.evaluate('scrollTo(0, 0)')
      const wide: number = await page.evaluate('document.documentElement.scrollWidth')
      if (wide > width) process.stderr.write(`${name} is ${wide} px wide at ${width}\n`)
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true })
    }
}

function at(path: string): string {
  return `http://${service.addresses.http}${path}`
}

async function uploadFile(
  address: string,
  user: string,
  password: string,
  path: string,
  content: string,
): Promise<void> {
  const client = new Client()
  const [host = '', port] = address.split(':')
  await client.access({
    host,
    port: Number(port),
    user,
    password,
    secure: true,
    secureOptions: { rejectUnauthorized: false },
  })
  await client.ensureDir('/cadence/imports')
  await client.uploadFrom(Readable.from([content]), path)
  await client.send('QUIT')
  client.close()
}
