import type { ImportSettings } from '../../model/import-settings.ts'
import type { FileWarning } from '../../model/record.ts'
import type { ProbeRequest } from '../../store/contacts/lookup.ts'
import type { ChunkOfRecords } from '../../store/contacts/stage.ts'
import type { Repeated } from '../../store/contacts/take-back.ts'
import type { ColumnMapping } from '../records/column-mapping.ts'
import type { CheckFacts } from './check-facts.ts'

/** What a reader has to know to read one file. Plain data: it crosses to another thread. */
export interface ReadingJob {
  settings: ImportSettings
  batch: { id: string; teamId: number }
  /** In lower case: whom Staff IDs may name. */
  staffIds: string[]
  /**
   * `probe`: records are looked up before they are validated. `all_new`: the team has no contacts, so nothing need be
   * looked up. `stage_all`: every valid record is staged, for files in which records bear on one another.
   */
  way: 'probe' | 'all_new' | 'stage_all'
  /** New contacts may go straight into the contacts. */
  create: boolean
  /** Count what a check shows of the columns: of every record, of each n-th, or of none. */
  factsOfEach: number | null
  recordsPerChunk: number
  /** Where more records need a second look, `TooManySecondLooks` is thrown. */
  mostSecondLooks: number
}

/** One chunk, ready for the database. */
export interface ReadChunk extends ChunkOfRecords {
  bytesRead: number
}

/** The side that speaks to the database. */
export interface RecordSink {
  /** Answers a letter for each record, in their order: `n` new, `u` unchanged, `k` known otherwise. */
  probe(request: ProbeRequest): Promise<string>
  /** To be called in the order of the file, also before the last chunk was taken. After one that failed none is taken. */
  take(chunk: ReadChunk): Promise<void>
  /** Everything taken so far was read under a wrong assumption: it begins anew. */
  restart(): Promise<void>
}

/** What a reader can say when it has read the whole file. */
export interface ReadSummary {
  sha256: string
  header: string[]
  mapping: ColumnMapping
  warnings: FileWarning[]
  /** How many Contact IDs may stand in the file in more than one place. */
  repeated: number
  /** See `Stage.repeatedMobiles`. */
  repeatedMobiles: string[] | null
  facts: CheckFacts | null
}

/** Records of Contact IDs that a second look was taken at. */
export interface SecondLook {
  first: Repeated[]
  /** All valid records of these IDs as lines for the stage. */
  staged: { text: Uint8Array; records: number }
}

export interface FileReader {
  read(): Promise<ReadSummary>
  /** The records of the Contact IDs that stand in more than one place. To be called after `read`. */
  readRepeated(): Promise<SecondLook>
  /** On which lines valid records of these Contact IDs stand. To be called after `read`. */
  linesOf(contactIds: string[]): Promise<{ contactId: string; line: number }[]>
}

/** With more records that need a second look it is cheaper to stage the whole file; so many fit into memory. */
export const MOST_SECOND_LOOKS = 100_000

/** Too many records of the file bear on one another to be read the fast way. */
export class TooManySecondLooks extends Error {
  override readonly name = 'TooManySecondLooks'
}
