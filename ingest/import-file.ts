import type pg from 'pg'
import { type FileArea, FileProblem, type OpenFile } from '../files/file-area.ts'
import { seenOpen } from '../files/seen-file.ts'
import type { Log } from '../log.ts'
import { type ImportSettings, splitAddresses } from '../model/import-settings.ts'
import {
  type BatchState,
  type FileRejection,
  type GuardrailFinding,
  importedRecords,
  NO_COUNTS,
  UNCONFIRMED,
} from '../model/run.ts'
import type { Team } from '../model/team.ts'
import { teamPath } from '../model/team-path.ts'
import type { Upload } from '../model/upload.ts'
import { keepFewContacts } from '../store/contacts/planning/few-contacts.ts'
import { learnSize } from '../store/contacts/planning/statistics.ts'
import { queueRecap } from '../store/outbox.ts'
import { type Database, inTransaction } from '../store/postgres/database.ts'
import { isDatabaseAway } from '../store/postgres/database-errors.ts'
import type { BatchRow, RunRow } from '../store/postgres/tables.ts'
import { finishHeld, finishImported, finishUnapplied, startBatch, warnAboutBatch } from '../store/runs/batches.ts'
import { keepNewestErrors } from '../store/runs/kept-errors.ts'
import { AbortRequested, excludeOtherWorkers, holdLease, type Lease, LeaseLost } from '../store/runs/runs.ts'
import { uploadById } from '../store/uploads/find-uploads.ts'
import { isFileOf, standsAs } from '../store/uploads/recognise.ts'
import { setVerdict } from '../store/uploads/verdict.ts'
import { type BatchResult, importBatch } from './batch.ts'
import { batchFindings, isAsShown } from './batch-findings.ts'
import { supersedeOlder } from './choosing/supersede-older.ts'
import { GUARDRAIL_WARNINGS } from './guardrails.ts'
import { progressTeller } from './progress.ts'
import { missingColumns, withLikelyColumns } from './proposing/missing-columns.ts'
import { BatchProblem } from './records/batch-problem.ts'
import { tellBatch } from './telling/tell-batch.ts'

export interface ImportParts {
  db: Database
  pool: pg.Pool
  log: Log
  now: () => Date
  /** The hold on the run for which the step is done. */
  lease: Lease
}

export interface FileToImport {
  run: RunRow
  team: Team
  files: FileArea
  batch: BatchRow
  settings: ImportSettings
  signal: AbortSignal
}

/**
 * Imports the file of one batch: its records, the end of the batch, the verdict on the upload and the recap become true
 * in one transaction, or none of them does. A file that cannot be imported ends its batch as `rejected`, one that the
 * guardrails stop as `held`, a fault of ours as `failed`; an orderly stop, an abort and a lost database rise.
 */
export async function importFile(parts: ImportParts, work: FileToImport): Promise<void> {
  const { team, batch, signal } = work
  const { db, log, lease } = parts
  await db.transaction().execute(async (tx) => {
    await holdLease(tx, lease, 'abort')
    await startBatch(tx, batch.id)
    await keepFewContacts(tx, batch)
  })
  let content: OpenFile | null = null
  try {
    const upload = batch.upload_id ? await uploadById(db, batch.upload_id) : null
    content = await openContent(db, work, upload)
    if (!content) return await endUnapplied(parts, work, 'aborted', replaced(batch))
    if (upload?.verdict === 'held' && batch.approved_by === null) throw new BatchHeld([UNCONFIRMED], null)
    const state = await importInTransaction(parts, work, content)
    log.info({ batch: batch.id, team: team.team, state }, 'batch imported')
  } catch (error) {
    if (signal.aborted || isDatabaseAway(error) || error instanceof LeaseLost || error instanceof AbortRequested)
      throw error
    await endWith(parts, work, error, content)
  } finally {
    await content?.close()
  }
}

