import type { ImportSettings } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import type { Database } from '../../store/postgres/database.ts'
import type { TimedSlot } from '../../store/runs/slots.ts'
import { slotsAhead } from '../../store/runs/slots-ahead.ts'
import { type Outlook, outlookAt } from './outlook.ts'
import { timingOf } from './slot-plan.ts'
import { slotOn } from './windows.ts'

/** More slots than the next two days of all time zones have. */
const MOST_SLOTS = 4_000

/** Asks what the windows of teams hold, at every upload and on every page. */
export class Outlooks {
  readonly #offsetOf: (teamId: number) => number
  /** It takes a calendar to find the times of a slot, so they are kept. */
  readonly #slots = new Map<string, TimedSlot>()

  constructor(offsetOf: (teamId: number) => number) {
    this.#offsetOf = offsetOf
  }

  async of(db: Database, team: Pick<Team, 'id' | 'timeZone'>, settings: ImportSettings, now: Date): Promise<Outlook> {
    const timing = timingOf(settings, team.timeZone, this.#offsetOf(team.id))
    return outlookAt(await slotsAhead(db, team.id, now), timing, settings.file.select, now, this.#timesOf)
  }

  readonly #timesOf: typeof slotOn = (name, date, timeZone) => {
    const key = `${name} ${date} ${timeZone}`
    const known = this.#slots.get(key)
    if (known) return known
    if (this.#slots.size >= MOST_SLOTS) this.#slots.clear()
    const slot = slotOn(name, date, timeZone)
    this.#slots.set(key, slot)
    return slot
  }
}
