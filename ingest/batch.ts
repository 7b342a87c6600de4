import type { PoolClient } from 'pg'
import type { OpenFile } from '../files/file-area.ts'
import type { WarningCounts } from '../model/codes.ts'
import type { ImportSettings } from '../model/import-settings.ts'
import type { FileWarning } from '../model/record.ts'
import { KEPT_ERRORS, type RejectedRecords } from '../model/rejected-records.ts'
import type { BatchChanges, BatchCounts, BatchProgress, SampleChange } from '../model/run.ts'
import type { Team } from '../model/team.ts'
import { hasContacts, staffIdsOf } from '../store/contacts/lookup.ts'
import { mergeStaged } from '../store/contacts/merge.ts'
import type { MergeRules } from '../store/contacts/merge-rules.ts'
import type { Stage } from '../store/contacts/stage.ts'
import { takeBack } from '../store/contacts/take-back.ts'
import type { Database } from '../store/postgres/database.ts'
import { type FileFacts, importedBefore } from '../store/runs/batches.ts'
import type { CheckFacts } from './reading/check-facts.ts'
import { type OpenReader, openReader } from './reading/open-reader.ts'
import { MOST_SECOND_LOOKS, type ReadingJob, TooManySecondLooks } from './reading/reading-job.ts'
import { RECORDS_PER_CHUNK } from './reading/record-chunk.ts'
import { ImportSink } from './record-sink.ts'
import type { ColumnMapping } from './records/column-mapping.ts'
import { emptyOptOutMeans } from './records/opt-out.ts'

export interface BatchWork {
  /** For a check, one that is not in the database. */
  batch: { id: string }
  team: Team
  settings: ImportSettings
  signal: AbortSignal
  /** Called after each chunk of records, many times a second at most. */
  progress: (progress: BatchProgress) => void
}

/** The batch's transaction records this once every record is applied. */
export interface BatchResult {
  facts: FileFacts
  counts: BatchCounts
  warnings: WarningCounts
  errors: RejectedRecords
  changes: BatchChanges
  /** The first contacts that were changed. */
  samples: SampleChange[]
  /** Counts per column, if `factsOfEach` asked for it. */
  columns: CheckFacts | null
}

export interface BatchOptions {
  /** Nothing is written but temporary tables. */
  dryRun?: boolean
  /** Stages every record and applies them all at once, whatever the file. */
  stageAll?: boolean
  /** Counts the values of every n-th record. */
  factsOfEach?: number | null
  /** From how many bytes on a file is read in a thread of its own. */
  worthAThread?: number
  recordsPerChunk?: number
  mostSecondLooks?: number
  keptErrors?: typeof KEPT_ERRORS
}

/**
 * Imports one file within the transaction of `client`, so that all of it is applied or nothing. Chunk by chunk, records
 * are read and looked up; those that are known to change nothing end there, new contacts are written at once, and all
 * others are staged and merged when the file has been read. Memory is constant. Throws `BatchProblem` for a file that
 * cannot be imported.
 */
export async function importBatch(
  client: PoolClient,
  tx: Database,
  content: OpenFile,
  work: BatchWork,
  options: BatchOptions = {},
): Promise<BatchResult> {
  await client.query('savepoint reading')
  // Where records bear on one another, none can be judged before all are known.
  if (work.settings.sharedMobile !== 'reject' && !options.stageAll)
    try {
      const way = (await hasContacts(client, work.team.id)) ? 'probe' : 'all_new'
      return await applyFile(client, tx, content, work, options, way)
    } catch (error) {
      if (!(error instanceof TooManySecondLooks)) throw error
      await client.query('rollback to savepoint reading')
    }
  return applyFile(client, tx, content, work, options, 'stage_all')
}

async function applyFile(
  client: PoolClient,
  tx: Database,
  content: OpenFile,
  { batch, team, settings, signal, progress }: BatchWork,
  {
    dryRun = false,
    factsOfEach = null,
    worthAThread,
    recordsPerChunk = RECORDS_PER_CHUNK,
    mostSecondLooks = MOST_SECOND_LOOKS,
    keptErrors = KEPT_ERRORS,
  }: BatchOptions,
  way: ReadingJob['way'],
): Promise<BatchResult> {
  const { bytes } = content.entry
  const job: ReadingJob = {
    settings,
    batch: { id: batch.id, teamId: team.id },
    staffIds: await staffIdsOf(client, team.id),
    way,
    create: !dryRun,
    factsOfEach,
    recordsPerChunk,
    mostSecondLooks,
  }
  const sink = new ImportSink(client, job, { bytes, dryRun, keptErrors, signal, progress })
  await sink.open()
  const file = { bytes, read: (start?: number) => content.read(start) }
  const reader = openReader(file, job, sink, signal, worthAThread)
  try {
    const summary = await reader.read()
    await sink.close()
    const { stage } = sink
    stage.repeatedMobiles = summary.repeatedMobiles
    if (summary.repeated > 0) await stageRepeated(stage, team.id, reader)
    await warnAboutFile(stage, summary.warnings)
    if (await importedBefore(tx, team.id, summary.sha256, batch.id)) stage.count('W_IDENTICAL_FILE')
    signal.throwIfAborted()
    const merged = await mergeStaged(stage, mergeRules(team, settings, summary.mapping), (contactIds) => {
      if (contactIds.length > mostSecondLooks) throw new TooManySecondLooks()
      return reader.linesOf(contactIds)
    })
    const { sha256, header, facts } = summary
    return { facts: { sha256, header }, ...merged, warnings: stage.warnings, errors: stage.errors, columns: facts }
  } finally {
    await reader.close()
    await sink.end()
  }
}

/** If a Contact ID occurs more than once in the file, all its records are applied together. */
async function stageRepeated(stage: Stage, teamId: number, reader: OpenReader): Promise<void> {
  const { first, staged } = await reader.readRepeated()
  await takeBack(stage, teamId, first)
  await stage.restage(staged)
}

/** Remarks on the file as a whole have line 0. */
async function warnAboutFile(stage: Stage, warnings: readonly FileWarning[]): Promise<void> {
  await stage.warn(warnings.map(({ code, message }) => ({ line: 0, contactId: null, code, message })))
}

function mergeRules(team: Team, settings: ImportSettings, mapping: ColumnMapping): MergeRules {
  const clears = settings.absentColumn === 'clear'
  return {
    teamId: team.id,
    staffGiven: mapping.staffId !== null || (clears && settings.fields.staffId !== null),
    customFields: mapping.customFields.filter(({ column }) => column !== null || clears).map(({ name }) => name),
    emptyMeans: emptyOptOutMeans(settings),
    optOutAbsent: settings.optOut !== null && mapping.optOut === null,
    sharedMobile: settings.sharedMobile,
  }
}
