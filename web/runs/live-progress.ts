import type { RunProgress } from '../../model/run.ts'
import type { Signals } from '../../store/postgres/signals.ts'

/** How far the batch of a run has come, as last told. */
export interface BatchProgressTold {
  batchId: string
  progress: RunProgress
}

/** What any process last told of the runs that are going: a hint that is shown while it is there. */
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
