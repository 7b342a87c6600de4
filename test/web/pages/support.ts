import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { type StartedBrowser, startBrowser } from '../../support/machine/browser.ts'
import { testService } from '../../support/service.ts'

export const OWNER = { email: 'admin@localhost', password: 'correct horse battery' }

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** The whole service and a browser that looks at it, for the tests of one file. */
export function testPages(options: BrowserContextOptions = {}) {
  const service = testService()
  let browser: StartedBrowser
  beforeAll(async () => {
    browser = await startBrowser(options)
  })
  afterAll(() => browser?.stop())
  const at = (path: string) => `http://${service.running().addresses.http}${path}`
  return {
    service,
    context: (): BrowserContext => browser.context,
    at,
    async page(): Promise<Page> {
      const page = await browser.context.newPage()
      page.on('pageerror', (error) => {
        throw error
      })
      page.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) throw new Error(message.text())
      })
      return page
    },
    /** Signs in as a person does, from the page asked for. */
    async signIn(page: Page, path = '/'): Promise<void> {
      await page.goto(at(path))
      if (!page.url().includes('/sign-in')) return
      await page.fill('#email', OWNER.email)
      await page.fill('#password', OWNER.password)
      await page.click('button[type=submit]')
      await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
    },
  }
}

/** What axe finds on the page as it is, one line for each place. */
export async function axeFaults(page: Page, rules?: readonly string[]): Promise<string[]> {
  // As a script of the page it would be refused by the content security policy; the debugger is not bound by it.
  await page.evaluate(AXE)
  const faults = await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(rules ? { type: 'rule', values: rules } : { type: 'tag', values: TAGS })} })
      .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ': ' + target.join(' ') + ' ' + failureSummary)))`,
  )
  return faults as string[]
}

/** How far the page is wider than the window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth') as Promise<number>
}
