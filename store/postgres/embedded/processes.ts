import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { identityOf } from './folder-identity.ts'

const run = promisify(execFile)

/** Read from postmaster.pid; a single-user server has no socket folder. */
export interface ServerNote {
  readonly pid: number
  readonly socketFolder: string | null
  readonly status: string
}

/** Null where the file is empty or cut: a power cut leaves such files. */
export function parseServerNote(text: string): ServerNote | null {
  const [pid = '', , , , socketFolder = '', , , status = ''] = text.split('\n').map((line) => line.trim())
  // A single-user server negates its process id.
  if (!/^-?[1-9]\d*$/.test(pid)) return null
  return { pid: Math.abs(Number(pid)), socketFolder: socketFolder || null, status }
}

export async function readServerNote(data: string): Promise<ServerNote | null> {
  return parseServerNote(await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => ''))
}

/** Also true for another user's process and for a zombie. */
export function isProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/**
 * Process `pid` is a PostgreSQL that works in the folder `data`. The id proves nothing: after a restart of the
 * machine another process may have it. The programs of PostgreSQL stay in their data folder from before they write their id down.
 */
export async function isServerOf(data: string, pid: number): Promise<boolean> {
  if (process.platform === 'linux') return worksIn(await identityOf(data), pid)
  const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  return isCommandOf(data, stdout.trim())
}

/** Every process of PostgreSQL in the folder `data`. Without /proc those that were forked by a server are not found. */
export async function serversOf(data: string): Promise<number[]> {
  if (process.platform === 'linux') {
    const folder = await identityOf(data)
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
    const found = await Promise.all(pids.map(async (pid) => ((await worksIn(folder, pid)) ? [pid] : [])))
    return found.flat()
  }
  const { stdout } = await run('ps', ['-axo', 'pid=,command='])
  return stdout.split('\n').flatMap((line) => {
    const [, pid, command = ''] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? []
    return pid && isCommandOf(data, command) ? [Number(pid)] : []
  })
}

/** `folder` is its identity. A person may have gone into the folder with a shell, so the program counts too. */
async function worksIn(folder: string, pid: number): Promise<boolean> {
  try {
    if ((await identityOf(`/proc/${pid}/cwd`)) !== folder) return false
    // An upgrade replaces the file of a running program.
    return basename((await readlink(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '')) === 'postgres'
  } catch {
    // It has ended, or belongs to another user: a server of our folder belongs to us.
    return false
  }
}

function isCommandOf(data: string, command: string): boolean {
  return /(^|\/)postgres /.test(command) && `${command} `.includes(` -D ${data} `)
}
