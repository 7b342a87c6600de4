import { createHash, type Hash } from 'node:crypto'
import { type MessagePort, parentPort } from 'node:worker_threads'
import type { HashRequest } from './hash-threads.ts'

/** The thread in which large uploads are hashed. Every request but `drop` has one answer, in the order of the requests. */
const port = parentPort as MessagePort
const hashes = new Map<number, Hash>()
const slabs = new Map<number, Uint8Array>()

port.on('message', (request: HashRequest) => {
  const hash = hashes.get(request.id) ?? createHash('sha256')
  if (request.what === 'update') {
    hashes.set(request.id, hash)
    hash.update(memoryOf(request).subarray(0, request.length))
    port.postMessage(null)
    return
  }
  hashes.delete(request.id)
  if (request.what === 'digest') port.postMessage(hash.digest('hex'))
})

function memoryOf({ slab, memory }: HashRequest & { what: 'update' }): Uint8Array {
  const bytes = memory ?? slabs.get(slab as number)
  if (!bytes) throw new Error('an unknown slab was named')
  if (slab !== null) slabs.set(slab, bytes)
  return bytes
}
