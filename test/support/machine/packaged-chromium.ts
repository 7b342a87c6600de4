import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { html } from 'hono/html'

const run = promisify(execFile)

const CACHE = join(import.meta.dirname, '../../../node_modules/.cache')

/** The package holds a program for this platform alone. */
export const HAS_PACKAGED_CHROMIUM = process.platform === 'linux' && process.arch === 'x64'

export interface Program {
  executablePath: string
  /** The whole environment of the process. */
  env: Record<string, string>
}

/** Chromium with the libraries and fonts of its package and no others, so that pages look the same on every machine. */
export async function packagedChromium(profile: string): Promise<Program> {
  const folder = await unpackedChromium()
  const fonts = join(profile, 'fonts.conf')
  const here = html`<fontconfig><dir>${join(folder, 'fonts')}</dir><cachedir>${join(profile, 'fonts')}</cachedir></fontconfig>`
  await writeFile(fonts, String(here))
  return {
    executablePath: join(folder, 'chromium'),
    env: {
      HOME: profile,
      TMPDIR: profile,
      TZ: 'UTC',
      LANG: 'C.UTF-8',
      LD_LIBRARY_PATH: join(folder, 'al2023/lib'),
      FONTCONFIG_FILE: fonts,
    },
  }
}

/**
 * The folder below `cache` that holds the package unpacked. It appears there whole or not at all: of several that unpack
 * at once the first wins.
 */
export async function unpackedChromium(cache = CACHE, unpack = unpackPackage): Promise<string> {
  const manifest = join(createRequire(import.meta.url).resolve('@sparticuz/chromium'), '../../package.json')
  const folder = join(cache, `chromium-${JSON.parse(await readFile(manifest, 'utf8')).version}`)
  if (existsSync(folder)) return folder
  await mkdir(cache, { recursive: true })
  const fresh = await mkdtemp(`${folder}-`)
  try {
    await unpack(fresh)
    await rename(fresh, folder)
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
  return folder
}

/** The package unpacks to the temporary folder, and its libraries only on AWS; so it runs in a process that sees both. */
async function unpackPackage(folder: string): Promise<void> {
  const program = `await (await import('@sparticuz/chromium')).default.executablePath()`
  await run(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    env: { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
  })
}
