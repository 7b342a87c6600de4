import { DAY_MS } from '../../../model/time.ts'

/** The release of PostgreSQL in the package that package.json names, and the day on which postgresql.org published it. */
export const RELEASE = { version: '18.4', date: '2026-05-14' }

/** PostgreSQL publishes fixes for every supported version each February, May, August and November. */
const BETWEEN_RELEASES_DAYS = 100

/** By the calendar alone: nothing is asked over the network. */
export function newerReleaseExists(now: Date): boolean {
  return now.getTime() - Date.parse(RELEASE.date) > BETWEEN_RELEASES_DAYS * DAY_MS
}
