import { Cron } from 'croner'
import type { Log } from '../../log.ts'
import { localDate, WINDOW_NAMES, type WindowName } from '../../model/daily-windows.ts'
import { type ImportSettings, splitAddresses } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import { DAY_MS } from '../../model/time.ts'
import { forgetBefore } from '../../store/contacts/history/undo-contacts.ts'
import { queueNotice } from '../../store/outbox.ts'
import type { Database } from '../../store/postgres/database.ts'
import type { Signals } from '../../store/postgres/signals.ts'
import {
  addSlots,
  blockSlot,
  dropSlot,
  endSlot,
  openSlot,
  recentSlots,
  runsOfSlot,
  type TimedSlot,
} from '../../store/runs/slots.ts'
import { currentSettings } from '../../store/settings.ts'
import { allTeams, teamById } from '../../store/teams.ts'
import { wantEmptyWindowResult } from '../../store/written/due-files.ts'
import type { RunQueue } from '../run-queue.ts'
import { missedNotice, overlapNotice } from '../telling/notices.ts'
import { queueWindowEvents } from '../telling/webhook-events.ts'
import { tellPauses } from './pause-notice.ts'
import { tellSilence } from './silence-notice.ts'
import { type PlannedRow, planSlots, type SlotPlan, startOffset, timingOf } from './slot-plan.ts'
import { startPattern } from './windows.ts'

export interface ScheduleParts {
  db: Database
  log: Log
  now: () => Date
  importer: Pick<RunQueue, 'startScheduled'>
  signals: Pick<Signals, 'subscribe'>
  /** Looks for a file that a run would import now, other than the uploads in `tried`. */
  hasFile: (team: Team, tried: readonly string[]) => Promise<boolean>
  /** There may be mail to send. */
  mailQueued: () => void
}

/** How often an open window is checked for a late file. */
const LOOK_PATTERN = '0 */5 * * * *'
/** Slots further back have long ended. */
const DAYS_BACK = 20

/**
 * Starts the imports of the teams whose window is open, and brings every slot to an end. The truth is the slot's row in
 * the database; the timers only trigger a look, so one that fires twice, late, or on two machines does no harm.
 */
export class Schedule {
  readonly #parts: ScheduleParts
  #jobs: Cron[] = []
  #teams = 0
  #unsubscribe: () => void = () => {}
  readonly #looking = new Map<number, { again: boolean; done: Promise<void> }>()
  readonly #attempts = new Set<Promise<void>>()
  #stopped = false

  constructor(parts: ScheduleParts) {
    this.#parts = parts
  }

