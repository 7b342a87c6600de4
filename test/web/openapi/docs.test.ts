import { afterAll, beforeAll, expect, test } from 'vitest'
import { OPERATIONS } from '../../../web/operations.ts'
import { type StartedBrowser, startBrowser } from '../../support/machine/browser.ts'
import { testWeb } from '../../support/web.ts'

const { address } = testWeb()
let browser: StartedBrowser

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser?.stop())

test('the page of the API lists every operation in a browser, which finds nothing to complain about', async () => {
  const page = await browser.context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text())
  })
  page.on('requestfailed', (request) => faults.push(`${request.url()}: ${request.failure()?.errorText}`))
  await page.goto(`http://${address()}/docs`)
  await page.waitForSelector('.opblock >> nth=20', { timeout: 40_000 })
  expect(await page.locator('.opblock').count()).toBe(Object.keys(OPERATIONS).length)
  await page.click('.opblock-summary-control >> nth=0')
  await page.waitForSelector('.opblock-body')
  expect(faults).toEqual([])
}, 60_000)
