import { splitAddresses } from '../model/import-settings.ts'
import type { Team } from '../model/team.ts'
import type { Database } from '../store/database.ts'
import { queueNotice } from '../store/outbox.ts'
import { currentSettings } from '../store/settings.ts'
import { lastFile, markSilent } from '../store/silence.ts'
import { silentNotice } from './notices.ts'

/** A daily file that is two hours late. */
export const SILENT_AFTER_HOURS = 26

/** Tells people once when no importable file has come for a while; never before the first import of the team. */
export async function tellSilence(db: Database, team: Team, now: Date): Promise<void> {
  const settings = await currentSettings(db, team.id)
  const last = await lastFile(db, team.id, settings.file.path, settings.file.namePrefix)
  if (!last || now.getTime() - last.getTime() < SILENT_AFTER_HOURS * 3_600_000) return
  await db.transaction().execute(async (tx) => {
    if (!(await markSilent(tx, team.id, last))) return
    await queueNotice(tx, {
      teamId: team.id,
      kind: 'silent',
      recipients: splitAddresses(settings.notificationEmails),
      content: silentNotice(team, SILENT_AFTER_HOURS, last),
    })
  })
}
