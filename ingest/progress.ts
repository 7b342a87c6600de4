import type { BatchProgress } from '../model/run.ts'
import type { Database } from '../store/postgres/database.ts'
import { sendSignal } from '../store/postgres/signals.ts'

/** At most four times a second. */
const EVERY_MS = 250

/** Signals the progress of a batch to every process, at most once in a quarter of a second. */
export function progressTeller(db: Database, runId: string, batchId: string): (progress: BatchProgress) => void {
  const begun = performance.now()
  let toldAt = Number.NEGATIVE_INFINITY
  let telling = false
  return (progress) => {
    const now = performance.now()
    if (telling || now - toldAt < EVERY_MS) return
    toldAt = now
    telling = true
    const seconds = Math.max((now - begun) / 1000, 0.001)
    const { bytesRead, bytes, records } = progress
    const signal = {
      kind: 'progress',
      runId,
      batchId,
      progress: {
        ...progress,
        recordsPerSecond: Math.round(records / seconds),
        secondsLeft: bytesRead > 0 ? Math.ceil(((bytes - bytesRead) * seconds) / bytesRead) : null,
      },
    } as const
    // Progress is a convenience; the import continues without it.
    sendSignal(db, signal)
      .catch(() => {})
      .finally(() => {
        telling = false
      })
  }
}
