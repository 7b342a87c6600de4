import type { RunProgress } from '../../model/run.ts'
import type { Signals } from '../../store/postgres/signals.ts'

/** The last progress of a batch that any process reported. */
export interface BatchProgressTold {
  batchId: string
  progress: RunProgress
}

/** The last progress of each running import, for display only. */
export class LiveProgress {
  readonly #told = new Map<string, BatchProgressTold>()

  constructor(signals: Pick<Signals, 'subscribe'>) {
    signals.subscribe((signal) => {
      if (signal.kind === 'progress')
        this.#told.set(signal.runId, { batchId: signal.batchId, progress: signal.progress })
      if (signal.kind === 'finished') this.#told.delete(signal.runId)
      if (signal.kind === 'reconnected') this.#told.clear()
    })
  }

  of(runId: string): BatchProgressTold | null {
    return this.#told.get(runId) ?? null
  }
}
