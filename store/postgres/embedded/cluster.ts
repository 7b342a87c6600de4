import { chmod, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { EmbeddedPostgresProblem } from './problem.ts'
import type { Programs } from './programs.ts'

/** The files of one embedded PostgreSQL. */
export interface Cluster {
  /** Holds the rest: the data, the log, the lock of the owner. */
  readonly home: string
  readonly data: string
  readonly logFile: string
  readonly password: string
}

export function clusterAt(folder: string, password: string): Cluster {
  const home = resolve(folder)
  return { home, data: join(home, 'cluster'), logFile: join(home, 'log'), password }
}

/** Only the local socket is open, and it requires the password, even from those who get into its folder. */
const ACCESS = `# Written by Rosterport at each start.
local all all scram-sha-256
`

/** Holds initdb's work until it is whole; after a kill it is worthless. */
const UNFINISHED = 'cluster.new-'

/** Makes the data folder at the first start. It appears whole or not at all. */
export async function makeCluster({ home, data, password }: Cluster, programs: Programs): Promise<void> {
  // An initdb that outlived its service may still write there; then the next start removes the rest.
  for (const name of await readdir(home))
    if (name.startsWith(UNFINISHED)) await rm(join(home, name), { recursive: true, force: true }).catch(() => {})
  if (await hasData(data)) return
  const fresh = await mkdtemp(join(home, UNFINISHED))
  try {
    const options = ['-U', 'postgres', '-E', 'UTF8', '--no-locale', '--auth=reject', '--no-sync']
    await programs.run('initdb', ['-D', fresh, ...options])
    await setPassword(fresh, password, programs)
    await programs.run('initdb', ['-D', fresh, '--sync-only'])
  } catch (cause) {
    await rm(fresh, { recursive: true, force: true })
    if (cause instanceof EmbeddedPostgresProblem) throw cause
    throw new EmbeddedPostgresProblem(
      `The embedded PostgreSQL could not make its data folder ${data}: ${reasonOf((cause as Error).message)}. Mend the cause and start again.`,
      { cause },
    )
  }
  await rename(fresh, data)
  await syncFolder(home)
}

async function hasData(data: string): Promise<boolean> {
  const names = await readdir(data).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  // An empty folder gives way to the new one.
  if (names.length === 0) return false
  if (names.includes('PG_VERSION')) return true
  throw new EmbeddedPostgresProblem(
    `The folder ${data} is no data folder of PostgreSQL (it has no PG_VERSION): restore it from a backup, or move it away to begin with an empty database.`,
  )
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

/**
 * Gives the superuser our password while no server runs: to a new cluster, to one that an earlier version made without a
 * password, and to one whose keys were lost.
 */
export async function setPassword(data: string, password: string, programs: Programs): Promise<void> {
  const said = await programs.run(
    'postgres',
    ['--single', '-D', data, '-c', 'password_encryption=scram-sha-256', 'postgres'],
    `alter role postgres password '${password}'\n`,
  )
  if (/ERROR|FATAL|PANIC/.test(said))
    throw new EmbeddedPostgresProblem(`The embedded PostgreSQL did not take its password: ${reasonOf(said)}.`)
}

export async function closeAccess(data: string): Promise<void> {
  const path = join(data, 'pg_hba.conf')
  if ((await readFile(path, 'utf8').catch(() => '')) === ACCESS) return
  await writeFile(`${path}.new`, ACCESS, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

/** The line in which PostgreSQL says why, without its full stop. */
export function reasonOf(said: string): string {
  const lines = said
    .trim()
    .split('\n')
    .filter((line) => line.trim() !== '')
  const line = lines.findLast((each) => /FATAL|PANIC|error:|ERROR/.test(each)) ?? lines.at(-1) ?? 'it gave no reason'
  return line.trim().replace(/\.$/, '')
}

export async function prepareHome(home: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  await chmod(home, 0o700)
}
