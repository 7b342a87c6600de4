import { Worker } from 'node:worker_threads'
import type { FileContent } from '../formats/content.ts'
import { OneThreadReader } from './reader.ts'
import type { Desk, FileReader, ReadingJob } from './reading-job.ts'
import { Peer } from './thread-calls.ts'

export interface OpenReader extends FileReader {
  close(): Promise<void>
}

/** A smaller file is read before a thread has started. */
const WORTH_A_THREAD = 512 * 1024

/** The compiled thread beside compiled code, the source beside the source. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './reader-thread.ts' : './reader-thread.js', import.meta.url)

/** Reads a file in a thread of its own, so that pages and uploads stay quick meanwhile. */
export function openReader(
  content: FileContent,
  job: ReadingJob,
  desk: Desk,
  signal: AbortSignal,
  worthAThread = WORTH_A_THREAD,
): OpenReader {
  if (content.bytes < worthAThread)
    return Object.assign(new OneThreadReader(content, job, desk), { close: async () => {} })
  const worker = new Worker(THREAD, {
    workerData: { job, bytes: content.bytes },
    // What is young is text on its way to the database: a small space for it is emptied often and keeps the process small.
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
    // Releases of Node.js that do not read TypeScript by themselves are only met while developing.
    ...(THREAD.pathname.endsWith('.ts') && !process.features.typescript && { execArgv: ['--import', 'tsx'] }),
  })
  const readings: AsyncIterator<Buffer>[] = []
  const peer = new Peer(worker, {
    open: async () => readings.push(readAhead(content.read())) - 1,
    next: async (reading: number) => {
      const { value, done } = await (readings[reading] as AsyncIterator<Buffer>).next()
      if (done) return null
      // Bytes that have a buffer for themselves are handed over to the other thread, of others a copy.
      return value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value)
    },
    probe: (request: Parameters<Desk['probe']>[0]) => desk.probe(request),
    take: (chunk: Parameters<Desk['take']>[0]) => desk.take(chunk),
    restart: () => desk.restart(),
  })
  const abort = () => {
    peer.end(signal.reason)
    void worker.terminate()
  }
  worker.once('error', (error) => peer.end(error))
  worker.once('exit', () => peer.end(new Error('the thread that read the file ended')))
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return {
    read: () => peer.call('read'),
    readRepeated: () => peer.call('readRepeated'),
    linesOf: (contactIds) => peer.call('linesOf', contactIds),
    close: async () => {
      signal.removeEventListener('abort', abort)
      await worker.terminate()
      for (const reading of readings) await reading.return?.()
    },
  }
}

/** Has the next chunk read while the last one is used. */
async function* readAhead(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]()
  let next = iterator.next()
  try {
    for (;;) {
      const { value, done } = await next
      if (done) return
      next = iterator.next()
      next.catch(() => {})
      yield value
    }
  } finally {
    await iterator.return?.()
  }
}
