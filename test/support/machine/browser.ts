import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type BrowserContext, type BrowserContextOptions, chromium, type LaunchOptions } from 'playwright-core'
import { HAS_PACKAGED_CHROMIUM, packagedChromium } from './packaged-chromium.ts'

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Hinting would follow the settings of the machine.
  '--font-render-hinting=none',
]

export interface StartedBrowser {
  /** The browser with a profile of its own; pages of one profile share cookies. */
  context: BrowserContext
  stop(): Promise<void>
}

/** A real Chromium with an empty profile. Throws where there is none: a skipped test of pages proves nothing. */
export async function startBrowser(options: BrowserContextOptions = {}): Promise<StartedBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'rosterport-browser-'))
  const removeProfile = () => rm(profile, { recursive: true, force: true })
  try {
    const context = await chromium.launchPersistentContext(profile, {
      ...(await chosenBrowser(profile)),
      args: FLAGS,
      ...options,
    })
    context.setDefaultTimeout(10_000)
    return {
      context,
      stop: async () => {
        await context.close()
        await removeProfile()
      },
    }
  } catch (error) {
    await removeProfile()
    throw error
  }
}

/** CHROME_PATH, else the Chromium of the packages, else, where they have none for this platform, the machine's. */
async function chosenBrowser(profile: string): Promise<Pick<LaunchOptions, 'executablePath' | 'channel' | 'env'>> {
  const given = process.env.CHROME_PATH
  if (given) {
    if (!existsSync(given)) throw new Error(`CHROME_PATH names ${given}, which is not there`)
    return { executablePath: given }
  }
  return HAS_PACKAGED_CHROMIUM ? packagedChromium(profile) : machinesBrowser()
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

function machinesBrowser(): Pick<LaunchOptions, 'executablePath' | 'channel'> {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const found = folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((path) => existsSync(path))
  return found ? { executablePath: found } : { channel: 'chrome' }
}
