import type { RunFile } from '../model/run.ts'
import type { NewBatch } from '../store/runs/batches.ts'

/** Named files, so that the run need not look for any. */
export interface NamedFiles {
  found: RunFile[]
  batches: NewBatch[]
  /** The held batch whose file it is, which the run approves as it is queued. */
  approves?: { batchId: string; revision: number }
}
