import type { ProbeRequest } from '../../../store/contacts/lookup.ts'
import { bigintArray, textArray } from '../../../store/postgres/array-parameter.ts'
import type { ColumnMapping } from '../../records/column-mapping.ts'
import { type FileForm, hasTrailingEmptyValue } from '../file-pass.ts'
import { type ReadingJob, TooManySecondLooks } from '../reading-job.ts'
import type { RecordChunk } from '../record-chunk.ts'
import { IdFilter, idBits } from './id-filter.ts'
import { type RecordHasher, RecordHashes, recordHasher } from './record-hash.ts'
import { recordSalt } from './record-salt.ts'
import { ValueFinder } from './value-finder.ts'

/** How a record of a chunk is handled. */
type Way =
  /** Its Contact ID has not been met before. */
  | 'first'
  /** Its Contact ID occurs more than once in this chunk. */
  | 'beside_another'
  /** Its Contact ID may have been met in an earlier chunk. */
  | 'met_before'
  /** It has no readable Contact ID, or lookups are off. */
  | 'as_it_is'

/** A chunk whose Contact IDs have been looked at. */
export interface LookedAt {
  chunk: RecordChunk
  ways: Way[]
  /** Of the records of way `first`, each at the index of its record. */
  hashes: RecordHashes
  /** Those of way `first`; null if lookups are off. */
  probe: ProbeRequest | null
  bytesRead: number
}

/** Looks at the Contact IDs of a file's records, chunk by chunk, without decoding the rest of them. */
export class IdLook {
  /** Contact IDs that may occur in more than one chunk. */
  readonly repeated = new Set<string>()
  readonly #job: ReadingJob
  readonly #form: FileForm
  readonly #mapping: ColumnMapping
  readonly #finder: ValueFinder
  readonly #hash: RecordHasher
  readonly #ids: IdFilter
  #secondLooks = 0

  constructor(job: ReadingJob, form: FileForm, mapping: ColumnMapping, records: number) {
    this.#job = job
    this.#form = form
    this.#mapping = mapping
    this.#finder = new ValueFinder(job.settings.file.delimiter)
    this.#hash = recordHasher(recordSalt(job, mapping))
    this.#ids = new IdFilter(idBits(records))
  }

  /** Call in file order. */
  look(chunk: RecordChunk, bytesRead: number): LookedAt {
    const { way } = this.#job
    const ways: Way[] = []
    const hashes = new RecordHashes(chunk.length)
    const here = new Map<string, number>()
    const ids: string[] = []
    for (let index = 0; index < chunk.length; index++) {
      const id = way === 'stage_all' ? null : this.#idOf(chunk, index)
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
        ways.push('beside_another')
      } else if (metBefore) {
        this.#repeat(id)
        ways.push('met_before')
      } else {
        ways.push('first')
        this.#hashInto(hashes, chunk, index)
      }
    }
    return { chunk, ways, hashes, probe: way === 'probe' ? probeOf(ways, ids, hashes) : null, bytesRead }
  }

  /** Which records of `chunk` have one of these Contact IDs. */
  only(chunk: RecordChunk, ids: ReadonlySet<string>): { index: number; id: string }[] {
    const found: { index: number; id: string }[] = []
    for (let index = 0; index < chunk.length; index++) {
      const id = this.#idOf(chunk, index)
      if (id !== null && ids.has(id)) found.push({ index, id })
    }
    return found
  }

  hashesOf(chunk: RecordChunk): RecordHashes {
    const hashes = new RecordHashes(chunk.length)
    for (let index = 0; index < chunk.length; index++) this.#hashInto(hashes, chunk, index)
    return hashes
  }

  #hashInto(hashes: RecordHashes, chunk: RecordChunk, index: number): void {
    this.#hash(chunk.bytes, chunk.start(index), chunk.end(index), hashes, index)
  }

  #repeat(id: string): void {
    this.repeated.add(id)
    if (++this.#secondLooks > this.#job.mostSecondLooks) throw new TooManySecondLooks()
  }

  /** The Contact ID of a record whose columns can be trusted; null where there is none to look for. */
  #idOf(chunk: RecordChunk, index: number): string | null {
    if (chunk.damageOf(index)) return null
    const { width } = this.#mapping
    const values = chunk.values(index)
    if (values !== width && !hasTrailingEmptyValue(this.#form, values)) return null
    this.#finder.look(chunk.bytes, chunk.start(index), chunk.end(index), chunk.quotes(index))
    if (values !== width && !this.#finder.isBlank(width)) return null
    const id = this.#finder.contactId(this.#mapping.fields.contactId)
    return id === '' || id.includes('\ufffd') || id.includes('\0') ? null : id
  }
}

function probeOf(ways: readonly Way[], ids: readonly string[], { halves }: RecordHashes): ProbeRequest | null {
  const contactIds = ids.filter((_, index) => ways[index] === 'first')
  if (contactIds.length === 0) return null
  const asked = new Int32Array(2 * contactIds.length)
  let at = 0
  for (let index = 0; index < ways.length; index++) {
    if (ways[index] !== 'first') continue
    asked[at++] = halves[2 * index] as number
    asked[at++] = halves[2 * index + 1] as number
  }
  return { contactIds: textArray(contactIds), hashes: bigintArray(asked) }
}
