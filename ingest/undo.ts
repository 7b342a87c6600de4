import { splitAddresses } from '../model/import-settings.ts'
import type { UndoFigures } from '../model/run.ts'
import type { Team } from '../model/team.ts'
import { batchToUndo, finishUndone, lastBatches } from '../store/batches.ts'
import { UNDO_DAYS } from '../store/contacts/before.ts'
import { foreseeUndo, undoContacts } from '../store/contacts/undo.ts'
import type { Database } from '../store/database.ts'
import { queueNotice } from '../store/outbox.ts'
import { unfinishedRun } from '../store/run-history.ts'
import { holdRuns, runById } from '../store/runs.ts'
import { currentSettings } from '../store/settings.ts'
import type { BatchRow } from '../store/tables.ts'
import { setVerdict } from '../store/uploads/verdict.ts'
import { undoneNotice } from './notices.ts'

/** What undoing a batch did or would do, or why it cannot be undone. */
export type Undo = { ok: true; figures: UndoFigures } | { ok: false; refused: string }

/** What `undoBatch` would do if it were called now. */
export async function previewUndo(db: Database, team: Team, batchId: string): Promise<Undo> {
  const refused = await refusal(db, team, await batchToUndo(db, batchId), await unfinishedRun(db, team.id))
  return refused ? { ok: false, refused } : { ok: true, figures: await foreseeUndo(db, team.id, batchId) }
}

/**
 * Takes back what a batch did to the contacts, tells the people on the list, and leaves the file what it is: it is not
 * imported again by itself. All of it in one transaction, in which `record` may write down who did it, and during which no
 * run of the team begins.
 */
export async function undoBatch(
  db: Database,
  team: Team,
  batchId: string,
  by: string,
  record: (tx: Database, figures: UndoFigures) => Promise<void>,
): Promise<Undo> {
  return db.transaction().execute(async (tx) => {
    const unfinished = await holdRuns(tx, team.id)
    const batch = await batchToUndo(tx, batchId)
    const refused = await refusal(tx, team, batch, unfinished)
    if (refused) return { ok: false, refused }
    const figures = await undoContacts(tx, team.id, batchId)
    await finishUndone(tx, batchId, { by, at: new Date().toISOString(), ...figures })
    await judge(tx, batch, by)
    await tell(tx, team, batch, by, figures)
    await record(tx, figures)
    return { ok: true, figures }
  })
}

async function refusal(
  db: Database,
  team: Team,
  { state, undone, kept, finished_at }: BatchRow & { kept: boolean },
  unfinished: string | null,
): Promise<string | null> {
  if (undone) return `This batch was undone already, by ${undone.by}.`
  if (state !== 'imported' && state !== 'imported_with_errors')
    return 'Nothing of this batch was imported, so there is nothing to undo.'
  if (!kept) {
    const old = finished_at !== null && finished_at.getTime() < Date.now() - UNDO_DAYS * 86_400_000
    return old
      ? `This batch cannot be undone any more: what contacts held before an import is kept for ${UNDO_DAYS} days.`
      : 'This batch cannot be undone: it was imported before this service kept what contacts held before.'
  }
  if (!unfinished) return null
  const run = await runById(db, unfinished)
  return `Run #${run.number} of ${team.name} is going; undo this batch when it has ended.`
}

/** The file itself is done, unless a later batch says otherwise of it. */
async function judge(tx: Database, { id, upload_id }: BatchRow, by: string): Promise<void> {
  if (upload_id === null || (await lastBatches(tx, [upload_id])).get(upload_id)?.id !== id) return
  await setVerdict(tx, upload_id, { verdict: 'imported', reason: `It was imported, and undone by ${by}.` })
}

/** As a recap, to the list and to whoever gave the file by hand. */
async function tell(tx: Database, team: Team, batch: BatchRow, by: string, figures: UndoFigures): Promise<void> {
  const run = await runById(tx, batch.run_id)
  const { notificationEmails } = await currentSettings(tx, team.id)
  const giver = run.trigger === 'manual' && run.requested_by ? [run.requested_by] : []
  await queueNotice(tx, {
    teamId: team.id,
    kind: 'undone',
    recipients: [...new Set([...splitAddresses(notificationEmails), ...giver])],
    content: undoneNotice(team, { runNumber: run.number, fileName: batch.file_name, by, figures }),
  })
}
