import { type FileArea, FileProblem } from '../files/file-area.ts'
import { seenFile } from '../files/seen-file.ts'
import type { FileCheck } from '../model/check.ts'
import { type Batch, type FileVerdict, type HeldBatch, NO_COUNTS } from '../model/run.ts'
import type { Team } from '../model/team.ts'
import { nameOf, type TeamPath } from '../model/team-path.ts'
import type { Upload } from '../model/upload.ts'
import type { Database } from '../store/postgres/database.ts'
import type { BatchRow } from '../store/postgres/tables.ts'
import { batchById, DecidedBefore, decideHeld, heldFigures, holdAnew, type NewBatch } from '../store/runs/batches.ts'
import { currentSettings } from '../store/settings.ts'
import { uploadById } from '../store/uploads/find-uploads.ts'
import { standsAs, uploadOfFile } from '../store/uploads/recognise.ts'
import { setVerdict } from '../store/uploads/verdict.ts'
import { isAsShown } from './batch-findings.ts'
import { heldReason } from './import-file.ts'
import type { GivenFile } from './manual-import.ts'
import type { NamedFiles } from './named-files.ts'
import type { Importer, StartedRun } from './run-queue.ts'
import { tellBatch } from './telling/tell-batch.ts'

/** `refused` says why the decision could not be carried out. */
export type Decided = StartedRun | { ok: false; refused: string }

/** `shownAnew`: the batch has other figures now, for the reason given, and waits for an approval of these. */
export type Approval = Decided | { ok: false; shownAnew: string }

/** The dry run of a file, one of the root or one under a hidden name. */
export type CheckHeldFile = (file: TeamPath | GivenFile) => Promise<FileCheck>

export interface ApprovalParts {
  db: Database
  importer: Pick<Importer, 'startNamed'>
  files: FileArea
  check: CheckHeldFile
}

/**
 * Imports the very file of a held batch as a run of its own, if that still does exactly what was shown: the settings are
 * those of then, and a check has the same figures. Otherwise the batch gets the figures of now and stays held. `revision`:
 * the figures that the person saw; null for those that the batch has.
 */
export async function approveHeld(
  { db, importer, files, check }: ApprovalParts,
  team: Team,
  batchId: string,
  { by, revision = null }: { by: string; revision?: number | null },
): Promise<Approval> {
  const batch = await batchById(db, batchId)
  if (batch.state !== 'held' || batch.decision !== null) return DECIDED
  const upload = batch.upload_id ? await uploadById(db, batch.upload_id) : null
  if (upload && batch.temporary_name === null && !(await stillStands(db, files, upload))) return replaced(batch)
  const shown = heldFigures(batch) ?? { findings: [], counts: NO_COUNTS, samples: [], revision: 1 }
  if (revision !== null && revision !== shown.revision) return { ok: false, shownAnew: OTHER_FIGURES }
  const settings = await currentSettings(db, team.id)
  const now = await check(fileOf(batch)).catch(nothing)
  const isOther = batch.sha256 !== null && now?.sha256 !== batch.sha256 && !now?.problem
  // A discard meanwhile removes a file that has no name.
  if (!now || isOther) return (await batchById(db, batchId)).decision === null ? replaced(batch) : DECIDED
  if (now.problem)
    return {
      ok: false,
      refused: `With the settings of now ${batch.file_name} cannot be imported. ${now.problem.message}`,
    }
  const changed = settings.version !== batch.settings_version
  if (changed || now.settingsVersion !== settings.version || !isAsShown(shown, seen(now))) {
    await showAnew(db, batch, shown, now)
    return { ok: false, shownAnew: changed ? SETTINGS_CHANGED : CONTACTS_CHANGED }
  }
  const approved: NewBatch = {
    uploadId: batch.upload_id,
    temporaryName: batch.temporary_name,
    approvedBy: by,
    approved: shown,
    path: batch.path as TeamPath,
    fileName: batch.file_name,
    bytes: batch.bytes,
    receivedAt: batch.received_at,
    settingsVersion: settings.version,
    afterImport: batch.after_action && settings.file.afterImport.action,
  }
  const approves = { batchId, revision: shown.revision }
  try {
    return await importer.startNamed(team, { ...named(approved, `Approved by ${by}.`), approves }, by)
  } catch (error) {
    if (error instanceof DecidedBefore) return DECIDED
    throw error
  }
}

