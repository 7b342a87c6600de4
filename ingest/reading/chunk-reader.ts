import type { ContactValues, OptOutState } from '../../model/contact.ts'
import { FIELD_TITLES } from '../../model/import-settings.ts'
import type { FileRecord, ValidatedRecord } from '../../model/record.ts'
import type { ProbeRequest } from '../../store/contacts/probe.ts'
import { staffUnknown } from '../../store/contacts/staff-unknown.ts'
import { type ColumnMapping, mapColumns } from '../column-mapping.ts'
import { RecordSplitter } from '../formats/delimited.ts'
import { DELIMITER_CHARACTERS } from '../formats/index.ts'
import { emptyOptOutMeans } from '../opt-out.ts'
import { recordValidator } from '../validate-record.ts'
import { FactCounter } from './check-facts.ts'
import { ChunkText } from './chunk-text.ts'
import type { FileForm } from './file-pass.ts'
import { IdFilter } from './id-filter.ts'
import { type ReadChunk, type ReadingJob, TooManySecondLooks } from './job.ts'
import type { FramedRecord, RecordChunk } from './record-chunk.ts'
import { recordHasher } from './record-hash.ts'
import { recordSalt } from './record-salt.ts'
import { ValueFinder } from './value-finder.ts'

/** What becomes of a record of a chunk. */
type Way =
  /** Its Contact ID has not been met before. */
  | 'first'
  /** Its Contact ID stands in this chunk more than once. */
  | 'beside_another'
  /** Its Contact ID may have been met in an earlier chunk. */
  | 'met_before'
  /** It cannot be asked for a Contact ID, or none is to be looked up. */
  | 'as_it_is'

/** A chunk whose Contact IDs have been looked at. */
export interface LookedAt {
  chunk: RecordChunk
  ways: Way[]
  /** Of the records of way `first`, in their order. */
  hashes: (string | null)[]
  /** Those of way `first`; null where nothing is to be looked up. */
  probe: ProbeRequest | null
  bytesRead: number
}

/** A record that is being split. */
interface Reading {
  index: number
  /** What the database knows of it; empty where it was not asked. */
  state: string
  counted: boolean
}

/** So few records are split before they are judged that their values die young. */
const READ_AT_ONCE = 100

/** At most 32 MB: a number that only seems to have come by before costs one look into the database. */
const MOBILE_BITS = { most: 2 ** 28, perByte: 0.25 }

/** Turns the records of one file, chunk by chunk, into what the database takes. */
export class ChunkReader {
  readonly mapping: ColumnMapping
  /** Contact IDs that may stand in more than one chunk. */
  readonly repeated = new Set<string>()
  readonly facts: FactCounter | null
  readonly #job: ReadingJob
  readonly #form: FileForm
  readonly #splitter: RecordSplitter
  readonly #finder: ValueFinder
  readonly #validate: (record: FileRecord) => ValidatedRecord
  readonly #hash: ReturnType<typeof recordHasher>
  readonly #ids: IdFilter
  /** Null where other contacts may have a number, too, or too many came by more than once to list them. */
  #mobiles: IdFilter | null
  readonly #repeatedMobiles = new Set<string>()
  readonly #staffIds: ReadonlySet<string>
  readonly #emptyMeans: OptOutState | null
  readonly #out: ChunkText
  /** The fields of which guardrails ask how many contacts had a value. */
  readonly #clearable: { field: string; column: number }[]
  #records = 0

