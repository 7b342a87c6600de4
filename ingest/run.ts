import type { FileArea } from '../files/file-area.ts'
import { type RunState, runStateOf } from '../model/run.ts'
import type { Team } from '../model/team.ts'
import { addBatches, batchesOfRun } from '../store/batches.ts'
import { setRunFiles } from '../store/runs.ts'
import { currentSettings, settingsOfVersion } from '../store/settings.ts'
import type { BatchRow, RunRow } from '../store/tables.ts'
import { setVerdict } from '../store/uploads.ts'
import { selectFiles } from './find-files.ts'
import { finishFile } from './finish-file.ts'
import { type ImportParts, importFile } from './import-file.ts'
import { listCandidates } from './list-candidates.ts'

/** Batches in these states have been dealt with; in any other a process died over them, and they are imported (again) from the start. */
const ENDED: readonly BatchRow['state'][] = [
  'imported',
  'imported_with_errors',
  'rejected',
  'held',
  'failed',
  'aborted',
]

/**
 * One run: finds the files, imports each as a batch of its own, in order, with a recap of its own; a batch that fails
 * does not stop the rest. May be called again for a run that a dead process left behind: what is done is not done twice.
 */
export async function importRun(
  parts: ImportParts,
  run: RunRow,
  team: Team,
  files: FileArea,
  signal: AbortSignal,
): Promise<RunState> {
  let batches = await batchesOfRun(parts.db, run.id)
  if (batches.length === 0) {
    await discover(parts, run, team, files)
    batches = await batchesOfRun(parts.db, run.id)
  }
  for (const batch of batches) {
    signal.throwIfAborted()
    const settings = await settingsOfVersion(parts.db, team.id, batch.settings_version)
    if (!settings) throw new Error(`the settings of version ${batch.settings_version} are gone`)
    if (!ENDED.includes(batch.state)) await importFile(parts, { team, files, batch, settings, signal })
    await finishFile(parts, { team, files, batchId: batch.id, afterImport: settings.file.afterImport })
  }
  return runStateOf((await batchesOfRun(parts.db, run.id)).map((batch) => batch.state))
}

/** Decides what the run takes and writes it down: from here on the files are this run's. */
async function discover({ db, now }: ImportParts, run: RunRow, team: Team, files: FileArea): Promise<void> {
  const settings = await currentSettings(db, team.id)
  const candidates = await listCandidates(db, files, team, settings.file.path, now())
  const { take, supersede, files: found } = selectFiles(candidates, settings, run.trigger)
  await db.transaction().execute(async (tx) => {
    await setRunFiles(tx, run.id, found)
    await addBatches(
      tx,
      run,
      take.map((file) => ({
        uploadId: file.uploadId,
        path: file.path,
        fileName: file.name,
        bytes: file.bytes,
        receivedAt: file.receivedAt,
        settingsVersion: settings.version,
        afterImport: settings.file.afterImport.action,
      })),
    )
    for (const { uploadId } of take)
      if (uploadId) await setVerdict(tx, uploadId, { verdict: 'claimed', reason: `Run ${run.number} imports it.` })
    for (const { uploadId } of supersede)
      if (uploadId)
        await setVerdict(tx, uploadId, {
          verdict: 'superseded',
          reason: `Run ${run.number} imported the newer file ${take[0]?.name} instead.`,
        })
  })
}
