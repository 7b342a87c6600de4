import { DAILY_WINDOWS, WINDOW_NAMES } from '../../model/daily-windows.ts'
import { type ImportSettings, unmappedFields } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import { folderOf, isNeverImported, nameOf, type TeamPath } from '../../model/team-path.ts'
import type { Database } from '../../store/postgres/database.ts'
import type { TimedSlot } from '../../store/runs/slots.ts'
import { currentSettings } from '../../store/settings.ts'
import { nextSlot, openSlots } from '../schedule/windows.ts'

/** The slot that an upload of some moment will be imported in; null while every window is off. */
interface Outlook {
  readonly slot: TimedSlot | null
  readonly isOpen: boolean
}

/** Which slot comes next is worked out once, and holds for all uploads until that slot opens or ends. */
export class Outlooks {
  readonly #known = new Map<string, Outlook & { from: Date; until: Date | undefined }>()

  at(schedule: ImportSettings['schedule'], timeZone: string, now: Date): Outlook {
    const key = [timeZone, ...WINDOW_NAMES.filter((name) => schedule[name])].join(' ')
    const known = this.#known.get(key)
    if (known && known.from <= now && (!known.until || now < known.until)) return known
    const [open] = openSlots(schedule, timeZone, now)
    const slot = open ?? nextSlot(schedule, timeZone, now)
    const outlook = { slot, isOpen: open !== undefined, from: now, until: open ? open.closesAt : slot?.opensAt }
    this.#known.set(key, outlook)
    return outlook
  }
}

/**
 * What will become of an upload, as one sentence for the reply that ends it: the log of the sending job is the only
 * place where its people look. Empty for a file outside the File Path, of which nothing is to be said.
 */
export async function whatWillHappen(
  { db, outlooks }: { db: Database; outlooks: Outlooks },
  team: Team,
  path: TeamPath,
  now: Date,
): Promise<string> {
  const settings = await currentSettings(db, team.id)
  const { file, schedule } = settings
  const name = nameOf(path)
  if (folderOf(path) !== file.path) return ''
  if (isNeverImported(name)) return `${name} has the name of a temporary file and is not imported until it is renamed.`
  if (!name.startsWith(file.namePrefix))
    return `${name} is not imported: its name does not begin with ${file.namePrefix}.`
  if (unmappedFields(settings).length > 0) return `${name} waits: the import of this team is not set up yet.`
  const { slot, isOpen } = outlooks.at(schedule, team.timeZone, now)
  if (!slot) return `${name} waits until somebody presses Run Import: no window is switched on.`
  const hours = `${DAILY_WINDOWS[slot.name].hours} (${team.timeZone})`
  return isOpen
    ? `${name} will be imported in the window that is open now, ${hours}.`
    : `${name} will be imported in the next window, ${hours}.`
}
