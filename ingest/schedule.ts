import { Cron } from 'croner'
import type { Log } from '../log.ts'
import { WINDOW_NAMES, type WindowName } from '../model/daily-windows.ts'
import { unmappedFields } from '../model/import-settings.ts'
import type { Team } from '../model/team.ts'
import type { Database } from '../store/database.ts'
import { currentSettings } from '../store/settings.ts'
import { takeSlot } from '../store/slots.ts'
import { allTeams, teamById } from '../store/teams.ts'
import type { RunQueue } from './importer.ts'
import { type OpenSlot, openSlots, startPattern } from './windows.ts'

export interface ScheduleParts {
  db: Database
  log: Log
  now: () => Date
  importer: Pick<RunQueue, 'startScheduled'>
  /** Whether a run of the team would find a file now. */
  hasFile: (team: Team) => Promise<boolean>
}

/** How often an open window is looked at again for a file that came late. */
const LOOK_PATTERN = '0 */5 * * * *'

/**
 * Starts the imports of the teams whose window is open. The truth is the slot's row in the database; the timers only
 * make somebody look, so one that fires twice, late, or on two machines does no harm.
 */
export class Schedule {
  readonly #parts: ScheduleParts
  #jobs: Cron[] = []

  constructor(parts: ScheduleParts) {
    this.#parts = parts
  }

  /** Sets the timers and looks at once: the service may have been down when a window opened. */
  async open(): Promise<void> {
    this.#jobs.push(new Cron(LOOK_PATTERN, () => this.#attempt(() => this.lookAtAll())))
    await this.changed()
  }

  /** Call when a team, its zone or its windows changed. A window that is switched on while it is open runs at once. */
  async changed(): Promise<void> {
    await this.#attempt(async () => {
      await this.#setTimers()
      await this.lookAtAll()
    })
  }

  async #setTimers(): Promise<void> {
    for (const job of this.#jobs.splice(1)) job.stop()
    for (const team of await allTeams(this.#parts.db)) {
      const { schedule } = await currentSettings(this.#parts.db, team.id)
      for (const name of WINDOW_NAMES) if (schedule[name]) this.#jobs.push(this.#job(team, name))
    }
  }

  #job(team: Team, name: WindowName): Cron {
    return new Cron(startPattern(name), { timezone: team.timeZone }, () => this.#attempt(() => this.look(team.id)))
  }

  stop(): void {
    for (const job of this.#jobs.splice(0)) job.stop()
  }

  async lookAtAll(): Promise<void> {
    for (const team of await allTeams(this.#parts.db)) await this.look(team.id)
  }

  /** Starts what is due for one team. Called by the timers, at boot, and when an upload became ready; any number of times. */
  async look(teamId: number): Promise<void> {
    const { db, now } = this.#parts
    const team = await teamById(db, teamId)
    if (!team) return
    const settings = await currentSettings(db, team.id)
    if (unmappedFields(settings).length > 0) return
    for (const slot of openSlots(settings.schedule, team.timeZone, now())) await this.#openSlot(team, slot)
  }

  async #openSlot(team: Team, slot: OpenSlot): Promise<void> {
    const { db, importer, hasFile, log } = this.#parts
    if (!(await takeSlot(db, team.id, slot))) return
    if (!(await hasFile(team))) return
    const started = await importer.startScheduled(team, slot)
    // Another run of the team is going: the slot keeps waiting and is looked at again.
    if (!started.ok) return
    log.info({ team: team.team, window: slot.name, date: slot.date, run: started.runId }, 'window opened')
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'the windows could not be looked at; trying again in 5 minutes')
    }
  }
}
