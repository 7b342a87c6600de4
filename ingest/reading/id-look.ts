import type { ProbeRequest } from '../../store/contacts/probe.ts'
import type { ColumnMapping } from '../column-mapping.ts'
import { DELIMITER_CHARACTERS } from '../formats/index.ts'
import type { FileForm } from './file-pass.ts'
import { IdFilter } from './id-filter.ts'
import { type ReadingJob, TooManySecondLooks } from './job.ts'
import type { RecordChunk } from './record-chunk.ts'
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

/** Looks at the Contact IDs of a file's records, chunk by chunk, without decoding the rest of them. */
export class IdLook {
  /** Contact IDs that may stand in more than one chunk. */
  readonly repeated = new Set<string>()
  readonly #job: ReadingJob
  readonly #form: FileForm
  readonly #mapping: ColumnMapping
  readonly #finder: ValueFinder
  readonly #hash: ReturnType<typeof recordHasher>
  readonly #ids: IdFilter

  constructor(job: ReadingJob, form: FileForm, mapping: ColumnMapping, bytes: number) {
    this.#job = job
    this.#form = form
    this.#mapping = mapping
    this.#finder = new ValueFinder(DELIMITER_CHARACTERS[job.settings.file.delimiter])
    this.#hash = recordHasher(recordSalt(job, mapping))
    this.#ids = new IdFilter(bytes)
  }

  /** To be called in the order of the file. */
  look(chunk: RecordChunk, bytesRead: number): LookedAt {
    const { way } = this.#job
    const ways: Way[] = []
    const hashes: (string | null)[] = []
    const here = new Map<string, number>()
    const ids: string[] = []
    for (let index = 0; index < chunk.length; index++) {
      const id = way === 'stage_all' ? null : this.#idOf(chunk, index)
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
        hashes[index] = this.hashOf(chunk, index)
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

  hashOf(chunk: RecordChunk, index: number): string {
    return this.#hash(chunk.bytes, chunk.start(index), chunk.end(index))
  }

  #repeat(id: string): void {
    this.repeated.add(id)
    if (this.repeated.size > this.#job.mostSecondLooks) throw new TooManySecondLooks()
  }

  /** The Contact ID of a record whose columns can be trusted; null where there is none to look for. */
  #idOf(chunk: RecordChunk, index: number): string | null {
    if (chunk.damageOf(index)) return null
    const { width } = this.#mapping
    const values = chunk.values(index)
    if (values !== width && !(this.#form.trailingEmptyValue && values === width + 1)) return null
    this.#finder.look(chunk.bytes, chunk.start(index), chunk.end(index), chunk.quotes(index))
    const id = this.#finder.plain(this.#mapping.fields.contactId)
    return id === '' || id.includes('\ufffd') || id.includes('\0') ? null : id
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
