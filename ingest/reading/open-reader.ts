import { Worker } from 'node:worker_threads'
import type { FileContent } from '../formats/content.ts'
import { OneThreadReader } from './reader.ts'
import type { FileReader, ReadingJob, RecordSink } from './reading-job.ts'
import { ThreadCalls } from './thread-calls.ts'

export interface OpenReader extends FileReader {
  close(): Promise<void>
}

/** A smaller file is read before a thread has started, so it holds up the main thread. */
export const WORTH_A_THREAD = 512 * 1024

/** The compiled thread beside compiled code, the source beside the source. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './reader-thread.ts' : './reader-thread.js', import.meta.url)

/** Reads a file in a thread of its own, so that pages and uploads stay quick meanwhile. */
export function openReader(
  content: FileContent,
  job: ReadingJob,
  sink: RecordSink,
  signal: AbortSignal,
  worthAThread = WORTH_A_THREAD,
): OpenReader {
  if (content.bytes < worthAThread)
    return Object.assign(new OneThreadReader(content, job, sink), { close: async () => {} })
  const worker = new Worker(THREAD, {
    workerData: { job, bytes: content.bytes },
    // A small V8 young generation: a larger one costs memory and gains no speed.
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
    // Releases of Node.js that do not read TypeScript by themselves are only met while developing.
    ...(THREAD.pathname.endsWith('.ts') && !process.features.typescript && { execArgv: ['--import', 'tsx'] }),
  })
  const readings: AsyncIterator<Buffer>[] = []
  const calls = new ThreadCalls(worker, {
    open: async () => readings.push(readAhead(content.read())) - 1,
    next: async (reading: number) => {
      const { value, done } = await (readings[reading] as AsyncIterator<Buffer>).next()
      if (done) return null
      // Bytes with a buffer of their own are transferred to the other thread; others are copied.
      return value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value)
    },
    probe: (request: Parameters<RecordSink['probe']>[0]) => sink.probe(request),
    take: (chunk: Parameters<RecordSink['take']>[0]) => sink.take(chunk),
    restart: () => sink.restart(),
  })
  const abort = () => {
    calls.end(signal.reason)
    void worker.terminate()
  }
  worker.once('error', (error) => calls.end(error))
  worker.once('exit', () => calls.end(new Error('the thread that read the file ended')))
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return {
    read: () => calls.call('read'),
    readRepeated: () => calls.call('readRepeated'),
    linesOf: (contactIds) => calls.call('linesOf', contactIds),
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
