import type { FileArea } from '../files/file-area.ts'
import { type RunState, runStateOf } from '../model/run.ts'
import type { Team } from '../model/team.ts'
import { sendSignal } from '../store/postgres/signals.ts'
import type { BatchRow, RunRow } from '../store/postgres/tables.ts'
import { addBatches, batchesOfRun, UNENDED } from '../store/runs/batches.ts'
import { holdLease, setRunFiles } from '../store/runs/runs.ts'
import { currentSettings, settingsOfVersion } from '../store/settings.ts'
import { lastTakenAt } from '../store/uploads/find-uploads.ts'
import { setVerdict } from '../store/uploads/verdict.ts'
import { runFile } from './choosing/fate-words.ts'
import { listCandidates } from './choosing/list-candidates.ts'
import { nearMisses } from './choosing/near-misses.ts'
import { NEWER_TAKEN, selectFiles } from './choosing/select-files.ts'
import { finishFile } from './finish-file.ts'
import { endUnapplied, type ImportParts, importFile } from './import-file.ts'
import type { ImportRoom } from './import-room.ts'

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

/** The disk of the database is full; what the run has not finished is rolled back and waits. */
export class NoRoomLeft extends Error {
  override readonly name = 'NoRoomLeft'
}

export type RunParts = ImportParts & { room: Pick<ImportRoom, 'look'> }

/**
 * One run: finds the files, imports each as a batch of its own, in order, with a recap of its own; a batch that fails
 * does not stop the rest. Where only the most recent file is wanted and it cannot be read, the run looks again and takes
 * the next older one. May be called again for a run that a dead process left behind: what is done is not done twice.
 * Throws `NoRoomLeft` between two batches, and `TooLarge` before it imports more than `mostBytes` in all; the files are
 * known then.
 */
export async function importRun(parts: RunParts, work: RunWork, mostBytes: number | null = null): Promise<RunState> {
  const { run } = work
  let done = 0
  for (;;) {
    const batches = await batchesOfRun(parts.db, run.id)
    if (mostBytes !== null && batches.reduce((sum, { bytes }) => sum + bytes, 0) > mostBytes) throw new TooLarge()
    for (const batch of batches.slice(done)) await importOne(parts, work, batch)
    work.signal.throwIfAborted()
    const ended = await batchesOfRun(parts.db, run.id)
    done = ended.length
    if (!(await looksAgain(parts, work, ended)) || !(await discover(parts, work, ended)))
      return runStateOf(ended.map((batch) => batch.state))
  }
}

async function importOne(parts: RunParts, { run, team, files, signal }: RunWork, batch: BatchRow): Promise<void> {
  signal.throwIfAborted()
  const settings = await settingsUsed(parts, team, batch)
  const work = { run, team, files, batch, settings, signal }
  if (UNENDED.includes(batch.state)) {
    if (!(await parts.room.look())) throw new NoRoomLeft()
    await tell(parts, run, batch)
    await importFile(parts, work)
  }
  await finishFile(parts, work)
  await tell(parts, run, batch)
}

/** At first, and after the most recent file could not be read. */
async function looksAgain(parts: ImportParts, { run, team }: RunWork, batches: readonly BatchRow[]): Promise<boolean> {
  if (run.named) return false
  const last = batches.findLast(({ temporary_name }) => temporary_name === null)
  if (!last) return batches.length === 0
  return last.state === 'rejected' && (await settingsUsed(parts, team, last)).file.select === 'most_recent'
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
            ? `The run was stopped. Nothing was imported from ${batch.file_name}; the next run imports it.`
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

/**
 * Decides what the run takes, beside what it has `tried`, and writes it down: from here on the files are this run's.
 * Answers whether it takes any.
 */
async function discover(
  { db, now, lease }: ImportParts,
  { run, team, files }: RunWork,
  tried: readonly BatchRow[],
): Promise<boolean> {
  const settings = await currentSettings(db, team.id)
  const candidates = await listCandidates(db, files, team, settings.file, now())
  const { take, supersede, fates } = selectFiles(candidates, settings, run.trigger, {
    lastTakenAt: await lastTakenAt(db, team.id, settings.file.path),
    tried: new Set(tried.flatMap(({ upload_id }) => upload_id ?? [])),
  })
  const missed = take.length + tried.length === 0 ? await nearMisses(db, files, team, settings) : []
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
      if (uploadId) await setVerdict(tx, uploadId, { verdict: 'superseded', reason: NEWER_TAKEN })
  })
  return take.length > 0
}
