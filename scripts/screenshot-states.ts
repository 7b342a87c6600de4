import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import type { Database } from '../store/postgres/database.ts'
import { exampleFile } from '../test/web/pages/example.ts'

export interface StateTools {
  page: Page
  at: (path: string) => string
  /** Over FTPS, into the File Path of Admissions. */
  upload: (name: string, content: string) => Promise<void>
  db: Database
  context: BrowserContext
  dataDir: string
}

/** Brings the page into a state; answers the clean-up after the picture. */
export type State = (tools: StateTools) => Promise<(() => Promise<void>) | undefined>

const TEAM = '/teams/admissions'

/** States that a page is in only after something happened: each is reached as a person would, in this order. */
export const STATES: Record<string, State> = {
  'dry-run': async ({ page, at }) => {
    await page.goto(at(`${TEAM}/configure`))
    await page.click('text=Dry run')
    await page.waitForSelector('#would')
    return undefined
  },
  'configure-faults': async ({ page, at }) => {
    await page.goto(at(`${TEAM}/configure`))
    await page.fill('#file-path', 'cadence/imports')
    await page.fill('#notificationEmails', 'registrar')
    await page.click('text=Save changes')
    await page.waitForSelector('#faults')
    return undefined
  },
  'configure-conflict': async ({ page, at, context }) => {
    const other = await context.newPage()
    for (const one of [page, other]) await one.goto(at(`${TEAM}/configure`))
    for (const [one, address] of [
      [other, 'registrar@example.edu, dana@example.edu'],
      [page, 'registrar@example.edu'],
    ] as const) {
      await one.fill('#notificationEmails', address)
      await one.click('text=Save changes')
      await one.waitForSelector('[data-toast], .note.warn[role=alert]')
    }
    return () => other.close()
  },
  'manual-import-missing': async (tools) => {
    await choose(tools, exampleFile(30).replace('CELL_PHONE', 'MOBILE_PHONE'))
    await tools.page.waitForSelector('#columns .badge.bad')
    return undefined
  },
  'manual-import-checked': async (tools) => {
    await choose(tools, exampleFile(700).replace('STUDENT_ID', 'student_id'))
    await tools.page.waitForSelector('#start:enabled')
    return undefined
  },
  'account-second-factor': async ({ page, at }) => {
    await page.goto(at('/account'))
    await page.fill('input[name=own]', 'correct horse battery')
    await page.click('button[value=begin]')
    await page.waitForSelector('input[name=code]')
    return undefined
  },
  'ftp-account-made': async ({ page, at }) => {
    await page.goto(at(`${TEAM}/ftp-accounts`))
    await page.fill('#username', 'slate-prod')
    await page.click('text=Create account')
    await page.waitForSelector('#password')
    return undefined
  },
  'people-invited': async ({ page, at }) => {
    await invite(page, at)
    return undefined
  },
  invitation: async ({ page, at }) => {
    await page.goto(at(await invite(page, at, 'ravi@example.edu')))
    return undefined
  },
  'sign-in': async (tools) => signedOut(tools, async () => {}),
  'sign-in-refused': async (tools) =>
    signedOut(tools, async (page) => {
      await page.fill('#email', 'dana@example.edu')
      await page.fill('#password', 'nobody knows')
      await page.click('button[type=submit]')
      await page.waitForSelector('.note.bad')
    }),
  'contact-changed': async ({ page, at }) => {
    await page.goto(at(`${TEAM}/contacts/900400030`))
    for (const act of ['Opt in', 'Opt out']) {
      await page.click(`#preference button:has-text("${act}")`)
      await page.waitForSelector('[data-toast]')
    }
    return undefined
  },
  'undo-asked': async (tools) => {
    await lastRun(tools)
    await tools.page.click('text=Undo import')
    await tools.page.waitForSelector('#undo')
    return undefined
  },
  undone: async (tools) => {
    await lastRun(tools)
    await tools.page.click('text=Undo import')
    await tools.page.click('button:has-text("Undo the import")')
    await tools.page.waitForSelector('#notes:has-text("was undone by")')
    return undefined
  },
  rejected: async (tools) => {
    await tools.upload('StudentData_renamed.csv', exampleFile(240).replace('CELL_PHONE', 'MOBILE_PHONE'))
    await runImport(tools)
    await lastRun(tools)
    return undefined
  },
  'imports-rejected': async ({ page, at }) => {
    await page.goto(at(`${TEAM}/imports`))
    return undefined
  },
  held: async (tools) => {
    await tools.upload('StudentData_again.csv', exampleFile(600))
    await runImport(tools)
    await tools.upload('StudentData_term.csv', exampleFile(600).replaceAll('(507)', '(612)'))
    await runImport(tools)
    await lastRun(tools)
    return undefined
  },
  'imports-held': async ({ page, at }) => {
    await page.goto(at(`${TEAM}/imports`))
    return undefined
  },
  'nothing-to-import': async (tools) => {
    await runImport(tools)
    await lastRun(tools)
    return undefined
  },
  'imports-running': async (tools) => {
    await tools.upload('StudentData_all.csv', exampleFile(RUNNING_RECORDS))
    await tools.page.goto(tools.at(`${TEAM}/imports`))
    await tools.page.click('main button:has-text("Run Import")')
    await tools.page.waitForSelector('#run-panel[data-percent]:not([data-percent="0"])')
    return undefined
  },
  'run-running': async (tools) => {
    await lastRun(tools)
    return async () => {
      await tools.page.goto(tools.at(`${TEAM}/imports`))
      await tools.page.click('#stop-run')
      await finished(tools)
    }
  },
  aborted: async (tools) => {
    await lastRun(tools)
    return undefined
  },
  'imports-lost': async ({ page, at }) => {
    await page.route('**/imports/live', (route) => route.abort())
    await page.goto(at(`${TEAM}/imports`))
    await page.waitForSelector('#live-lost:not([hidden])')
    return undefined
  },
  'database-away': async ({ page, at, dataDir }) => {
    const data = join(dataDir, 'postgres/cluster')
    // Without it the service cannot start PostgreSQL again.
    await rename(join(data, 'postgresql.conf'), join(data, 'postgresql.conf.away'))
    const [pid] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')
    process.kill(Number(pid), 'SIGINT')
    for (let answer = 200; answer !== 503; ) answer = (await page.goto(at(`${TEAM}/imports`)))?.status() ?? 0
    return undefined
  },
}

