import type { ImportSettings } from '../../model/import-settings.ts'
import type { RunFile } from '../../model/run.ts'
import type { TeamPath } from '../../model/team-path.ts'
import type { Upload } from '../../model/upload.ts'
import { isMatching } from '../../model/which-file.ts'
import type { Database } from '../../store/postgres/database.ts'
import type { BatchRow, RunRow } from '../../store/postgres/tables.ts'
import { runById, setRunFiles } from '../../store/runs/runs.ts'
import { freeUploads, setVerdict } from '../../store/uploads/verdict.ts'
import { wantSupersededResults } from '../../store/written/due-files.ts'
import { byReceipt } from './receipt.ts'

/**
 * Where only the most recent file is wanted, an imported or held one supersedes the older ones that match. Call in the
 * transaction that ends its batch: a file that was rejected has superseded none. One that another transaction has
 * locked is left to the next run, so that this one need not wait.
 */
export async function supersedeOlder(
  tx: Database,
  { run, batch, settings }: { run: RunRow; batch: BatchRow; settings: ImportSettings },
  how: 'imported' | 'held',
): Promise<void> {
  const taken = { path: batch.path as TeamPath, receivedAt: batch.received_at }
  const competes = batch.upload_id !== null && batch.temporary_name === null
  if (settings.file.select !== 'most_recent' || !competes || !isMatching(taken.path, settings.file)) return
  const reason = `Run ${run.number} ${how} the newer file ${batch.file_name}.`
  const superseded = new Map<string, RunFile>()
  const waited: Upload[] = []
  for (const upload of await freeUploads(tx, run.team_id, ['waiting', 'rejected'])) {
    const { id, path, receivedAt } = upload
    if (!isMatching(path, settings.file) || byReceipt({ path, receivedAt }, taken) >= 0) continue
    await setVerdict(tx, id, { verdict: 'superseded', reason })
    superseded.set(path, { path, verdict: 'superseded', reason })
    // One that was rejected has been told why.
    if (upload.verdict === 'waiting') waited.push(upload)
  }
  if (superseded.size === 0) return
  await wantSupersededResults(tx, run.team_id, waited)
  const { files } = await runById(tx, run.id)
  const others = files.filter(({ path }) => !superseded.has(path))
  await setRunFiles(
    tx,
    run.id,
    [...others, ...superseded.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
  )
}
