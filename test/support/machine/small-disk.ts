import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  folder: string
  remove(): Promise<void>
}

/**
 * A file system of its own that is small enough to be filled; null where this user may make no mount namespace. It lives
 * in the namespace of a child and is reached through /proc, so it needs no rights and ends with the child.
 */
export async function smallDisk({ bytes, names }: { bytes: number; names: number }): Promise<SmallDisk | null> {
  const point = await mkdtemp(join(tmpdir(), 'rosterport-disk-'))
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user']
  const script = 'mount -t tmpfs -o "$0" tmpfs "$1" && echo mounted && exec cat'
  const holder = spawn(
    'unshare',
    [...asRoot, '--mount', 'sh', '-c', script, `size=${bytes},nr_inodes=${names},mode=0700`, point],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  )
  const ended = new Promise<false>((resolve) => {
    holder.on('error', () => resolve(false)).on('close', () => resolve(false))
  })
  const mounted = await Promise.race([once(holder.stdout, 'data').then(() => true), ended])
  if (!mounted) {
    await rmdir(point)
    return null
  }
  return {
    folder: `/proc/${holder.pid}/root${point}`,
    async remove() {
      holder.stdin.end()
      await ended
      await rmdir(point)
    },
  }
}