  /** Sets the timers and looks at once: the service may have been down when a window opened. */
  async open(): Promise<void> {
    this.#jobs.push(new Cron(LOOK_PATTERN, () => this.#attempt(() => this.#keepHouse())))
    this.#unsubscribe = this.#parts.signals.subscribe(({ kind }) => {
      if (kind === 'schedule' || kind === 'reconnected') void this.changed()
    })
    await this.changed()
  }

  async #keepHouse(): Promise<void> {
    await this.lookAtAll()
    await forgetBefore(this.#parts.db)
  }

  /** Call when a team, its zone or its windows changed. A window that is switched on while it is open runs at once. */
  async changed(): Promise<void> {
    await this.#attempt(async () => {
      await this.#setTimers()
      await this.lookAtAll()
    })
  }

  async #setTimers(): Promise<void> {
    const teams = await allTeams(this.#parts.db)
    const jobs: Cron[] = []
    for (const team of teams) {
      const { schedule } = await currentSettings(this.#parts.db, team.id)
      const offset = startOffset(team.id, teams.length)
      for (const name of WINDOW_NAMES) if (schedule[name]) jobs.push(this.#job(team, name, offset))
    }
    for (const job of this.#jobs.splice(1, Number.POSITIVE_INFINITY, ...jobs)) job.stop()
  }

  #job(team: Team, name: WindowName, offset: number): Cron {
    const pattern = startPattern(name, Math.ceil(offset / 1000))
    return new Cron(pattern, { timezone: team.timeZone }, () => this.#attempt(() => this.look(team.id)))
  }

  /** How long after its windows open the runs of a team start, in milliseconds. */
  offsetOf(teamId: number): number {
    return startOffset(teamId, this.#teams)
  }

  /** When it returns, no check is in progress: the database may be closed, though runs and uploads still end. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#unsubscribe()
    const looks = [...this.#looking.values()].map(({ done }) => done)
    await Promise.allSettled([...looks, ...this.#attempts])
    for (const job of this.#jobs.splice(0)) job.stop()
  }

  async lookAtAll(): Promise<void> {
    const { db, now, log } = this.#parts
    const teams = await allTeams(db)
    this.#teams = teams.length
    for (const team of teams) {
      if (this.#stopped) return
      try {
        await this.look(team.id)
        await tellPauses(db, team, now())
        await tellSilence(db, team, now())
      } catch (error) {
        log.warn({ err: error, team: team.team }, 'window check of a team failed; trying again')
      }
    }
  }

  /** Starts what is due for one team. Called by the timers, at boot, when an upload became ready and when a run ended; any number of times. */
  async look(teamId: number): Promise<void> {
    if (this.#stopped) return
    const going = this.#looking.get(teamId)
    if (going) {
      going.again = true
      return going.done
    }
    const look = { again: true, done: Promise.resolve() }
    this.#looking.set(teamId, look)
    look.done = (async () => {
      try {
        while (look.again && !this.#stopped) {
          look.again = false
          await this.#look(teamId)
        }
      } finally {
        this.#looking.delete(teamId)
      }
    })()
    return look.done
  }

  async #look(teamId: number): Promise<void> {
    const { db, now } = this.#parts
    const team = await teamById(db, teamId)
    if (!team) return
    const settings = await currentSettings(db, team.id)
    const at = now()
    const since = localDate(new Date(at.getTime() - DAYS_BACK * DAY_MS), team.timeZone)
    const plan = planSlots(
      await recentSlots(db, team.id, since),
      timingOf(settings, team.timeZone, this.offsetOf(team.id)),
      at,
    )
    for (const slot of plan.drop) await dropSlot(db, team.id, slot)
    await this.#tellMissed(team, settings, plan.missed)
    await addSlots(db, team.id, 'waiting', plan.add)
    for (const row of plan.close) await this.#close(team, settings, row)
    for (const slot of plan.open) await this.#serve(team, settings, slot)
  }

  async #tellMissed(team: Team, settings: ImportSettings, { known, unknown }: SlotPlan['missed']): Promise<void> {
    if (known.length === 0) return
    const { db, log, mailQueued } = this.#parts
    const missed = await db.transaction().execute(async (tx) => {
      const ours = []
      for (const slot of known) if (await endSlot(tx, team.id, slot, 'missed')) ours.push(slot)
      const slots = [...ours, ...(await addSlots(tx, team.id, 'missed', unknown))]
      if (slots.length > 0) await queueNotice(tx, { ...to(team, settings), content: missedNotice(team, slots) })
      await queueWindowEvents(tx, team, 'window.missed', slots)
      return slots.length
    })
    if (missed > 0) {
      log.warn({ team: team.team, missed }, 'daily windows missed')
      mailQueued()
    }
  }

  /** The window has ended and was watched while open. */
  async #close(team: Team, settings: ImportSettings, row: PlannedRow): Promise<void> {
    const { db, mailQueued } = this.#parts
    const slot = { name: row.window_name, date: row.local_date }
    const { going, tried, lastRunId } = await runsOfSlot(db, team.id, slot)
    // A run still in progress at the end continues, and its result decides.
    if (going) return
    // If two processes check at once, the later one finds this window's run in progress.
    if (tried.length > 0 || row.blocked_by === null || row.blocked_by === lastRunId) {
      const state = tried.length > 0 ? 'done' : 'empty'
      await db.transaction().execute(async (tx) => {
        const ended = await endSlot(tx, team.id, slot, state, lastRunId)
        if (!ended || state !== 'empty') return
        await queueWindowEvents(tx, team, 'window.empty', [slot])
        await wantEmptyWindowResult(tx, team.id, settings, slot)
      })
      return
    }
    await db.transaction().execute(async (tx) => {
      if (!(await endSlot(tx, team.id, slot, 'skipped_overlap', row.blocked_by))) return
      await queueNotice(tx, { ...to(team, settings), content: overlapNotice(team, slot) })
      await queueWindowEvents(tx, team, 'window.missed', [slot])
    })
    mailQueued()
  }

  /** Imports what there is in an open window: the most recent file once, all that match as they come. */
  async #serve(team: Team, settings: ImportSettings, slot: TimedSlot): Promise<void> {
    const { db, importer, hasFile, log } = this.#parts
    await openSlot(db, team.id, slot)
    const { runs, going, imported, lastRunId, tried } = await runsOfSlot(db, team.id, slot)
    if (going) return
    if (imported && settings.file.select === 'most_recent') {
      await endSlot(db, team.id, slot, 'done', lastRunId)
      return
    }
    if (!(await hasFile(team, tried))) return blockSlot(db, team.id, slot, null)
    const started = await importer.startScheduled(team, { ...slot, runsBefore: runs })
    // Another run of the team is in progress: the slot waits and is checked again.
    if (!started.ok) return blockSlot(db, team.id, slot, started.runId)
    log.info({ team: team.team, window: slot.name, date: slot.date, run: started.runId }, 'window opened')
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    if (this.#stopped) return
    const attempt = work().catch((error) =>
      this.#parts.log.warn({ err: error }, 'window check failed; trying again in 5 minutes'),
    )
    this.#attempts.add(attempt)
    await attempt
    this.#attempts.delete(attempt)
  }
}

function to(team: Team, settings: ImportSettings) {
  return { teamId: team.id, kind: 'missed' as const, recipients: splitAddresses(settings.notificationEmails) }
}