const DECIDED: Decided = { ok: false, refused: 'This batch is not held, or has already been decided.' }
const NOTHING_YET = 'Nothing was imported. Approve again to import exactly what the new figures say.'
const SETTINGS_CHANGED = `The settings have changed since this batch was held, so it was checked again. ${NOTHING_YET}`
const CONTACTS_CHANGED = `The contacts have changed since this batch was held, so it was checked again. ${NOTHING_YET}`
const OTHER_FIGURES = `This batch was checked again since these figures were shown. ${NOTHING_YET}`

function replaced({ file_name }: BatchRow): Decided {
  return {
    ok: false,
    refused: `${file_name} was replaced or removed since it was held. Nothing was imported; the newer file is imported by the next run.`,
  }
}

function fileOf({ temporary_name, path, file_name, bytes, sha256 }: BatchRow): TeamPath | GivenFile {
  if (temporary_name === null) return path as TeamPath
  return { temporaryName: temporary_name, fileName: file_name, bytes, sha256 }
}

/** The figures of a check, as an import has them. */
function seen({ counts: { imported: _, ...counts }, guardrails: { findings } }: FileCheck) {
  return { counts, findings }
}

async function showAnew(db: Database, batch: BatchRow, shown: HeldBatch, now: FileCheck): Promise<void> {
  const unconfirmed = shown.findings.filter(({ rule }) => rule === 'unconfirmed')
  const { counts, findings } = seen(now)
  const all = [...unconfirmed, ...findings]
  const held = { findings: all, counts, samples: now.samples, revision: shown.revision + 1 }
  await db.transaction().execute(async (tx) => {
    if ((await holdAnew(tx, batch.id, held, now.settingsVersion)) && batch.upload_id)
      await setVerdict(tx, batch.upload_id, { verdict: 'held', reason: heldReason(all) })
  })
}

/** Leaves the file of a held batch where it is; it is not tried again until the file or the settings change. */
export async function discardHeld(
  db: Database,
  { team, files }: { team: Team; files: FileArea },
  batchId: string,
  by: string,
): Promise<boolean> {
  const batch = await batchById(db, batchId)
  const discarded = await db.transaction().execute(async (tx) => {
    if (!(await decideHeld(tx, batchId, 'discarded', by))) return false
    if (batch.upload_id)
      await setVerdict(tx, batch.upload_id, {
        verdict: 'rejected',
        reason: `Held, and discarded by ${by}.`,
        settingsVersion: batch.settings_version,
      })
    await tellBatch(tx, team, batchId, 'discarded')
    return true
  })
  if (discarded && batch.temporary_name) await (await files.resume(batch.temporary_name))?.discard()
  return discarded
}

const IMPORTABLE: readonly FileVerdict[] = ['waiting', 'superseded', 'rejected', 'imported']

/** Imports one file of the root by name, also one that a newer file superseded. The guardrails count. */
export async function importAnyway(
  db: Database,
  importer: Importer,
  { team, files }: { team: Team; files: FileArea },
  path: TeamPath,
  by: string,
): Promise<Decided> {
  const upload = await uploadAt(db, files, team, path)
  if (upload?.state !== 'ready') return { ok: false, refused: `No file that was received whole stands at ${path}.` }
  if (!IMPORTABLE.includes(upload.verdict ?? 'waiting'))
    return { ok: false, refused: `${nameOf(path)} is held: approve or discard it.` }
  const settings = await currentSettings(db, team.id)
  const batch: NewBatch = {
    uploadId: upload.id,
    temporaryName: null,
    approvedBy: null,
    path,
    fileName: nameOf(path),
    bytes: upload.bytes,
    receivedAt: upload.receivedAt,
    settingsVersion: settings.version,
    afterImport: settings.file.afterImport.action,
  }
  return importer.startNamed(team, named(batch, `Named by ${by}.`), by)
}

function named(batch: NewBatch, reason: string): NamedFiles {
  return { found: [{ path: batch.path, verdict: 'claimed', reason }], batches: [batch] }
}

export async function stillStands(db: Database, files: FileArea, upload: Upload): Promise<boolean> {
  const entry = await files.stat(upload.path).catch(nothing)
  return entry !== null && standsAs(db, upload, seenFile(files, entry))
}

async function uploadAt(db: Database, files: FileArea, team: Team, path: TeamPath): Promise<Upload | undefined> {
  const entry = await files.stat(path).catch(nothing)
  return entry ? uploadOfFile(db, team.id, seenFile(files, entry)) : undefined
}

function nothing(error: unknown): null {
  if (error instanceof FileProblem) return null
  throw error
}

/** The actions that a page may offer for a batch. */
export function actionsOf({ state, held }: Batch): ('approve' | 'discard')[] {
  return state === 'held' && held?.decision === null ? ['approve', 'discard'] : []
}
