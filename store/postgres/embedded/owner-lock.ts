import { spawnSync } from 'node:child_process'
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedPostgresProblem } from './problem.ts'

/** open(2) of macOS: takes the lock of flock(2) with the file. */
const O_EXLOCK = 0x20

/** An owner that was killed a moment ago may still hold the lock while its memory is given back. */
const PATIENCE_MS = 2_000
const RETRY_MS = 50

/**
 * Makes this process the only one that may start and stop the server below `home`. The lock belongs to an open file, so the
 * kernel gives it back when this process ends, however it ends. Answers how it is given back before.
 */
export async function takeOwnership(home: string): Promise<() => void> {
  const path = join(home, 'owner')
  const until = Date.now() + PATIENCE_MS
  for (;;) {
    const file = lock(path)
    if (file !== null) {
      nameOwner(file)
      return () => closeSync(file)
    }
    if (Date.now() > until) break
    await delay(RETRY_MS)
  }
  const owner = readFileSync(path, 'utf8').trim()
  throw new EmbeddedPostgresProblem(
    `DATA_DIR is in use by ${owner === '' ? 'another process' : `process ${owner}`} (${home}): stop it first. To run several processes, set DATABASE_URL to a PostgreSQL of their own.`,
  )
}

/** The locked file, or null while another process holds the lock. */
function lock(path: string): number | null {
  const flags = constants.O_RDWR | constants.O_CREAT
  if (process.platform === 'darwin')
    try {
      return openSync(path, flags | constants.O_NONBLOCK | O_EXLOCK, 0o600)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null
      throw error
    }
  const file = openSync(path, flags, 0o600)
  // The lock is on the open file that both share, and stays with ours when flock(1) has ended.
  const { status, stderr, error } = spawnSync('flock', ['-n', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', file],
    encoding: 'utf8',
  })
  if (status === 0) return file
  closeSync(file)
  if (status === 1 && stderr === '') return null
  throw new EmbeddedPostgresProblem(
    `The embedded PostgreSQL needs a lock on ${path}, and flock failed (${error?.message ?? stderr.trim()}): install flock (package util-linux), keep DATA_DIR on a file system with locks, or set DATABASE_URL to a PostgreSQL 15 or later.`,
    { cause: error },
  )
}

function nameOwner(file: number): void {
  try {
    ftruncateSync(file)
    writeSync(file, `${process.pid}\n`, 0)
  } catch {
    // On a full disk the owner has no name; the lock holds all the same.
  }
}
