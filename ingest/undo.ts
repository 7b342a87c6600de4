import type { AuditActor } from '../model/audit.ts'
import { splitAddresses } from '../model/import-settings.ts'
import type { UndoFigures } from '../model/run.ts'
import type { Team } from '../model/team.ts'
import { DAY_MS } from '../model/time.ts'
import { audit } from '../store/audit.ts'
import { foreseeUndo, undoContacts } from '../store/contacts/history/undo-contacts.ts'
import { UNDO_DAYS } from '../store/contacts/history/values-before.ts'
import { queueNotice } from '../store/outbox.ts'
import { type Database, inTransaction } from '../store/postgres/database.ts'
import { isDatabaseAway } from '../store/postgres/database-errors.ts'
import { sendSignal } from '../store/postgres/signals.ts'
import type { BatchRow, RunRow, UndoRequest } from '../store/postgres/tables.ts'
import { batchById, batchToUndo, finishNotUndone, finishUndone, lastBatches } from '../store/runs/batches.ts'
import { type UnfinishedRun, unfinishedRun } from '../store/runs/run-history.ts'
import { excludeOtherWorkers, holdRuns, LeaseLost, runById } from '../store/runs/runs.ts'
import { endUndo, requestUndo } from '../store/runs/undo-requests.ts'
import { currentSettings } from '../store/settings.ts'
import { setVerdict } from '../store/uploads/verdict.ts'
import type { ImportParts } from './import-file.ts'
import { undoneNotice } from './telling/notices.ts'
import { tellBatch } from './telling/tell-batch.ts'

/** `refused` says why the batch cannot be undone. */
export type Undo = { ok: true; figures: UndoFigures } | { ok: false; refused: string }

/** The answer to an undo request; the process that claims it carries it out. */
export type UndoAsked = { ok: true } | { ok: false; refused: string }

/** Who wants a batch undone, and from where. */
export interface UndoAsker {
  email: string
  actor: AuditActor
}

/** The figures as of now; changes nothing. */
export async function previewUndo(db: Database, team: Team, batchId: string): Promise<Undo> {
  const batch = await batchToUndo(db, batchId)
  const refused = await refusal(db, team, batch, await unfinishedRun(db, team.id))
  return refused ? { ok: false, refused } : { ok: true, figures: await foreseeUndo(db, team.id, batchId) }
}

/**
 * Queues the undo of a batch for the process that claims its run. A second request meanwhile gets the same answer; until it has ended no run of
 * the team begins.
 */
export async function askUndo(
  db: Database,
  team: Team,
  batchId: string,
  { email, actor }: UndoAsker,
): Promise<UndoAsked> {
  return db.transaction().execute(async (tx) => {
    const unfinished = await holdRuns(tx, team.id)
    const batch = await batchToUndo(tx, batchId)
    if (isBeingUndone(batch)) return { ok: true }
    const refused = await refusal(tx, team, batch, unfinished)
    if (refused) return { ok: false, refused }
    await requestUndo(tx, batch, { by: email, at: new Date().toISOString(), actor })
    return { ok: true }
  })
}

/**
 * Takes back what a batch did to the contacts, tells the people on the list, and leaves the file what it is: it is not
 * imported again by itself. All of it in one transaction, with who did it. A fault of ours changes nothing but that the
 * batch says so; an orderly stop, a lost lease and a lost database rise, and the next process to claim the run begins again.
 */
export async function carryOutUndo(
  parts: ImportParts,
  { run, team, signal }: { run: RunRow; team: Team; signal: AbortSignal },
): Promise<'undone' | 'failed'> {
  const { db, log, lease } = parts
  const batchId = run.undoing as string
  try {
    await undoBatch(parts, { run, team, batchId, signal })
    return 'undone'
  } catch (error) {
    if (signal.aborted || isDatabaseAway(error) || error instanceof LeaseLost) throw error
    log.error({ run: run.id, batch: batchId, team: team.team, err: error }, 'undo failed')
    await db.transaction().execute(async (tx) => {
      await endUndo(tx, lease)
      await finishNotUndone(tx, batchId)
    })
    return 'failed'
  } finally {
    await sendSignal(db, { kind: 'batch', runId: run.id, batchId }).catch(() => {})
  }
}

async function undoBatch(
  { pool, lease }: ImportParts,
  { run, team, batchId, signal }: { run: RunRow; team: Team; batchId: string; signal: AbortSignal },
): Promise<void> {
  await inTransaction(
    pool,
    async (client, tx) => {
      await excludeOtherWorkers(client, run.id)
      const batch = await batchById(tx, batchId)
      const { by, actor } = batch.undo_request as UndoRequest
      const figures = await undoContacts(tx, team.id, batchId)
      await finishUndone(tx, batchId, { by, at: new Date().toISOString(), ...figures })
      await judge(tx, batch, by)
      await tell(tx, team, batch, by, figures)
      await tellBatch(tx, team, batchId)
      const { restored, removed, left } = figures
      const details = { runId: run.id, restored, removed, left }
      await audit(tx, actor, { action: 'batch.undo', team, subject: batchId, details })
      // Last, so that nothing can come between this and the commit.
      await endUndo(tx, lease)
    },
    signal,
  )
}

function isBeingUndone({ undo_request }: BatchRow): boolean {
  return undo_request !== null && !undo_request.failed
}

async function refusal(
  db: Database,
  team: Team,
  batch: BatchRow & { kept: boolean },
  unfinished: UnfinishedRun | null,
): Promise<string | null> {
  const { state, undone, undo_request, kept, finished_at } = batch
  if (isBeingUndone(batch)) return `This batch is being undone, as ${undo_request?.by} asked.`
  if (undone) return `This batch was undone already, by ${undone.by}.`
  if (state !== 'imported' && state !== 'imported_with_errors')
    return 'Nothing of this batch was imported, so there is nothing to undo.'
  if (!kept) {
    const old = finished_at !== null && finished_at.getTime() < Date.now() - UNDO_DAYS * DAY_MS
    return old
      ? `This batch cannot be undone any more: what contacts held before an import is kept for ${UNDO_DAYS} days.`
      : 'This batch cannot be undone: it was imported before this service kept what contacts held before.'
  }
  if (!unfinished) return null
  const run = await runById(db, unfinished.runId)
  return unfinished.undoing
    ? `Run #${run.number} of ${team.name} is being undone; undo this batch when that has ended.`
    : `Run #${run.number} of ${team.name} is going; undo this batch when it has ended.`
}

/** The file itself is done, unless a later batch says otherwise of it. */
async function judge(tx: Database, { id, upload_id }: BatchRow, by: string): Promise<void> {
  if (upload_id === null || (await lastBatches(tx, [upload_id])).get(upload_id)?.id !== id) return
  await setVerdict(tx, upload_id, { verdict: 'imported', reason: `It was imported, and undone by ${by}.` })
}

/** As a recap, to the list and to the person of a Manual Import. */
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