async function importInTransaction(parts: ImportParts, work: FileToImport, content: OpenFile): Promise<BatchState> {
  const { run, team, batch, settings, signal } = work
  await learnSize(parts.pool)
  return inTransaction(
    parts.pool,
    async (client, tx) => {
      await excludeOtherWorkers(client, run.id)
      const progress = progressTeller(parts.db, run.id, batch.id)
      const result = await importBatch(client, tx, content, { batch, team, settings, signal, progress })
      await passGuardrails(tx, work, result)
      const { counts, warnings } = result
      const ended = await finishImported(tx, batch.id, result)
      await keepNewestErrors(tx, team.id)
      const reason = `${importedRecords(counts)} of ${counts.records} records were imported.`
      if (batch.upload_id) await setVerdict(tx, batch.upload_id, { verdict: 'imported', reason })
      await supersedeOlder(tx, work, 'imported')
      const toTell = settings.notifyOn === 'always' || ended !== 'imported' || Object.keys(warnings).length > 0
      if (toTell) await queueRecap(tx, { ...recapOf(work), waitForFile: batch.after_action !== null })
      await tellBatch(tx, team, batch.id)
      // Last, so that nothing can come between this and the commit.
      await holdLease(tx, parts.lease, 'abort')
      return ended
    },
    signal,
  )
}

/** The guardrails stop the batch: it is rolled back and waits for a person's decision. */
class BatchHeld extends Error {
  override readonly name = 'BatchHeld'
  readonly findings: GuardrailFinding[]
  readonly result: BatchResult | null
  constructor(findings: GuardrailFinding[], result: BatchResult | null) {
    super('held')
    this.findings = findings
    this.result = result
  }
}

async function passGuardrails(tx: Database, work: FileToImport, result: BatchResult): Promise<void> {
  const { batch, settings } = work
  const findings = await batchFindings(tx, work, result)
  if (batch.approved) {
    // Contacts may have changed since, also between the approval and now.
    if (!isAsShown(batch.approved, { counts: result.counts, findings })) throw new BatchHeld(findings, result)
  } else if (findings.length > 0 && settings.guardrails === 'hold' && batch.approved_by === null)
    throw new BatchHeld(findings, result)
  for (const { rule, message } of findings) {
    const code = GUARDRAIL_WARNINGS[rule]
    if (!code) continue
    result.warnings[code] = (result.warnings[code] ?? 0) + 1
    await warnAboutBatch(tx, batch.id, code, message)
  }
}

/** The file as it was when it was claimed, or null if another file, or none, has its name now. */
async function openContent(
  db: Database,
  { files, batch }: FileToImport,
  upload: Upload | null,
): Promise<OpenFile | null> {
  let content: OpenFile
  try {
    content = batch.temporary_name
      ? await files.openPending(batch.temporary_name)
      : await files.open(teamPath(batch.path))
  } catch (error) {
    if (error instanceof FileProblem && error.kind === 'not-found') return null
    throw error
  }
  let isIt = false
  try {
    const seen = seenOpen(files, content)
    // No other upload can have a hidden name.
    isIt = !upload || (batch.temporary_name ? await isFileOf(upload, seen) : await standsAs(db, upload, seen))
  } finally {
    if (!isIt) await content.close()
  }
  return isIt ? content : null
}

function replaced(batch: BatchRow): FileRejection {
  return {
    code: null,
    message: `${batch.file_name} was replaced or removed before it was read. Nothing was imported from it; a newer file is imported by the next run.`,
  }
}

/** Ends a batch whose import threw something that is not to be tried again. */
async function endWith(
  parts: ImportParts,
  work: FileToImport,
  error: unknown,
  content: OpenFile | null,
): Promise<void> {
  const { log } = parts
  const { batch, team } = work
  if (error instanceof BatchHeld) {
    await endHeld(parts, work, error)
    log.info({ batch: batch.id, team: team.team, rules: error.findings.map(({ rule }) => rule) }, 'batch held')
    return
  }
  const rejection = await withColumns(parts, work, rejectionOf(error, batch), content)
  if (rejection) {
    await endUnapplied(parts, work, 'rejected', rejection)
    log.info({ batch: batch.id, team: team.team, code: rejection.code }, 'batch rejected')
    return
  }
  log.error({ batch: batch.id, team: team.team, err: error }, 'batch failed')
  await endUnapplied(parts, work, 'failed', {
    code: null,
    message: `The service could not import ${batch.file_name}; its log says why under batch ${batch.id}. Nothing was imported; the file is still in its place and is tried again by the next run.`,
  })
}

