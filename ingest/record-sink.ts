import type { PoolClient } from 'pg'
import type { KEPT_ERRORS } from '../model/rejected-records.ts'
import { type BatchProgress, NO_COUNTS } from '../model/run.ts'
import { Probe, type ProbeRequest } from '../store/contacts/lookup.ts'
import { Stage } from '../store/contacts/stage.ts'
import type { ReadChunk, ReadingJob, RecordSink } from './reading/reading-job.ts'

interface SinkWork {
  /** Of the file. */
  bytes: number
  dryRun: boolean
  keptErrors: typeof KEPT_ERRORS
  signal: AbortSignal
  progress: (progress: BatchProgress) => void
}

/** Takes what the reader has read into the transaction. */
export class ImportSink implements RecordSink {
  stage: Stage
  readonly #client: PoolClient
  readonly #job: ReadingJob
  readonly #work: SinkWork
  #probe: Probe
  #last: Promise<unknown> = Promise.resolve()
  #ended = false

  constructor(client: PoolClient, job: ReadingJob, work: SinkWork) {
    this.#client = client
    this.#job = job
    this.#work = work
    this.stage = new Stage(client, job.batch.id, work)
    this.#probe = new Probe(client, job.batch.teamId)
  }

  async open(): Promise<void> {
    await this.stage.open()
    await this.#probe.open()
  }

  async close(): Promise<void> {
    await this.#probe.close()
  }

  async restart(): Promise<void> {
    await this.#client.query('rollback to savepoint reading')
    this.#last = Promise.resolve()
    this.stage = new Stage(this.#client, this.#job.batch.id, this.#work)
    this.#probe = new Probe(this.#client, this.#job.batch.teamId)
    await this.open()
  }

  probe(request: ProbeRequest): Promise<string> {
    return this.#inTurn(() => this.#probe.look(request))
  }

  take(chunk: ReadChunk): Promise<void> {
    return this.#inTurn(() => this.#take(chunk))
  }

  /** In order; after a failure nothing more runs. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(() => {
      this.#work.signal.throwIfAborted()
      if (this.#ended) throw new Error('the batch has ended')
      return work()
    })
    this.#last = done
    // The error surfaces where the work is awaited.
    done.catch(() => {})
    return done
  }

  /** Stops, and resolves when work in progress is done: the transaction must end last. */
  async end(): Promise<void> {
    this.#ended = true
    await this.#last.catch(() => {})
  }

  async #take(chunk: ReadChunk): Promise<void> {
    const { stage } = this
    await stage.take(chunk)
    this.#work.progress({
      ...NO_COUNTS,
      records: stage.valid + stage.rejected,
      created: stage.created,
      unchanged: this.#job.way === 'stage_all' ? 0 : stage.unchanged,
      rejected: stage.rejected,
      bytesRead: chunk.bytesRead,
      bytes: this.#work.bytes,
    })
  }
}
