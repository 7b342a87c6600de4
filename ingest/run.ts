import type { FileArea } from '../files/file-area.ts'
import { type RunState, runStateOf } from '../model/run.ts'
import type { Team } from '../model/team.ts'
import { sendSignal } from '../store/postgres/signals.ts'
import type { BatchRow, RunRow } from '../store/postgres/tables.ts'
import { addBatches, batchesOfRun, UNENDED } from '../store/runs/batches.ts'
import { holdLease, setRunFiles } from '../store/runs/runs.ts'
import { currentSettings, settingsOfVersion } from '../store/settings.ts'
import { lastImportedAt } from '../store/uploads/find-uploads.ts'
import { setVerdict } from '../store/uploads/verdict.ts'
import { runFile } from './choosing/fate-words.ts'
import { listCandidates } from './choosing/list-candidates.ts'
import { nearMisses } from './choosing/near-misses.ts'
import { selectFiles } from './choosing/select-files.ts'
import { finishFile } from './finish-file.ts'
import { endUnapplied, type ImportParts, importFile } from './import-file.ts'

export interface RunWork {
  run: RunRow
  team: Team
  files: FileArea
  signal: AbortSignal
}

/** The run's files exceed `mostBytes`. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge'
}

/**
 * One run: finds the files, imports each as a batch of its own, in order, with a recap of its own; a batch that fails
 * does not stop the rest. May be called again for a run that a dead process left behind: what is done is not done twice.
 * Throws `TooLarge` before anything is imported if the files that it finds have more than `mostBytes` in all; it knows them then.
 */
export async function importRun(
  parts: ImportParts,
  { run, team, files, signal }: RunWork,
  mostBytes: number | null = null,
): Promise<RunState> {
  let batches = await batchesOfRun(parts.db, run.id)
  if (batches.length === 0) {
    await discover(parts, run, team, files)
    batches = await batchesOfRun(parts.db, run.id)
    if (mostBytes !== null && batches.reduce((sum, { bytes }) => sum + bytes, 0) > mostBytes) throw new TooLarge()
  }
  for (const batch of batches) {
    signal.throwIfAborted()
    const settings = await settingsUsed(parts, team, batch)
    const work = { run, team, files, batch, settings, signal }
    if (UNENDED.includes(batch.state)) {
      await tell(parts, run, batch)
      await importFile(parts, work)
    }
    await finishFile(parts, work)
    await tell(parts, run, batch)
  }
  return runStateOf((await batchesOfRun(parts.db, run.id)).map((batch) => batch.state))
}

/** Ends what a run has not done yet: nothing more of it is applied, each file stays in its place, and the recaps go out. */
export async function endRun(
  parts: ImportParts,
  { run, team, files, how }: Omit<RunWork, 'signal'> & { how: 'failed' | 'aborted' },
): Promise<RunState> {
  for (const batch of await batchesOfRun(parts.db, run.id)) {
    const settings = await settingsUsed(parts, team, batch)
    const work = { run, team, files, batch, settings }
    if (UNENDED.includes(batch.state))
      await endUnapplied(parts, work, how, {
        code: null,
        message:
          how === 'aborted'
            ? `The run was aborted. Nothing was imported from ${batch.file_name}; it is imported by the next run.`
            : `The service could not import ${batch.file_name}; its log says why under run ${run.id}. Nothing was imported; the next run tries again.`,
      })
    await finishFile(parts, work)
  }
  return how
}

async function settingsUsed({ db }: ImportParts, team: Team, batch: BatchRow) {
  const settings = await settingsOfVersion(db, team.id, batch.settings_version)
  if (!settings) throw new Error(`the settings of version ${batch.settings_version} are gone`)
  return settings
}

async function tell({ db }: ImportParts, run: RunRow, batch: BatchRow): Promise<void> {
  await sendSignal(db, { kind: 'batch', runId: run.id, batchId: batch.id })
}

/** Decides what the run takes and writes it down: from here on the files are this run's. */
async function discover({ db, now, lease }: ImportParts, run: RunRow, team: Team, files: FileArea): Promise<void> {
  const settings = await currentSettings(db, team.id)
  const candidates = await listCandidates(db, files, team, settings.file, now())
  const { take, supersede, fates } = selectFiles(
    candidates,
    settings,
    run.trigger,
    await lastImportedAt(db, team.id, settings.file.path),
  )
  const missed = take.length === 0 ? await nearMisses(db, files, team, settings) : []
  await db.transaction().execute(async (tx) => {
    await holdLease(tx, lease)
    await setRunFiles(tx, run.id, [...fates, ...missed].map(runFile))
    await addBatches(
      tx,
      run,
      take.map((file) => ({
        uploadId: file.uploadId,
        temporaryName: file.temporaryName,
        approvedBy: null,
        path: file.path,
        fileName: file.name,
        bytes: file.bytes,
        receivedAt: file.receivedAt,
        settingsVersion: settings.version,
        afterImport: file.temporaryName ? null : settings.file.afterImport.action,
      })),
    )
    // A held one stays held until a person decides, however the run ends.
    for (const { uploadId, verdict } of take)
      if (uploadId && verdict !== 'held')
        await setVerdict(tx, uploadId, { verdict: 'claimed', reason: `Run ${run.number} imports it.` })
    for (const { uploadId } of supersede)
      if (uploadId)
        await setVerdict(tx, uploadId, {
          verdict: 'superseded',
          reason: take[0]
            ? `Run ${run.number} took the newer file ${take[0].name} instead.`
            : 'A newer file was imported before.',
        })
  })
}
