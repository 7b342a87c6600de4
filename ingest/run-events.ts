import { type Batch, isAtWork, type Run, type RunProgress } from '../model/run.ts'
import type { Database } from '../store/postgres/database.ts'
import type { Signal, Signals } from '../store/postgres/signals.ts'
import { findBatch, findRun } from '../store/runs/run-history.ts'

export type RunEvent =
  | { event: 'progress'; data: RunProgress & { batchId: string } }
  | { event: 'batch'; data: Batch }
  | { event: 'finished'; data: Run }

/** A signal may be lost with a connection, so the run is polled too. */
const LOOK_MS = 5_000

/**
 * Follows a run, whichever process works on it: each batch as it begins and ends, how far it has come, and the end, with
 * which the events end too. `signal` ends them earlier.
 */
export async function* runEvents(
  db: Database,
  signals: Pick<Signals, 'subscribe'>,
  runId: string,
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  const inbox = new Inbox()
  const unsubscribe = signals.subscribe((heard) => inbox.put(heard))
  const timer = setInterval(() => inbox.put({ kind: 'reconnected' }), LOOK_MS)
  signal.addEventListener('abort', () => inbox.put({ kind: 'reconnected' }), { once: true })
  try {
    inbox.put({ kind: 'reconnected' })
    while (!signal.aborted) {
      const heard = await inbox.take()
      if (signal.aborted) return
      if ('runId' in heard && heard.runId !== runId) continue
      if (heard.kind === 'progress') yield { event: 'progress', data: { batchId: heard.batchId, ...heard.progress } }
      if (heard.kind === 'batch') {
        const found = await findBatch(db, heard.batchId)
        if (found) yield { event: 'batch', data: found.batch }
      }
      if (heard.kind === 'finished' || heard.kind === 'reconnected') {
        const found = await findRun(db, runId)
        if (!found) return
        if (!isAtWork(found.run)) {
          yield { event: 'finished', data: found.run }
          return
        }
      }
    }
  } finally {
    clearInterval(timer)
    unsubscribe()
  }
}

/** Signals that wait to be looked at. Only the last progress is kept: a slow reader must not fill the memory. */
class Inbox {
  #waiting: Signal[] = []
  #wake: () => void = () => {}

  put(signal: Signal): void {
    if (signal.kind === 'progress') this.#waiting = this.#waiting.filter(({ kind }) => kind !== 'progress')
    this.#waiting.push(signal)
    this.#wake()
  }

  async take(): Promise<Signal> {
    for (;;) {
      const next = this.#waiting.shift()
      if (next) return next
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
