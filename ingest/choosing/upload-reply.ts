import { WINDOW_NAMES } from '../../model/daily-windows.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import { nameOf, type TeamPath } from '../../model/team-path.ts'
import type { Database } from '../../store/postgres/database.ts'
import { currentSettings } from '../../store/settings.ts'
import { fateOfArrival, type Outlook, outlookAt } from './fate.ts'
import { replyWords } from './fate-words.ts'

/** The next slot is computed once and is valid for all uploads until it opens or ends. */
export class Outlooks {
  readonly #known = new Map<string, Outlook & { from: Date; until: Date | undefined }>()

  at(schedule: ImportSettings['schedule'], timeZone: string, now: Date): Outlook {
    const key = [timeZone, ...WINDOW_NAMES.filter((name) => schedule[name])].join(' ')
    const known = this.#known.get(key)
    if (known && known.from <= now && (!known.until || now < known.until)) return known
    const outlook = outlookAt(schedule, timeZone, now)
    const until = outlook.isOpen ? outlook.slot?.closesAt : outlook.slot?.opensAt
    this.#known.set(key, { ...outlook, from: now, until })
    return outlook
  }
}

/**
 * The outlook of an upload, as one sentence for the reply that ends it: the log of the sending job is the only
 * place where its people look. Empty for a file outside the File Path.
 */
export async function whatWillHappen(
  { db, outlooks }: { db: Database; outlooks: Outlooks },
  team: Team,
  path: TeamPath,
  now: Date,
): Promise<string> {
  const settings = await currentSettings(db, team.id)
  const outlook = outlooks.at(settings.schedule, team.timeZone, now)
  return replyWords(nameOf(path), fateOfArrival(path, settings, outlook))
}
