import type { PoolClient } from 'pg'
import type { OpenFile } from '../files/file-area.ts'
import type { WarningCounts } from '../model/codes.ts'
import type { ImportSettings } from '../model/import-settings.ts'
import type { FileRecord, FileWarning, ValidatedRecord } from '../model/record.ts'
import { type BatchChanges, type BatchCounts, type BatchProgress, NO_COUNTS, type SampleChange } from '../model/run.ts'
import type { Team } from '../model/team.ts'
import { type FileFacts, importedBefore } from '../store/batches.ts'
import { type MergeRules, mergeStaged } from '../store/contacts/merge.ts'
import { Stage } from '../store/contacts/stage.ts'
import type { Database } from '../store/database.ts'
import type { BatchRow } from '../store/tables.ts'
import { type ColumnMapping, mapColumns } from './column-mapping.ts'
import { RECORD_READERS } from './formats/index.ts'
import { surveyFile } from './survey.ts'
import { recordValidator } from './validate-record.ts'

/** Records that go to the database together: enough that a COPY pays, few enough to be nothing in memory. */
const CHUNK = 20_000

export interface BatchWork {
  batch: BatchRow
  team: Team
  settings: ImportSettings
  signal: AbortSignal
  /** Called after each chunk of records, many times a second at most. */
  progress: (progress: BatchProgress) => void
}

/** What the transaction of the batch is to record once every record is applied. */
export interface BatchResult {
  facts: FileFacts
  counts: BatchCounts
  warnings: WarningCounts
  changes: BatchChanges
  /** The first contacts that change, for people to look at. */
  samples?: SampleChange[]
}

/**
 * Imports one file within the transaction of `client`: survey, map, validate, stage, merge, so that all of it is applied
 * or nothing. The file is read twice, in constant memory. Throws `BatchProblem` for a file that cannot be imported.
 */
export async function importBatch(
  client: PoolClient,
  tx: Database,
  content: OpenFile,
  { batch, team, settings, signal, progress }: BatchWork,
): Promise<BatchResult> {
  const { bytes } = content.entry
  const file = { bytes, read: (start?: number) => content.read(start) }
  const survey = await surveyFile(file, settings.file)
  const mapping = mapColumns(survey.header, settings)
  const validate = recordValidator(settings, mapping)
  const stage = new Stage(client, batch.id)
  await stage.open()
  const keepOriginals = settings.sharedMobile === 'reject'
  for await (const records of chunks(RECORD_READERS[settings.file.delimiter](file, survey))) {
    signal.throwIfAborted()
    await stageRecords(stage, records, validate, keepOriginals)
    const staged = stage.staged + stage.rejected
    progress({
      ...NO_COUNTS,
      records: staged,
      rejected: stage.rejected,
      bytesRead: Math.round((bytes * staged) / survey.records),
      bytes,
    })
  }
  await warnAboutFile(stage, [...survey.warnings, ...mapping.warnings])
  if (await importedBefore(tx, team.id, survey.sha256, batch.id)) stage.count('W_IDENTICAL_FILE')
  signal.throwIfAborted()
  const { counts, changes } = await mergeStaged(stage, mergeRules(team, settings, mapping))
  return { facts: { sha256: survey.sha256, header: survey.header.values }, counts, warnings: stage.warnings, changes }
}

async function stageRecords(
  stage: Stage,
  records: readonly FileRecord[],
  validate: (record: FileRecord) => ValidatedRecord,
  keepOriginals: boolean,
): Promise<void> {
  const valid: Parameters<Stage['stage']>[0][number][] = []
  const rejected: Extract<ValidatedRecord, { ok: false }>[] = []
  for (const record of records) {
    const validated = validate(record)
    if (!validated.ok) rejected.push(validated)
    else {
      const original = keepOriginals && 'values' in record ? record.values : null
      valid.push({ line: validated.line, contact: validated.contact, original })
      if (validated.warnings.length > 0) await stage.warn(validated.warnings)
    }
  }
  await stage.stage(valid)
  await stage.reject(
    rejected.map(({ error }) => error),
    rejected.flatMap(({ error, optOut }) => (optOut ? [{ line: error.line, ...optOut }] : [])),
  )
}

/** Remarks on the file as a whole stand on line 0. */
async function warnAboutFile(stage: Stage, warnings: readonly FileWarning[]): Promise<void> {
  await stage.warn(warnings.map(({ code, message }) => ({ line: 0, contactId: null, code, message })))
}

function mergeRules(team: Team, settings: ImportSettings, mapping: ColumnMapping): MergeRules {
  const clears = settings.absentColumn === 'clear'
  const emptyMeans = { keep: null, opt_in: 'opted_in', opt_out: 'opted_out' } as const
  return {
    teamId: team.id,
    staffGiven: mapping.staffId !== null || (clears && settings.fields.staffId !== null),
    customFields: mapping.customFields.filter(({ column }) => column !== null || clears).map(({ name }) => name),
    emptyMeans: settings.optOut && mapping.optOut !== null ? emptyMeans[settings.optOut.emptyMeans] : null,
    sharedMobile: settings.sharedMobile,
  }
}

async function* chunks(records: AsyncIterable<FileRecord[]>): AsyncGenerator<FileRecord[]> {
  let pending: FileRecord[] = []
  for await (const some of records) {
    for (const record of some) pending.push(record)
    if (pending.length < CHUNK) continue
    yield pending
    pending = []
  }
  if (pending.length > 0) yield pending
}
