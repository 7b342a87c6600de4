import type { ContactValues, OptOutState } from '../../model/contact.ts'
import { FIELD_TITLES } from '../../model/import-settings.ts'
import type { FileRecord, ValidatedRecord } from '../../model/record.ts'
import { staffUnknown } from '../../store/contacts/staff-unknown.ts'
import { type ColumnMapping, mapColumns } from '../records/column-mapping.ts'
import { emptyOptOutMeans } from '../records/opt-out.ts'
import { recordValidator } from '../records/validate-record.ts'
import { FactCounter } from './check-facts.ts'
import { ChunkSplitter } from './chunk-splitter.ts'
import { ChunkText } from './chunk-text.ts'
import type { FileForm } from './file-pass.ts'
import type { ReadChunk, ReadingJob } from './reading-job.ts'
import type { RecordChunk } from './record-chunk.ts'
import { IdFilter, mobileBits } from './unchanged/id-filter.ts'
import { IdLook, type LookedAt } from './unchanged/known-records.ts'
import { ValueFinder } from './unchanged/value-finder.ts'

/** A record that is being split. */
interface Reading {
  index: number
  /** The database's answer; empty where it was not asked. */
  state: string
  counted: boolean
}

/** Few enough that their values die in V8's young generation. */
const READ_AT_ONCE = 100

/** Turns the records of one file, chunk by chunk, into what the database takes. */
export class ChunkReader {
  readonly mapping: ColumnMapping
  readonly ids: IdLook
  readonly facts: FactCounter | null
  readonly #job: ReadingJob
  readonly #splitter: ChunkSplitter
  readonly #finder: ValueFinder
  readonly #validate: (record: FileRecord) => ValidatedRecord
  /** Null where other contacts may have a number, too, or too many came by more than once to list them. */
  #mobiles: IdFilter | null
  readonly #repeatedMobiles = new Set<string>()
  readonly #staffIds: ReadonlySet<string>
  readonly #emptyMeans: OptOutState | null
  readonly #out: ChunkText
  /** The fields of which guardrails ask how many contacts had a value. */
  readonly #clearable: { field: string; column: number }[]
  #records = 0

  constructor(job: ReadingJob, form: FileForm, records: number) {
    const { settings } = job
    const { delimiter } = settings.file
    this.#job = job
    this.mapping = mapColumns(form.header, settings)
    this.#splitter = new ChunkSplitter(delimiter, form)
    this.#finder = new ValueFinder(delimiter)
    this.#validate = recordValidator(settings, this.mapping)
    this.#out = new ChunkText(job.batch)
    this.ids = new IdLook(job, form, this.mapping, records)
    // If the team has no contacts, only those of this file can share a number.
    this.#mobiles = job.way === 'all_new' && job.create ? new IdFilter(mobileBits(records)) : null
    this.#staffIds = new Set(job.staffIds)
    this.#emptyMeans = emptyOptOutMeans(settings)
    this.#clearable = [
      { field: FIELD_TITLES.staffId, column: this.mapping.staffId },
      ...this.mapping.customFields.map(({ name, column }) => ({ field: name, column })),
    ].filter((clearable): clearable is { field: string; column: number } => clearable.column !== null)
    this.facts = job.factsOfEach === null ? null : new FactCounter(this.mapping, settings)
  }

  get repeatedMobiles(): string[] | null {
    return this.#mobiles && [...this.#repeatedMobiles]
  }

  /** Reads the records that are not known to be unchanged. Call in file order. */
  finish(looked: LookedAt, states: string): ReadChunk {
    const { chunk, ways, bytesRead } = looked
    const { factsOfEach } = this.#job
    const had = new Map<string, number>()
    const reading: Reading[] = []
    let asked = 0
    let valid = 0
    for (let index = 0; index < ways.length; index++) {
      const state = ways[index] === 'first' ? (states[asked++] as string) : ''
      const counted = factsOfEach !== null && this.#records++ % factsOfEach === 0
      if (state === 'u') {
        valid++
        this.#countHad(chunk, index, had)
        if (!counted) continue
      }
      reading.push({ index, state, counted })
      this.#splitter.split(chunk, index)
      if (reading.length >= READ_AT_ONCE) valid += this.#judge(looked, reading)
    }
    valid += this.#judge(looked, reading)
    chunk.release()
    return { valid, ...this.#out.take(), had, bytesRead }
  }

  /** Judges the records that were split and empties `reading`; answers how many of them are valid and not yet counted. */
  #judge({ ways, hashes }: LookedAt, reading: Reading[]): number {
    const { width } = this.mapping
    const out = this.#out
    let valid = 0
    for (const [at, record] of this.#splitter.take().entries()) {
      const { index, state, counted } = reading[at] as Reading
      if (counted && 'values' in record && record.values.length === width) this.facts?.count(record.values)
      if (state === 'u') continue
      const validated = this.#validate(record)
      if (!validated.ok) {
        out.reject(validated)
        continue
      }
      valid++
      const { contact, warnings } = validated
      for (const warning of warnings) out.warn(warning)
      if (ways[index] === 'met_before') continue
      const hash = ways[index] === 'first' && warnings.length === 0 ? hashes.text(index) : null
      if (state === 'n' && this.#job.create && isAscii(contact.staffId)) this.#create(out, record.line, contact, hash)
      else out.stage({ line: record.line, contact, hash, original: this.#original(record) })
    }
    reading.length = 0
    return valid
  }

  #original(record: FileRecord): string[] | null {
    return this.#job.settings.sharedMobile === 'reject' && 'values' in record ? record.values : null
  }

  #create(out: ChunkText, line: number, contact: ContactValues, hash: string | null): void {
    const { staffId, mobileNumber, contactId } = contact
    const known = !staffId || this.#staffIds.has(staffId.toLowerCase())
    if (!known) out.warn({ line, contactId, code: 'W_STAFF_UNKNOWN', message: staffUnknown(`"${staffId}"`) })
    if (this.#mobiles?.add(mobileNumber)) {
      this.#repeatedMobiles.add(mobileNumber)
      if (this.#repeatedMobiles.size > this.#job.mostSecondLooks) this.#mobiles = null
    }
    out.create(contact, contact.optOut ?? this.#emptyMeans, known ? hash : null)
  }

  #countHad(chunk: RecordChunk, index: number, had: Map<string, number>): void {
    if (this.#clearable.length === 0) return
    this.#finder.look(chunk.bytes, chunk.start(index), chunk.end(index), chunk.quotes(index))
    for (const { field, column } of this.#clearable)
      if (!this.#finder.isBlank(column)) had.set(field, (had.get(field) ?? 0) + 1)
  }

  /** The valid ones of records that were looked for by their Contact ID, and the hash of each. */
  readAgain(chunk: RecordChunk): { contact: ContactValues | null; line: number; hash: string }[] {
    for (let index = 0; index < chunk.length; index++) this.#splitter.split(chunk, index)
    const hashes = this.ids.hashesOf(chunk)
    return this.#splitter.take().map((record, at) => {
      const validated = this.#validate(record)
      return { contact: validated.ok ? validated.contact : null, line: record.line, hash: hashes.text(at) }
    })
  }
}

/** Only of such Staff IDs is it certain that the database compares them without case just as we do. */
function isAscii(text: string | null | undefined): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
  return !text || /^[\x00-\x7f]*$/.test(text)
}
