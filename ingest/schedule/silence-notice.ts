import { splitAddresses } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import { queueNotice } from '../../store/outbox.ts'
import type { Database } from '../../store/postgres/database.ts'
import { lastFile, markSilent } from '../../store/runs/last-file.ts'
import { currentSettings } from '../../store/settings.ts'
import { silentNotice } from '../telling/notices.ts'
import { queueOverdueEvent } from '../telling/webhook-events.ts'

/**
 * Tells people once when no importable file has come for as many hours as they set; never before the first import of the
 * team. Hours that have passed count, whatever the clocks on the wall were set to meanwhile.
 */
export async function tellSilence(db: Database, team: Team, now: Date): Promise<void> {
  const settings = await currentSettings(db, team.id)
  const { silenceHours } = settings
  if (silenceHours === null) return
  const last = await lastFile(db, team.id, settings.file.path, settings.file.namePrefix)
  if (!last || now.getTime() - last.getTime() < silenceHours * 3_600_000) return
  await db.transaction().execute(async (tx) => {
    if (!(await markSilent(tx, team.id, last))) return
    await queueNotice(tx, {
      teamId: team.id,
      kind: 'silent',
      recipients: splitAddresses(settings.notificationEmails),
      content: silentNotice(team, silenceHours, last),
    })
    await queueOverdueEvent(tx, team, silenceHours, last)
  })
}
