import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { giveBack } from '../../model/give-back.ts'
import { OneThreadReader } from './reader.ts'
import type { Desk, ReadingJob } from './reading-job.ts'
import { type Handlers, Peer } from './thread-calls.ts'

/** The thread in which a large file is read: it has the bytes, and the database, from the one that started it. */
const { job, bytes } = workerData as { job: ReadingJob; bytes: number }

const handlers: Handlers = {}
const peer = new Peer(parentPort as MessagePort, handlers)

const content = {
  bytes,
  async *read() {
    const reading = await peer.call<number>('open')
    for (;;) {
      const chunk = await peer.call<Uint8Array | null>('next', reading)
      if (!chunk) return
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      // Whoever read it has copied what is still needed.
      giveBack(chunk)
    }
  },
}

const desk: Desk = {
  probe: (request) => peer.call('probe', request),
  take: (chunk) => peer.call('take', chunk),
  restart: () => peer.call('restart'),
}

const reader = new OneThreadReader(content, job, desk)
handlers.read = () => reader.read()
handlers.readRepeated = () => reader.readRepeated()
handlers.linesOf = (contactIds: string[]) => reader.linesOf(contactIds)
