import type { Repeated } from '../../store/contacts/take-back.ts'
import type { FileContent } from '../formats/content.ts'
import { type FileSurvey, surveyFile } from '../formats/survey.ts'
import { mapColumns } from '../records/column-mapping.ts'
import { refuseRowNames } from '../records/row-names.ts'
import { FactCounter } from './check-facts.ts'
import { ChunkReader } from './chunk-reader.ts'
import { ChunkText } from './chunk-text.ts'
import { filePass, InDoubt } from './file-pass.ts'
import type { FileReader, ReadingJob, ReadSummary, RecordSink, SecondLook } from './reading-job.ts'
import { RecordChunk } from './record-chunk.ts'
import { mostRecords } from './unchanged/id-filter.ts'
import type { LookedAt } from './unchanged/known-records.ts'

/** How many chunks may be on their way to the database while the next one is being read. */
const IN_FLIGHT = 4

/** How far a chunk has come. */
interface Handing {
  finished: Promise<unknown>
  taken: Promise<void>
}

/**
 * Reads a file in one pass: records are found, looked up, validated and handed to the sink while the next ones are read.
 * Only a file that is not what its beginning seemed to say is read again from the start.
 */
export class OneThreadReader implements FileReader {
  readonly #content: FileContent
  readonly #job: ReadingJob
  readonly #sink: RecordSink
  /** Null until the whole file has been read. */
  #survey: FileSurvey | null = null
  #chunks: ChunkReader | null = null

  constructor(content: FileContent, job: ReadingJob, sink: RecordSink) {
    this.#content = content
    this.#job = job
    this.#sink = sink
  }

  async read(): Promise<ReadSummary> {
    try {
      return await this.#read(null)
    } catch (error) {
      if (!(error instanceof InDoubt)) throw error
    }
    const survey = await surveyFile(this.#content, this.#job.settings.file)
    await this.#sink.restart()
    return this.#read(survey)
  }

  async #read(known: FileSurvey | null): Promise<ReadSummary> {
    const { settings, recordsPerChunk, factsOfEach } = this.#job
    const { bytes } = this.#content
    const onTheWay: Promise<void>[] = []
    let chunks: ChunkReader | null = null
    let before: Handing = { finished: Promise.resolve(), taken: Promise.resolve() }
    const pass = filePass(this.#content, settings.file, known, recordsPerChunk)
    try {
      for (;;) {
        const { value, done } = await pass.next()
        if (done) {
          this.#survey = value
          break
        }
        chunks ??= new ChunkReader(this.#job, value.form, mostRecords(bytes, value.chunk))
        before = this.#hand(chunks, chunks.ids.look(value.chunk, value.bytesRead), before)
        onTheWay.push(before.taken)
        if (onTheWay.length >= IN_FLIGHT) await onTheWay.shift()
      }
    } finally {
      await Promise.allSettled(onTheWay)
    }
    await Promise.all(onTheWay)
    this.#chunks = chunks
    const { header, sha256, warnings } = this.#survey
    const mapping = chunks?.mapping ?? mapColumns(header, settings)
    refuseRowNames(this.#survey, mapping)
    // A file without records has columns all the same.
    const facts = chunks ? chunks.facts : factsOfEach === null ? null : new FactCounter(mapping, settings)
    return {
      sha256,
      header: header.values,
      mapping,
      warnings: [...warnings, ...mapping.warnings],
      repeated: chunks?.ids.repeated.size ?? 0,
      repeatedMobiles: chunks?.repeatedMobiles ?? null,
      facts: facts?.facts() ?? null,
    }
  }

  /**
   * Chunks are finished and handed over in the order of the file. The next chunk is sent before the last is done, so that
   * the database never waits.
   */
  #hand(chunks: ChunkReader, looked: LookedAt, before: Handing): Handing {
    const finish = async () => {
      const states = looked.probe
        ? await this.#sink.probe(looked.probe)
        : 'n'.repeat(looked.ways.filter((way) => way === 'first').length)
      await before.finished
      return chunks.finish(looked, states)
    }
    const finished = finish()
    const take = async () => {
      await this.#sink.take(await finished)
    }
    const taken = take()
    // The error surfaces where the chunk is awaited.
    finished.catch(() => {})
    taken.catch(() => {})
    return { finished, taken }
  }

  async readRepeated(): Promise<SecondLook> {
    const ids = this.#whatWasRead().chunks.ids.repeated
    const out = new ChunkText(this.#job.batch)
    const first = new Map<string, Repeated>()
    for await (const { id, line, contact, hash } of this.#again(ids)) {
      if (!first.has(id)) first.set(id, { contactId: id, firstHash: contact && hash })
      if (contact) out.stage({ line, contact, original: null })
    }
    return { first: [...first.values()], staged: out.take().staged }
  }

  async linesOf(contactIds: string[]): Promise<{ contactId: string; line: number }[]> {
    const lines: { contactId: string; line: number }[] = []
    for await (const { id, line, contact } of this.#again(new Set(contactIds)))
      if (contact) lines.push({ contactId: id, line })
    return lines
  }

  #whatWasRead(): { survey: FileSurvey; chunks: ChunkReader } {
    if (!this.#survey || !this.#chunks) throw new Error('the file has not been read yet')
    return { survey: this.#survey, chunks: this.#chunks }
  }

  /** Reads the file once more, decoding only the records of these Contact IDs. */
  async *#again(ids: ReadonlySet<string>) {
    const { survey, chunks } = this.#whatWasRead()
    const { settings, recordsPerChunk } = this.#job
    const pool: RecordChunk[] = []
    for await (const { chunk } of filePass(this.#content, settings.file, survey, recordsPerChunk)) {
      const found = chunks.ids.only(chunk, ids)
      const some = RecordChunk.from(pool, recordsPerChunk)
      for (const { index } of found) some.add(chunk, index)
      chunk.release()
      yield* chunks.readAgain(some).map((read, at) => ({ ...read, id: (found[at] as { id: string }).id }))
      some.release()
    }
  }
}
