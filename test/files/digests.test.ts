import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { Digests } from '../../files/digests.ts'
import type { OpenFile } from '../../files/file-area.ts'
import { openFileOf } from '../support/batches.ts'

const LONG_AGO = new Date('2026-01-02T03:04:05Z')
const sha256Of = (content: string) => createHash('sha256').update(content).digest('hex')

/** One inode, with this content since `changedAt`. */
function fileOf(content: string, changedAt = LONG_AGO): OpenFile {
  const file = openFileOf(content)
  return { ...file, entry: { ...file.entry, changedAt } }
}

test('a file is read once as long as nothing changes it', async () => {
  const digests = new Digests()
  expect(await digests.of(fileOf('one'))).toBe(sha256Of('one'))
  // It would be noticed if these were read.
  expect(await digests.of(fileOf('two'))).toBe(sha256Of('one'))
  expect(await digests.of(fileOf('two', new Date(LONG_AGO.getTime() + 1)))).toBe(sha256Of('two'))
})

test('what changed just now may change again in the same moment, and is read again', async () => {
  const digests = new Digests()
  const now = new Date()
  expect(await digests.of(fileOf('one', now))).toBe(sha256Of('one'))
  expect(await digests.of(fileOf('two', now))).toBe(sha256Of('two'))
})

test('a read that failed is tried again', async () => {
  const digests = new Digests()
  const broken = {
    ...fileOf('one'),
    async *read() {
      yield Buffer.from('o')
      throw new Error('EIO')
    },
  }
  await expect(digests.of(broken)).rejects.toThrow('EIO')
  expect(await digests.of(fileOf('one'))).toBe(sha256Of('one'))
})
