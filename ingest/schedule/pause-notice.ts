import { localDate, WINDOW_NAMES } from '../../model/daily-windows.ts'
import { splitAddresses } from '../../model/import-settings.ts'
import { pauseOn } from '../../model/pauses.ts'
import type { Team } from '../../model/team.ts'
import { queueNotice } from '../../store/outbox.ts'
import { pauseTold, setPauseTold } from '../../store/pause-told.ts'
import type { Database } from '../../store/postgres/database.ts'
import { currentSettings } from '../../store/settings.ts'
import { pauseBegunNotice, pauseOverNotice } from '../telling/notices.ts'

/**
 * Tells people once that a pause has begun, where any window would run otherwise, and once that it is over, also where
 * somebody ended it early. A pause that is made longer or renamed meanwhile is the same pause.
 */
export async function tellPauses(db: Database, team: Team, now: Date): Promise<void> {
  const { pauses, schedule, notificationEmails } = await currentSettings(db, team.id)
  const pause = pauseOn(pauses, localDate(now, team.timeZone))
  const isDue = (told: unknown) => (pause === null) !== (told === null)
  if (!isDue(await pauseTold(db, team.id))) return
  if (pause && !WINDOW_NAMES.some((name) => schedule[name])) return
  await db.transaction().execute(async (tx) => {
    const told = await pauseTold(tx, team.id, { lock: true })
    if (!isDue(told)) return
    await setPauseTold(tx, team.id, pause)
    await queueNotice(tx, {
      teamId: team.id,
      kind: 'pause',
      recipients: splitAddresses(notificationEmails),
      content: pause ? pauseBegunNotice(team, pause) : pauseOverNotice(team),
    })
  })
}
