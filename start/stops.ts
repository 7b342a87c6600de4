import type { Log } from '../log.ts'

/** How a started part is stopped. */
export type Stop = () => unknown

/** Stops in reverse order what has been put on `stops`, once; one that fails does not keep the others from it. */
export async function stopInReverse(stops: Stop[], log: Log): Promise<void> {
  for (const stop of stops.splice(0).reverse())
    await Promise.resolve()
      .then(stop)
      .catch((error) => log.error({ err: error }, 'component failed to stop'))
}
