import type { Team } from '../../model/team.ts'
import { nameOf, type TeamPath } from '../../model/team-path.ts'
import { currentSettings } from '../../store/settings.ts'
import type { FateParts } from './describe-files.ts'
import { fateOfArrival } from './fate.ts'
import { replyWords, short } from './fate-words.ts'

/**
 * The outlook of an upload, as one sentence for the reply that ends it: the log of the sending job is the only
 * place where its people look.
 */
export async function whatWillHappen({ db, outlooks, now }: FateParts, team: Team, path: TeamPath): Promise<string> {
  const settings = await currentSettings(db, team.id)
  const outlook = await outlooks.of(db, team, settings, now)
  return replyWords(short(nameOf(path)), fateOfArrival(path, settings, outlook, now))
}
