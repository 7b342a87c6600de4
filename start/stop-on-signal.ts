import type { Log } from '../log.ts'
import type { Service } from './service.ts'

/** A stop that takes longer is cut: whatever is left is taken up again at the next start. */
const STOP_WITHIN_MS = 9_500

/** Handles signals during the start, too: stops the parts started so far in order. */
export function stopOnSignal(starting: Promise<Service>, log: Log): void {
  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref()
    starting
      .then((service) => service.stop())
      .then(
        () => {
          log.info('stopped')
          process.exit(0)
        },
        // The start failed meanwhile, and `runService` says why.
        () => {},
      )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}
