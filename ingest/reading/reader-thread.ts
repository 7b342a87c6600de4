import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { giveBack } from '../../model/limits/give-back.ts'
import { OneThreadReader } from './reader.ts'
import type { ReadingJob, RecordSink } from './reading-job.ts'
import { type Handlers, ThreadCalls } from './thread-calls.ts'

/** The thread in which a large file is read: it has the bytes, and the database, from the one that started it. */
const { job, bytes } = workerData as { job: ReadingJob; bytes: number }

const handlers: Handlers = {}
const calls = new ThreadCalls(parentPort as MessagePort, handlers)

const content = {
  bytes,
  async *read() {
    const reading = await calls.call<number>('open')
    for (;;) {
      const chunk = await calls.call<Uint8Array | null>('next', reading)
      if (!chunk) return
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      // The reader has copied what it still needs.
      giveBack(chunk)
    }
  },
}

const sink: RecordSink = {
  probe: (request) => calls.call('probe', request),
  take: (chunk) => calls.call('take', chunk),
  restart: () => calls.call('restart'),
}

const reader = new OneThreadReader(content, job, sink)
handlers.read = () => reader.read()
handlers.readRepeated = () => reader.readRepeated()
handlers.linesOf = (contactIds: string[]) => reader.linesOf(contactIds)
