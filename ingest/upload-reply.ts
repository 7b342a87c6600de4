import { DAILY_WINDOWS } from '../model/daily-windows.ts'
import { unmappedFields } from '../model/import-settings.ts'
import type { Team } from '../model/team.ts'
import { folderOf, isNeverImported, nameOf, type TeamPath } from '../model/team-path.ts'
import type { Database } from '../store/database.ts'
import { currentSettings } from '../store/settings.ts'
import { nextSlot, openSlots } from './windows.ts'

/**
 * What will become of an upload, as one sentence for the reply that ends it: the log of the sending job is the only
 * place where its people look. Empty for a file outside the File Path, of which nothing is to be said.
 */
export async function whatWillHappen(db: Database, team: Team, path: TeamPath, now: Date): Promise<string> {
  const settings = await currentSettings(db, team.id)
  const { file, schedule } = settings
  const name = nameOf(path)
  if (folderOf(path) !== file.path) return ''
  if (isNeverImported(name)) return `${name} has the name of a temporary file and is not imported until it is renamed.`
  if (!name.startsWith(file.namePrefix))
    return `${name} is not imported: its name does not begin with ${file.namePrefix}.`
  if (unmappedFields(settings).length > 0) return `${name} waits: the import of this team is not set up yet.`
  const [open] = openSlots(schedule, team.timeZone, now)
  const slot = open ?? nextSlot(schedule, team.timeZone, now)
  if (!slot) return `${name} waits until somebody presses Run Import: no window is switched on.`
  const hours = `${DAILY_WINDOWS[slot.name].hours} (${team.timeZone})`
  return open
    ? `${name} will be imported in the window that is open now, ${hours}.`
    : `${name} will be imported in the next window, ${hours}.`
}