/** So many that the pictures of a running import can be taken before its end. */
const RUNNING_RECORDS = 900_000

async function choose({ page, at, dataDir }: StateTools, content: string): Promise<void> {
  const file = join(dataDir, 'transfer-applicants.csv')
  await writeFile(file, content)
  await page.goto(at(`${TEAM}/manual-import`))
  await page.setInputFiles('#file', file)
}

/** Invites somebody; answers the link that they open. */
async function invite(page: Page, at: StateTools['at'], email = 'kim@example.edu'): Promise<string> {
  await page.goto(at('/people'))
  await page.fill('#email', email)
  await page.click('button:has-text("Invite")')
  const link = (await page.textContent('#link')) ?? ''
  return new URL(link).pathname + new URL(link).search
}

async function signedOut({ page, at, context }: StateTools, then: (page: Page) => Promise<void>) {
  const cookies = await context.cookies()
  await context.clearCookies()
  await page.goto(at('/sign-in'))
  await then(page)
  return () => context.addCookies(cookies)
}

async function runImport(tools: StateTools): Promise<void> {
  await tools.page.goto(tools.at(`${TEAM}/imports`))
  await tools.page.click('main button:has-text("Run Import")')
  await finished(tools)
}

async function finished({ page, db }: StateTools): Promise<void> {
  const going = db.selectFrom('run').select('id').where('state', 'in', ['queued', 'running'])
  while (await going.executeTakeFirst()) await page.waitForTimeout(200)
}

async function lastRun({ page, at, db }: StateTools): Promise<void> {
  const run = await db.selectFrom('run').select('id').orderBy('created_at', 'desc').executeTakeFirstOrThrow()
  await page.goto(at(`${TEAM}/runs/${run.id}`))
}
