import { createHash, type Hash } from 'node:crypto'
import { type MessagePort, parentPort } from 'node:worker_threads'
import type { HashRequest } from './hash-threads.ts'

/** The thread in which large uploads are hashed. Every request but `drop` has one answer, in the order of the requests. */
const port = parentPort as MessagePort
const hashes = new Map<number, Hash>()

port.on('message', ({ id, what, bytes }: HashRequest) => {
  const hash = hashes.get(id) ?? createHash('sha256')
  hashes.set(id, hash)
  if (what === 'update') hash.update(bytes)
  if (what !== 'update') hashes.delete(id)
  if (what !== 'drop') port.postMessage(what === 'digest' ? hash.digest('hex') : null)
})
