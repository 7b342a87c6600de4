import type { PoolClient } from 'pg'
import type { WarningCode, WarningCounts } from '../../model/codes.ts'
import type { RecordError, RecordWarning } from '../../model/record.ts'
import { type ErrorCounts, ErrorTally, KEPT_ERRORS, type RejectedRecords } from '../../model/rejected-records.ts'
import { copyInto, copyText } from '../postgres/copy.ts'
import { copyLine, firstLines } from '../postgres/copy-text.ts'
import { onConnection } from '../postgres/database.ts'
import { forManyContacts } from './planning/planner.ts'
import {
  COPY_CONTACT,
  COPY_ERRORS,
  COPY_PREFERENCES,
  COPY_STAGE,
  errorLine,
  preferenceLine,
  type RejectedPreference,
  type StagedRecord,
  stagedLine,
} from './staged-lines.ts'

/** Remarks beyond this many of one kind are counted, not kept: a million unknown Staff IDs are one fact, not a million. */
export const KEPT_WARNINGS = 1_000

/** Records of a file as text for COPY, and what is to be counted of them. */
export interface ChunkOfRecords {
  /** Valid records, staged or not. */
  valid: number
  staged: { text: Uint8Array; records: number }
  /** Contacts that are known to be new. */
  created: { text: Uint8Array; records: number; optedOut: number }
  rejected: { text: Uint8Array; records: number; counts: ErrorCounts }
  preferences: Uint8Array
  warnings: RecordWarning[]
  /** Warnings that are to be counted and not kept. */
  furtherWarnings: WarningCounts
  /** By field: how many of the records that were passed over as unchanged have a value in it. */
  had: ReadonlyMap<string, number>
}

/**
 * Holds the records of one batch in temporary tables of its transaction until `merge` applies them all at once. Records
 * that are known to change nothing do not come here, and contacts that are known to be new need not.
 */
export class Stage {
  readonly client: PoolClient
  readonly batchId: string
  /** Nothing is to be written but temporary tables. */
  readonly dryRun: boolean
  warnings: WarningCounts = {}
  valid = 0
  staged = 0
  created = 0
  createdOptedOut = 0
  rejected = 0
  readonly had = new Map<string, number>()
  /**
   * All numbers that more than one of the created contacts may have; null where contacts of before may have them too, or
   * where they are too many.
   */
  repeatedMobiles: string[] | null = null

  readonly #errors = new ErrorTally()
  readonly #mostErrors: typeof KEPT_ERRORS
  #keptErrors = 0
  #keptErrorBytes = 0
  #errorsFull = false

  constructor(
    client: PoolClient,
    batchId: string,
    { dryRun = false, keptErrors = KEPT_ERRORS }: { dryRun?: boolean; keptErrors?: typeof KEPT_ERRORS } = {},
  ) {
    this.client = client
    this.batchId = batchId
    this.dryRun = dryRun
    this.#mostErrors = keptErrors
  }

  get errors(): RejectedRecords {
    return { counts: this.#errors.counts(), kept: this.#keptErrors, keptBytes: this.#keptErrorBytes }
  }

  /** Valid records that change nothing and were not staged. */
  get unchanged(): number {
    return this.valid - this.staged - this.created
  }

  /** Makes the tables; they vanish with the transaction. */
  async open(): Promise<void> {
    await forManyContacts.execute(onConnection(this.client))
    // How many rows a temporary table has is all that a plan needs to know of it; more takes as long as using it.
    await this.client.query('set local default_statistics_target to 10')
    await this.client.query(`
      create temp table stage (
        line bigint not null, contact_id text not null, first_name text not null, last_name text not null,
        mobile_number text not null, staff_id text, opt_out text, custom_fields jsonb not null, original json, hash bigint
      ) on commit drop`)
    await this.client.query(`
      create temp table stage_preference (line bigint not null, contact_id text not null, state text not null)
      on commit drop`)
    if (!this.dryRun) return
    // A temporary table hides the real one of its name.
    for (const table of ['record_error', 'record_warning'])
      await this.client.query(`create temp table ${table} (like ${table}) on commit drop`)
  }

  async stage(records: readonly StagedRecord[]): Promise<void> {
    if (records.length === 0) return
    this.valid += records.length
    this.staged += records.length
    await copyInto(this.client, COPY_STAGE, records.map(stagedLine))
  }

  /** Keeps rejected records for the error file, and what they say about preferences for the merge. */
  async reject(errors: readonly RecordError[], preferences: readonly RejectedPreference[]): Promise<void> {
    this.rejected += errors.length
    for (const error of errors) this.#errors.record(error.errors)
    const lines = errors.map((error) => errorLine(this.batchId, error)).join('')
    await this.#keepErrors(new TextEncoder().encode(lines))
    if (preferences.length > 0) await copyInto(this.client, COPY_PREFERENCES, preferences.map(preferenceLine))
  }

  async take({
    valid,
    staged,
    created,
    rejected,
    preferences,
    warnings,
    furtherWarnings,
    had,
  }: ChunkOfRecords): Promise<void> {
    if (created.records > 0) await copyText(this.client, COPY_CONTACT, created.text)
    if (staged.records > 0) await copyText(this.client, COPY_STAGE, staged.text)
    await this.#keepErrors(rejected.text)
    if (preferences.length > 0) await copyText(this.client, COPY_PREFERENCES, preferences)
    await this.warn(warnings)
    for (const [code, times] of Object.entries(furtherWarnings)) this.count(code as WarningCode, times)
    this.valid += valid
    this.staged += staged.records
    this.created += created.records
    this.createdOptedOut += created.optedOut
    this.rejected += rejected.records
    this.#errors.add(rejected.counts)
    for (const [field, records] of had) this.had.set(field, (this.had.get(field) ?? 0) + records)
  }

  /** From the first record beyond the limit on none are kept: those kept are the first ones. */
  async #keepErrors(text: Uint8Array): Promise<void> {
    if (this.#errorsFull || text.length === 0) return
    const { records, bytes } = this.#mostErrors
    const kept = firstLines(text, { lines: records - this.#keptErrors, bytes: bytes - this.#keptErrorBytes })
    this.#errorsFull = kept.bytes < text.length
    this.#keptErrors += kept.lines
    this.#keptErrorBytes += kept.bytes
    if (kept.lines > 0) await copyText(this.client, COPY_ERRORS, this.#errorsFull ? text.slice(0, kept.bytes) : text)
  }

  /** Stages records that were counted as valid before. */
  async restage({ text, records }: ChunkOfRecords['staged']): Promise<void> {
    if (records > 0) await copyText(this.client, COPY_STAGE, text)
    this.staged += records
  }

  async warn(warnings: readonly RecordWarning[]): Promise<void> {
    const kept = warnings.filter(({ code }) => this.count(code) <= KEPT_WARNINGS)
    if (kept.length === 0) return
    await copyInto(
      this.client,
      'copy record_warning (batch_id, line, code, contact_id, message) from stdin',
      kept.map(({ line, code, contactId, message }) => copyLine([this.batchId, line, code, contactId, message])),
    )
  }

  /** Counts `more` of a warning and answers how many there are now. */
  count(code: WarningCode, more = 1): number {
    const now = (this.warnings[code] ?? 0) + more
    if (now > 0) this.warnings[code] = now
    else delete this.warnings[code]
    return now
  }
}