  constructor(job: ReadingJob, form: FileForm, bytes: number) {
    const { settings } = job
    const delimiter = DELIMITER_CHARACTERS[settings.file.delimiter]
    this.#job = job
    this.#form = form
    this.mapping = mapColumns(form.header, settings)
    this.#splitter = new RecordSplitter(delimiter, form.encoding)
    this.#finder = new ValueFinder(delimiter)
    this.#validate = recordValidator(settings, this.mapping)
    this.#out = new ChunkText(job.batch)
    this.#hash = recordHasher(recordSalt(job, this.mapping))
    this.#ids = new IdFilter(bytes)
    // Without contacts of before only those of this file can share a number.
    this.#mobiles = job.way === 'all_new' && job.create ? new IdFilter(bytes, MOBILE_BITS) : null
    this.#staffIds = new Set(job.staffIds)
    this.#emptyMeans = emptyOptOutMeans(settings, this.mapping)
    this.#clearable = [
      { field: FIELD_TITLES.staffId, column: this.mapping.staffId },
      ...this.mapping.customFields.map(({ name, column }) => ({ field: name, column })),
    ].filter((clearable): clearable is { field: string; column: number } => clearable.column !== null)
    this.facts = job.factsOfEach === null ? null : new FactCounter(this.mapping, settings)
  }

  get repeatedMobiles(): string[] | null {
    return this.#mobiles && [...this.#repeatedMobiles]
  }

  /** Looks at the Contact IDs. To be called in the order of the file. */
  look(chunk: RecordChunk, bytesRead: number): LookedAt {
    const { way } = this.#job
    const ways: Way[] = []
    const hashes: (string | null)[] = []
    const here = new Map<string, number>()
    const ids: string[] = []
    for (const [index, record] of chunk.records.entries()) {
      const id = way === 'stage_all' ? null : this.#idOf(chunk, record)
      hashes.push(null)
      ids.push(id ?? '')
      if (id === null) {
        ways.push('as_it_is')
        continue
      }
      const metBefore = this.#ids.add(id)
      const other = here.get(id)
      here.set(id, other ?? index)
      if (other !== undefined && ways[other] !== 'met_before') {
        ways[other] = 'beside_another'
        hashes[other] = null
        ways.push('beside_another')
      } else if (metBefore) {
        this.#repeat(id)
        ways.push('met_before')
      } else {
        ways.push('first')
        hashes[index] = this.#hashOf(chunk, record as FramedRecord)
      }
    }
    return { chunk, ways, hashes, probe: way === 'probe' ? probeOf(ways, ids, hashes) : null, bytesRead }
  }

  #repeat(id: string): void {
    this.repeated.add(id)
    if (this.repeated.size > this.#job.mostSecondLooks) throw new TooManySecondLooks()
  }

  /** The Contact ID of a record whose columns can be trusted; null where there is none to look for. */
  #idOf(chunk: RecordChunk, record: RecordChunk['records'][number]): string | null {
    if ('damage' in record) return null
    const { width } = this.mapping
    if (record.values !== width && !(this.#form.trailingEmptyValue && record.values === width + 1)) return null
    this.#finder.look(chunk.bytes, record)
    const id = this.#finder.plain(this.mapping.fields.contactId)
    return id === '' || id.includes('\ufffd') || id.includes('\0') ? null : id
  }

  #hashOf(chunk: RecordChunk, { start, end }: FramedRecord): string {
    return this.#hash(chunk.bytes, start, end)
  }

  /** Reads the records that are not known to be unchanged. To be called in the order of the file. */
  finish(looked: LookedAt, states: string): ReadChunk {
    const { chunk, ways, bytesRead } = looked
    const { factsOfEach } = this.#job
    const had: Record<string, number> = {}
    const reading: Reading[] = []
    let asked = 0
    let valid = 0
    for (let index = 0; index < ways.length; index++) {
      const record = chunk.records[index] as RecordChunk['records'][number]
      const state = ways[index] === 'first' ? (states[asked++] as string) : ''
      const counted = factsOfEach !== null && this.#records++ % factsOfEach === 0
      if (state === 'u') {
        valid++
        this.#countHad(chunk, record as FramedRecord, had)
        if (!counted) continue
      }
      reading.push({ index, state, counted })
      if ('damage' in record)
        this.#splitter.damaged(record.damage, record.raw, record.line, record.value, record.valueLine)
      else this.#splitter.record(chunk.bytes, record.start, record.end, record.line, record.values, record.quotes)
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
      if ('values' in record) {
        if (this.#form.trailingEmptyValue && record.values.length === width + 1) record.values.pop()
        if (counted && record.values.length === width) this.facts?.count(record.values)
      }
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
      const hash = warnings.length === 0 ? (hashes[index] ?? null) : null
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

  #countHad(chunk: RecordChunk, record: FramedRecord, had: Record<string, number>): void {
    if (this.#clearable.length === 0) return
    this.#finder.look(chunk.bytes, record)
    for (const { field, column } of this.#clearable)
      if (!this.#finder.isBlank(column)) had[field] = (had[field] ?? 0) + 1
  }

  /** The valid ones of records that were looked for by their Contact ID, and the hash of each. */
  readAgain(chunk: RecordChunk): { contact: ContactValues | null; line: number; hash: string }[] {
    for (const record of chunk.records as FramedRecord[])
      this.#splitter.record(chunk.bytes, record.start, record.end, record.line, record.values, record.quotes)
    return this.#splitter.take().map((record, at) => {
      if ('values' in record && record.values.length === this.mapping.width + 1) record.values.pop()
      const validated = this.#validate(record)
      const hash = this.#hashOf(chunk, chunk.records[at] as FramedRecord)
      return { contact: validated.ok ? validated.contact : null, line: record.line, hash }
    })
  }

  /** The records of `chunk` whose Contact ID is one of `ids`. */
  only(chunk: RecordChunk, ids: ReadonlySet<string>): { record: FramedRecord; id: string }[] {
    const found: { record: FramedRecord; id: string }[] = []
    for (const record of chunk.records) {
      const id = this.#idOf(chunk, record)
      if (id !== null && ids.has(id)) found.push({ record: record as FramedRecord, id })
    }
    return found
  }
}

function probeOf(
  ways: readonly Way[],
  ids: readonly string[],
  hashes: readonly (string | null)[],
): ProbeRequest | null {
  let contactIds = ''
  let known = ''
  for (let index = 0; index < ways.length; index++) {
    if (ways[index] !== 'first') continue
    const comma = contactIds === '' ? '' : ','
    contactIds += `${comma}"${(ids[index] as string).replace(/["\\]/g, '\\$&')}"`
    known += `${comma}${hashes[index]}`
  }
  return contactIds === '' ? null : { contactIds: `{${contactIds}}`, hashes: `{${known}}` }
}

/** Only of such Staff IDs is it certain that the database compares them without case just as we do. */
function isAscii(text: string | null | undefined): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
  return !text || /^[\x00-\x7f]*$/.test(text)
}