/** A file that lacks a column is told with the column that most likely took its place. */
async function withColumns(
  { db, log }: ImportParts,
  { team, batch, settings }: FileToImport,
  rejection: FileRejection | null,
  content: OpenFile | null,
): Promise<FileRejection | null> {
  if (rejection?.code !== 'F_COLUMN_MISSING' || !content) return rejection
  try {
    const columns = await missingColumns(db, team.id, content, settings)
    // The file of a Manual Import is gone when its batch has ended.
    const message = batch.temporary_name ? rejection.message : withLikelyColumns(rejection.message, columns)
    return { ...rejection, message, columns }
  } catch (error) {
    if (isDatabaseAway(error)) throw error
    log.warn({ batch: batch.id, err: error }, 'no columns were proposed')
    return rejection
  }
}

function rejectionOf(error: unknown, batch: BatchRow): FileRejection | null {
  if (error instanceof BatchProblem) return { code: error.code, message: error.message }
  if (error instanceof FileProblem || isReadFault(error))
    return {
      code: 'F_UNREADABLE',
      message: `${batch.file_name} could not be read (${(error as Error).message}). Nothing was imported; the file is still in its place.`,
    }
  return null
}

/** A disk or permission error while the file was read. */
function isReadFault(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && (error.syscall === 'read' || error.syscall === 'open')
}

type Ending = Pick<FileToImport, 'run' | 'batch' | 'team' | 'settings'>

/** Ends the batch with nothing applied, tells the people, and leaves the file in its place. */
export async function endUnapplied(
  { db, lease }: ImportParts,
  work: Ending,
  state: 'rejected' | 'failed' | 'aborted',
  problem: FileRejection,
): Promise<void> {
  const { batch, settings } = work
  await db.transaction().execute(async (tx) => {
    await holdLease(tx, lease)
    await finishUnapplied(tx, batch.id, state, problem)
    if (batch.upload_id)
      await setVerdict(tx, batch.upload_id, {
        verdict: state === 'rejected' ? 'rejected' : 'waiting',
        reason: problem.message,
        settingsVersion: settings.version,
      })
    await queueRecap(tx, { ...recapOf(work), waitForFile: false })
    await tellBatch(tx, work.team, batch.id)
  })
}

async function endHeld({ db, lease }: ImportParts, work: Ending, { findings, result }: BatchHeld): Promise<void> {
  const { batch } = work
  await db.transaction().execute(async (tx) => {
    await holdLease(tx, lease)
    await finishHeld(tx, batch.id, result?.facts ?? { sha256: null, header: null }, {
      findings,
      counts: result?.counts ?? NO_COUNTS,
      samples: result?.samples ?? [],
      revision: 1,
    })
    if (batch.upload_id)
      await setVerdict(tx, batch.upload_id, {
        verdict: 'held',
        reason: heldReason(findings),
      })
    await supersedeOlder(tx, work, 'held')
    await queueRecap(tx, { ...recapOf(work), waitForFile: false })
    await tellBatch(tx, work.team, batch.id)
  })
}

export function heldReason(findings: readonly GuardrailFinding[]): string {
  return [...findings.map(({ message }) => message), 'Waiting for approval.'].join(' ')
}

/** The person who gave the file of a manual import gets the recap too. */
export function recapOf({ run, team, batch, settings }: Ending) {
  const list = splitAddresses(settings.notificationEmails)
  const giver = run.trigger === 'manual' && run.requested_by ? [run.requested_by] : []
  return { teamId: team.id, batchId: batch.id, recipients: [...new Set([...list, ...giver])] }
}
