import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { PendingFile } from '../../../files/file-area.ts'
import type { Allowance } from '../../../files/storage-guard.ts'
import type { ThreadHash } from '../../../server/receiving/hash-threads.ts'
import { SlabPool } from '../../../server/receiving/slab-pool.ts'
import { SlabWriter } from '../../../server/receiving/slab-writer.ts'

test('an upload whose second slab is refused while its first is being written comes to its end', async () => {
  const written = Promise.withResolvers<void>()
  const pending = { append: () => written.promise } as unknown as PendingFile
  const hash: ThreadHash = { update: async () => {}, digest: async () => '', drop() {} }
  let taken = 0
  const allowance: Allowance = {
    async take() {
      taken += 1
      if (taken > 1) throw new Error('over the quota')
    },
  }
  const writer = new SlabWriter(new SlabPool(), hash, pending, allowance, 0)
  writer.write(new Uint8Array(1 << 20))
  expect((await writer.failed).message).toBe('over the quota')
  await setImmediate()
  const ended = writer.abandon()
  void setImmediate().then(() => written.resolve())
  await ended
})
