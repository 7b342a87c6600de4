import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Why no disk can be mounted here; null where it can. */
export async function whyNoDisks(): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'rosterport-try-'))
  try {
    await (await mountDisk(folder))()
    return null
  } catch (error) {
    return `no disk can be mounted here (${(error as Error).message.trim().split('\n').at(-1)})`
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Makes `folder` a file system of its own. Answers how to end that. */
export async function mountDisk(folder: string, options = 'size=64m,mode=0750'): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true })
  await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder])
  return async () => {
    await run('umount', ['--lazy', folder])
  }
}
