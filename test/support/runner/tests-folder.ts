import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system in memory that Linux offers to every program. */
const IN_MEMORY = '/dev/shm'
/** The tests take 0.9 GB at most. */
const ENOUGH_BYTES = 4e9
const NAME = /^rosterport-test-(\d+)-/

/**
 * The folder that the databases and files of all tests lie in: in memory where there is room, since hundreds of databases are
 * made and thrown away; else in the system's temporary folder.
 */
export async function testsFolder(): Promise<string> {
  const parent = (await hasRoom()) ? IN_MEMORY : tmpdir()
  await Promise.all(leftIn(parent).map((name) => rm(join(parent, name), { recursive: true, force: true })))
  return mkdtemp(join(parent, `rosterport-test-${process.pid}-`))
}

async function hasRoom(): Promise<boolean> {
  if (!existsSync(IN_MEMORY) || process.availableMemory() < ENOUGH_BYTES) return false
  const { bavail, bsize } = await statfs(IN_MEMORY)
  return bavail * bsize >= ENOUGH_BYTES
}

/** Folders of tests that were killed: nobody else frees what they take of the memory. */
function leftIn(parent: string): string[] {
  return readdirSync(parent).filter((name) => {
    const [, pid] = NAME.exec(name) ?? []
    return pid !== undefined && !runs(Number(pid))
  })
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
