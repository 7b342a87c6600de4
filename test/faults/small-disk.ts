import { execFile } from 'node:child_process'
import { mkdir, open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Impossible } from './point.ts'

const run = promisify(execFile)

/** A file system of its own on a folder, small enough to be filled. */
export class SmallDisk {
  readonly folder: string
  #fillers = 0

  private constructor(folder: string) {
    this.folder = folder
  }

  static async on(folder: string, options: { bytes: number; inodes?: number }): Promise<SmallDisk> {
    await mkdir(folder, { recursive: true })
    const wanted = [`size=${options.bytes}`, 'mode=0700', ...(options.inodes ? [`nr_inodes=${options.inodes}`] : [])]
    await run('mount', ['-t', 'tmpfs', '-o', wanted.join(), 'tmpfs', folder]).catch((cause) => {
      throw new Impossible('a small disk can be made by root alone', { cause })
    })
    return new SmallDisk(folder)
  }

  /** Takes what is free, but for `leave` bytes. */
  async fill(leave = 0): Promise<void> {
    const file = await open(join(this.folder, `filler-${this.#fillers++}`), 'w')
    const block = Buffer.alloc(4096)
    try {
      for (;;) await file.write(block)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      const { size } = await file.stat()
      await file.truncate(Math.max(0, size - leave))
    } finally {
      await file.close()
    }
  }

  /** Takes every name that is free. */
  async fillNames(): Promise<void> {
    for (;;)
      try {
        await writeFile(join(this.folder, `filler-${this.#fillers}`), '')
        this.#fillers++
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return
        throw error
      }
  }

  async free(): Promise<void> {
    while (this.#fillers > 0) await rm(join(this.folder, `filler-${--this.#fillers}`), { force: true })
  }

  async remove(): Promise<void> {
    await run('umount', ['-l', this.folder])
  }
}
