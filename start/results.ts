import type { StorageGuard } from '../files/storage-guard.ts'
import { ResultsOut } from '../ingest/results/results-out.ts'
import type { Log } from '../log.ts'
import type { Database } from '../store/postgres/database.ts'
import type { Signals } from '../store/postgres/signals.ts'
import type { Stop } from './stops.ts'
import type { FileAreaOf } from './team-files.ts'

/** Writes the results for the senders that are due, then each new one. */
export function openResults(
  parts: { db: Database; log: Log; storage: StorageGuard; signals: Signals; fileAreaOf: FileAreaOf },
  stops: Stop[],
): void {
  const results = new ResultsOut(parts)
  results.open()
  parts.signals.subscribe(({ kind }) => {
    if (kind === 'file_due' || kind === 'reconnected') results.look()
  })
  stops.push(() => results.stop())
}
