import type { ImportSettings } from '../../model/import-settings.ts'
import type { FileWarning } from '../../model/record.ts'
import type { ProbeRequest } from '../../store/contacts/lookup.ts'
import type { ChunkOfRecords } from '../../store/contacts/stage.ts'
import type { Repeated } from '../../store/contacts/take-back.ts'
import type { ColumnMapping } from '../records/column-mapping.ts'
import type { CheckFacts } from './check-facts.ts'

/** Plain data: it crosses to another thread. */
export interface ReadingJob {
  settings: ImportSettings
  batch: { id: string; teamId: number }
  /** The valid Staff IDs, in lower case. */
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
  /** Returns a letter for each record, in order: `n` new, `u` unchanged, `k` known otherwise. */
  probe(request: ProbeRequest): Promise<string>
  /** Call in file order, without waiting for the previous chunk. After a failed chunk none is taken. */
  take(chunk: ReadChunk): Promise<void>
  /** Everything taken so far was read under a wrong assumption: start over. */
  restart(): Promise<void>
}

/** Known once the whole file has been read. */
export interface ReadSummary {
  sha256: string
  header: string[]
  mapping: ColumnMapping
  warnings: FileWarning[]
  /** Contact IDs that may occur more than once in the file. */
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
  /** The records of Contact IDs that occur more than once. Call after `read`. */
  readRepeated(): Promise<SecondLook>
  /** The lines of the valid records of these Contact IDs. Call after `read`. */
  linesOf(contactIds: string[]): Promise<{ contactId: string; line: number }[]>
}

/** With more records that need a second look it is cheaper to stage the whole file; this many fit into memory. */
export const MOST_SECOND_LOOKS = 100_000

/** Too many records of the file bear on one another to be read the fast way. */
export class TooManySecondLooks extends Error {
  override readonly name = 'TooManySecondLooks'
}
