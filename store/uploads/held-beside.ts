import { sql } from 'kysely'
import { splitAddresses } from '../../model/import-settings.ts'
import { NO_COUNTS, UNCONFIRMED } from '../../model/run.ts'
import { nameOf } from '../../model/team-path.ts'
import { queueRecap } from '../outbox.ts'
import type { Database } from '../postgres/database.ts'
import { sendSignal } from '../postgres/signals.ts'
import { addBatches, batchesOfRun, finishHeld } from '../runs/batches.ts'
import { addEndedRun } from '../runs/runs.ts'
import { currentSettings } from '../settings.ts'
import { wantBatchResult } from '../written/due-files.ts'
import { uploadOf } from './find-uploads.ts'
import type { UnfinishedUpload } from './unfinished-uploads.ts'
import { verdictColumns } from './verdict.ts'

/**
 * An unconfirmed upload that may be cut off keeps its hidden name until a person decides; its path stays as it is. Within the
 * same transaction people are asked: a run of its own, which ends at once, shows it as a held batch, and the recap is queued.
 */
export async function holdBeside(
  db: Database,
  upload: Pick<UnfinishedUpload, 'id' | 'teamId' | 'path' | 'bytes' | 'receivedAt' | 'temporaryName'>,
  reason: string,
): Promise<void> {
  const { id, teamId, path } = upload
  const isHeld = await db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('upload')
      .set({ state: 'ready', gone_at: sql<Date>`clock_timestamp()`, ...verdictColumns({ verdict: 'held', reason }) })
      .where('id', '=', id)
      .where('state', '=', 'unconfirmed')
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return false
    const { version, notificationEmails } = await currentSettings(tx, teamId)
    const run = await addEndedRun(tx, teamId, { state: 'held', files: [{ path, verdict: 'held', reason }] })
    const file = { uploadId: id, path, fileName: nameOf(path), bytes: upload.bytes, receivedAt: upload.receivedAt }
    const batch = { ...file, temporaryName: upload.temporaryName, approvedBy: null, settingsVersion: version }
    await addBatches(tx, run, [{ ...batch, afterImport: null }])
    const held = { findings: [UNCONFIRMED], counts: NO_COUNTS, samples: [], revision: 1 }
    for (const { id: batchId } of await batchesOfRun(tx, run.id)) {
      await finishHeld(tx, batchId, { sha256: null, header: null }, held)
      const recipients = splitAddresses(notificationEmails)
      await queueRecap(tx, { teamId, batchId, recipients, waitForFile: false })
      await wantBatchResult(tx, teamId, batchId)
    }
    return true
  })
  if (isHeld) await sendSignal(db, { kind: 'mail_queued' }).catch(() => {})
}

const isHeldBeside = sql<boolean>`(state = 'ready' and gone_at is not null and verdict = 'held' and temporary_name is not null)`

/** The uploads of a team that are held under their hidden names, oldest receipt first. */
export async function heldBeside(db: Database, teamId: number): Promise<UnfinishedUpload[]> {
  const rows = await db
    .selectFrom('upload')
    .selectAll()
    .where('team_id', '=', teamId)
    .where(isHeldBeside)
    .orderBy('received_at')
    .execute()
  return rows.map((row) => ({ ...uploadOf(row), temporaryName: row.temporary_name }))
}

/** The uploads of a team that have no name: unfinished ones and those that are held beside. */
export async function namelessUploads(db: Database, teamId: number): Promise<UnfinishedUpload[]> {
  const rows = await db
    .selectFrom('upload')
    .selectAll()
    .where('team_id', '=', teamId)
    .where(sql<boolean>`(state in ('receiving', 'unconfirmed') or ${isHeldBeside})`)
    .orderBy('started_at')
    .execute()
  return rows.map((row) => ({ ...uploadOf(row), temporaryName: row.temporary_name }))
}
