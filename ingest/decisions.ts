import { type FileArea, FileProblem } from '../files/file-area.ts'
import { seenFile } from '../files/seen-file.ts'
import type { Batch, FileVerdict } from '../model/run.ts'
import type { Team } from '../model/team.ts'
import { nameOf, type TeamPath } from '../model/team-path.ts'
import type { Upload } from '../model/upload.ts'
import type { Database } from '../store/postgres/database.ts'
import { batchById, DecidedBefore, decideHeld, type NewBatch } from '../store/runs/batches.ts'
import { currentSettings, settingsOfVersion } from '../store/settings.ts'
import { uploadById } from '../store/uploads/find-uploads.ts'
import { standsAs, uploadOfFile } from '../store/uploads/recognise.ts'
import { setVerdict } from '../store/uploads/verdict.ts'
import type { NamedFiles } from './named-files.ts'
import type { Importer, StartedRun } from './run-queue.ts'

/** `refused` says why the decision could not be carried out. */
export type Decided = StartedRun | { ok: false; refused: string }

/** Imports the very file of a held batch, under the settings that it was held with and without the guardrails, as a run of its own. */
export async function approveHeld(
  db: Database,
  importer: Importer,
  { team, files }: { team: Team; files: FileArea },
  batchId: string,
  by: string,
): Promise<Decided> {
  const batch = await batchById(db, batchId)
  if (batch.state !== 'held' || batch.decision !== null) return DECIDED
  const upload = batch.upload_id ? await uploadById(db, batch.upload_id) : null
  if (upload && batch.temporary_name === null && !(await stillStands(db, files, upload)))
    return {
      ok: false,
      refused: `${batch.file_name} was replaced or removed since it was held. Nothing was imported; the newer file is imported by the next run.`,
    }
  // The approved figures belong to these settings, whatever was saved since.
  const settings = await settingsOfVersion(db, team.id, batch.settings_version)
  if (!settings) throw new Error(`the settings of version ${batch.settings_version} are gone`)
  const approved: NewBatch = {
    uploadId: batch.upload_id,
    temporaryName: batch.temporary_name,
    approvedBy: by,
    path: batch.path as TeamPath,
    fileName: batch.file_name,
    bytes: batch.bytes,
    receivedAt: batch.received_at,
    settingsVersion: settings.version,
    afterImport: batch.after_action && settings.file.afterImport.action,
  }
  try {
    return await importer.startNamed(team, { ...named(approved, `Approved by ${by}.`), approves: batchId }, by)
  } catch (error) {
    if (error instanceof DecidedBefore) return DECIDED
    throw error
  }
}

const DECIDED: Decided = { ok: false, refused: 'This batch is not held, or has already been decided.' }

/** Leaves the file of a held batch where it is; it is not tried again until the file or the settings change. */
export async function discardHeld(db: Database, files: FileArea, batchId: string, by: string): Promise<boolean> {
  const batch = await batchById(db, batchId)
  const discarded = await db.transaction().execute(async (tx) => {
    if (!(await decideHeld(tx, batchId, 'discarded', by))) return false
    if (batch.upload_id)
      await setVerdict(tx, batch.upload_id, {
        verdict: 'rejected',
        reason: `Held, and discarded by ${by}.`,
        settingsVersion: batch.settings_version,
      })
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

async function stillStands(db: Database, files: FileArea, upload: Upload): Promise<boolean> {
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
