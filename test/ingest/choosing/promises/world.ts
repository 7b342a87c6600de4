import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { factsOf } from '../../../../ingest/choosing/fate.ts'
import { type Candidate, selectFiles } from '../../../../ingest/choosing/select-files.ts'
import { supersedeOlder } from '../../../../ingest/choosing/supersede-older.ts'
import type { Outlooks } from '../../../../ingest/schedule/outlooks.ts'
import { Schedule } from '../../../../ingest/schedule/schedule.ts'
import { slotOn } from '../../../../ingest/schedule/windows.ts'
import { createLog } from '../../../../log.ts'
import { localDate, WINDOW_NAMES } from '../../../../model/daily-windows.ts'
import type { ImportSettings } from '../../../../model/import-settings.ts'
import { NONE_REJECTED } from '../../../../model/rejected-records.ts'
import { NO_COUNTS, type RunState, runStateOf } from '../../../../model/run.ts'
import type { Team } from '../../../../model/team.ts'
import { folderOf, nameOf, type TeamPath } from '../../../../model/team-path.ts'
import type { Database } from '../../../../store/postgres/database.ts'
import {
  addBatches,
  batchesOfRun,
  finishHeld,
  finishImported,
  finishUnapplied,
  heldUploads,
  lastBatches,
  UNENDED,
} from '../../../../store/runs/batches.ts'
import { type NewRun, queueRun, runById } from '../../../../store/runs/runs.ts'
import { recentSlots } from '../../../../store/runs/slots.ts'
import { currentSettings, saveSettings } from '../../../../store/settings.ts'
import { teamById } from '../../../../store/teams.ts'
import { lastTakenAt, presentUploads } from '../../../../store/uploads/find-uploads.ts'
import { heldBeside } from '../../../../store/uploads/held-beside.ts'
import { setVerdict } from '../../../../store/uploads/verdict.ts'

/** How the import of an upload will end. */
export type Ending = 'imported' | 'rejected' | 'held' | 'failed'

/** A run took a file. */
export interface Attempt {
  uploadId: string
  at: number
  trigger: 'scheduled' | 'on_demand'
  /** `overnight 2026-11-22`, of a scheduled run. */
  window: string | null
}

type Firing = Pick<NewRun, 'trigger' | 'slot'>

/** Something that nobody could foresee when a promise was made. */
export interface Turnabout {
  at: number
  kind: 'settings' | 'removed' | 'arrived' | 'run_import'
  uploadId: string | null
}

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
const TICK = 5 * MINUTE

/** One team of a service whose clock, uploads and runs the test plays; slots, choices and the ledger are real. */
export class World {
  readonly db: Database
  readonly outlooks: Outlooks
  readonly attempts: Attempt[] = []
  readonly turnabouts: Turnabout[] = []
  readonly absences: { from: number; to: number }[] = []
  readonly runs: { from: number; to: number }[] = []
  readonly schedule: Schedule
  team: Team
  now: Date
  readonly #endings = new Map<string, Ending>()
  #agenda: { at: number; work: () => Promise<void> }[] = []
  #runMinutes = 1
  /** Uploads that no run has ended. */
  readonly #waiting = new Set<string>()

  constructor(db: Database, team: Team, outlooks: (schedule: Schedule) => Outlooks, now: Date) {
    this.db = db
    this.team = team
    this.now = now
    this.schedule = new Schedule({
      ...{ db, log: createLog('silent'), now: () => this.now, mailQueued: () => {} },
      signals: { subscribe: () => () => {} },
      importer: {
        startScheduled: (_team, slot) => this.#start({ trigger: 'scheduled', requestedBy: null, slot, files: null }),
      },
      hasFile: async (_team, tried) =>
        (await this.#select('scheduled')).take.some(({ uploadId }) => !tried.includes(uploadId ?? '')),
    })
    this.outlooks = outlooks(this.schedule)
  }

  settings(): Promise<ImportSettings> {
    return currentSettings(this.db, this.team.id)
  }

  async save(settings: ImportSettings): Promise<void> {
    await saveSettings(this.db, this.team.id, settings.version, settings, 'dana@example.edu')
    this.#happened('settings')
    await this.schedule.look(this.team.id)
  }

  async moveTo(timeZone: string): Promise<void> {
    await this.db.updateTable('team').set({ time_zone: timeZone }).where('id', '=', this.team.id).execute()
    this.team = (await teamById(this.db, this.team.id)) as Team
    this.#happened('settings')
    await this.schedule.look(this.team.id)
  }

  /** The file is ready so many seconds from now. `cut`: it is held beside, as its last record is not whole. */
  async upload(path: TeamPath, ending: Ending, { seconds, cut }: { seconds: number; cut: boolean }): Promise<string> {
    const id = randomUUID()
    this.#endings.set(id, ending)
    this.#waiting.add(id)
    await this.advance(seconds * SECOND + 1)
    const at = sql<Date>`clock_timestamp()`
    if (!cut) await this.#gone(path)
    await this.db
      .insertInto('upload')
      .values({
        ...{ id, team_id: this.team.id, path, source: 'ftp', account: 'sis', state: 'ready', bytes: 1 },
        ...{ received_at: this.now, verdict: cut ? 'held' : 'waiting' },
        ...(cut && { gone_at: at, temporary_name: id, verdict_reason: 'It may be cut off.' }),
      })
      .execute()
    this.#happened('arrived', id)
    await this.schedule.look(this.team.id)
    return id
  }

  async remove(path: TeamPath): Promise<void> {
    await this.#gone(path)
  }

  async #gone(path: TeamPath): Promise<void> {
    const rows = await this.db
      .updateTable('upload')
      .set({ gone_at: sql<Date>`clock_timestamp()` })
      .where('team_id', '=', this.team.id)
      .where('path', '=', path)
      .where('state', '=', 'ready')
      .where('gone_at', 'is', null)
      .returning('id')
      .execute()
    for (const { id } of rows) {
      this.#waiting.delete(id)
      this.#happened('removed', id)
    }
  }

  async runImport(): Promise<void> {
    this.#happened('run_import')
    await this.#start({ trigger: 'on_demand', requestedBy: 'dana@example.edu', slot: null, files: null })
  }

  /** From now on a run takes so long. */
  runsTake(minutes: number): void {
    this.#runMinutes = minutes
  }

  /** The service is away for so long; what was due in that time is done afterwards. */
  async absence(milliseconds: number): Promise<void> {
    const [from, to] = [this.now.getTime(), this.now.getTime() + milliseconds]
    this.absences.push({ from, to })
    this.#agenda = this.#agenda.map(({ at, work }) => ({ at: Math.max(at, to), work }))
    for (const run of this.runs) if (run.to > from) run.to = Math.max(run.to, to)
    this.now = new Date(to)
    await this.advance(0)
    await this.schedule.look(this.team.id)
  }

  async advance(milliseconds: number): Promise<void> {
    const until = this.now.getTime() + milliseconds
    const { schedule } = await this.settings()
    const looks = await this.#looks(schedule, until)
    for (;;) {
      const due = this.#agenda.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      const look = looks[0]
      if (!due && look === undefined) break
      if (due && (look === undefined || due.at <= look)) {
        this.#agenda.splice(this.#agenda.indexOf(due), 1)
        this.now = new Date(Math.max(due.at, this.now.getTime()))
        await due.work()
      } else {
        looks.shift()
        this.now = new Date(look as number)
        await this.schedule.look(this.team.id)
      }
    }
    this.now = new Date(until)
  }

  /**
   * When timers fire: at each start, and of the ticks every 5 minutes the next one and the first behind the start and the
   * end of a window. Where no file waits only those of the last hours count.
   */
  async #looks(schedule: ImportSettings['schedule'], until: number): Promise<number[]> {
    const { timeZone } = this.team
    const looks = new Set([Math.ceil((this.now.getTime() + 1) / TICK) * TICK])
    const offset = Math.ceil(this.schedule.offsetOf(this.team.id) / SECOND) * SECOND
    for (let day = this.now.getTime() - 12 * HOUR; day < until + 24 * HOUR; day += 12 * HOUR) {
      const date = localDate(new Date(day), timeZone)
      for (const name of WINDOW_NAMES) {
        if (!schedule[name]) continue
        const slot = slotOn(name, date, timeZone)
        const [opens, closes] = [slot.opensAt.getTime(), slot.closesAt.getTime()]
        looks.add(opens + offset)
        looks.add(Math.ceil(closes / TICK) * TICK)
      }
    }
    // Slots that were open when the time zone changed.
    const rows = await recentSlots(this.db, this.team.id, '9999-01-01')
    for (const { opens_at, closes_at } of rows)
      for (const at of [opens_at.getTime() + offset, closes_at.getTime()]) looks.add(Math.ceil(at / TICK) * TICK)
    const from = this.#waiting.size > 0 ? this.now.getTime() : Math.max(this.now.getTime(), until - 4 * HOUR)
    return [...looks].filter((at) => at > from && at <= until).sort((a, b) => a - b)
  }

  async #start(run: NewRun) {
    const queued = await queueRun(this.db, this.team.id, run)
    if (queued.ok) {
      const going = { from: this.now.getTime(), to: Number.POSITIVE_INFINITY }
      this.runs.push(going)
      this.#later(SECOND, () => this.#discover(queued.runId, run, going))
    }
    return queued
  }

  async #discover(runId: string, { trigger, slot }: Firing, going: { to: number }): Promise<void> {
    const { db, team } = this
    const before = await batchesOfRun(db, runId)
    const tried = new Set(before.flatMap(({ upload_id }) => upload_id ?? []))
    const { take, supersede } = await this.#select(trigger as 'scheduled' | 'on_demand', tried)
    const settings = await this.settings()
    const files = take.map((file) => ({
      ...{ temporaryName: file.temporaryName, approvedBy: null, uploadId: file.uploadId, path: file.path },
      ...{ fileName: file.name, bytes: file.bytes, receivedAt: file.receivedAt, settingsVersion: settings.version },
      afterImport: null,
    }))
    await addBatches(db, { id: runId, team_id: team.id }, files)
    await this.#setState(runId, 'running')
    for (const { uploadId, verdict } of take) {
      const window = slot && `${slot.name} ${slot.date}`
      const at = this.now.getTime()
      this.attempts.push({ uploadId: uploadId as string, at, trigger: trigger as Attempt['trigger'], window })
      if (verdict !== 'held') await setVerdict(db, uploadId as string, { verdict: 'claimed', reason: null })
    }
    for (const { uploadId } of supersede)
      await setVerdict(db, uploadId as string, { verdict: 'superseded', reason: 'A newer file was taken.' })
    going.to = this.now.getTime() + (take.length === 0 ? 0 : this.#runMinutes * MINUTE)
    this.#later(going.to - this.now.getTime(), () => this.#finish(runId, settings, { trigger, slot }, going))
  }

  async #finish(runId: string, settings: ImportSettings, firing: Firing, going: { to: number }): Promise<void> {
    const { db } = this
    const run = await runById(db, runId)
    const batches = (await batchesOfRun(db, runId)).filter(({ state }) => UNENDED.includes(state))
    for (const batch of batches) {
      const { id, upload_id, temporary_name, path } = batch
      const uploadId = upload_id as string
      this.#waiting.delete(uploadId)
      const ending = temporary_name ? 'held' : (this.#endings.get(uploadId) as Ending)
      if (ending === 'imported') {
        await finishImported(db, id, {
          facts: { sha256: null, header: null },
          counts: NO_COUNTS,
          warnings: {},
          errors: NONE_REJECTED,
        })
        await setVerdict(db, uploadId, { verdict: 'imported', reason: null })
        await supersedeOlder(db, { run, batch, settings }, 'imported')
        if (nameOf(path as TeamPath).length % 2 === 0) await this.#moveAway(uploadId)
      } else if (ending === 'held') {
        await finishHeld(
          db,
          id,
          { sha256: null, header: null },
          { findings: [], counts: NO_COUNTS, samples: [], revision: 1 },
        )
        await setVerdict(db, uploadId, { verdict: 'held', reason: null })
        await supersedeOlder(db, { run, batch, settings }, 'held')
      } else {
        this.#waiting.add(uploadId)
        await finishUnapplied(db, id, ending, { code: null, message: 'It could not be imported.' })
        const verdict = ending === 'rejected' ? 'rejected' : 'waiting'
        await setVerdict(db, uploadId, { verdict, reason: null, settingsVersion: settings.version })
      }
    }
    const last = batches.findLast(({ temporary_name }) => temporary_name === null)
    const isRejected = last && this.#endings.get(last.upload_id as string) === 'rejected'
    // The next older one is taken.
    if (isRejected && settings.file.select === 'most_recent') return this.#discover(runId, firing, going)
    await this.#setState(runId, runStateOf((await batchesOfRun(db, runId)).map(({ state }) => state)))
    await this.schedule.look(this.team.id)
  }

  /** After Import. */
  async #moveAway(uploadId: string): Promise<void> {
    await this.db
      .updateTable('upload')
      .set({ gone_at: sql<Date>`clock_timestamp()` })
      .where('id', '=', uploadId)
      .execute()
  }

  async #setState(runId: string, state: RunState): Promise<void> {
    await this.db.updateTable('run').set({ state }).where('id', '=', runId).execute()
  }

  async #select(trigger: 'scheduled' | 'on_demand', tried?: ReadonlySet<string>) {
    const settings = await this.settings()
    const last = await lastTakenAt(this.db, this.team.id, settings.file.path)
    return selectFiles(await this.#candidates(settings.file.path), settings, trigger, {
      lastTakenAt: last,
      ...(tried && { tried }),
    })
  }

  async #candidates(folder: TeamPath): Promise<Candidate[]> {
    const { db, team } = this
    const beside = await heldBeside(db, team.id)
    const uploads = [
      ...(await presentUploads(db, team.id)).map((upload) => ({ ...upload, temporaryName: null })),
      ...beside,
    ].filter(({ path }) => folderOf(path) === folder)
    const ids = uploads.map(({ id }) => id)
    const [shown, batches] = [await heldUploads(db, ids), await lastBatches(db, ids)]
    return uploads.map((upload) => ({
      ...factsOf(upload.path, upload, { run: batches.get(upload.id)?.run ?? null }),
      ...{ name: nameOf(upload.path), temporaryName: upload.temporaryName, bytes: upload.bytes },
      shown: shown.has(upload.id),
    }))
  }

  #later(milliseconds: number, work: () => Promise<void>): void {
    this.#agenda.push({ at: this.now.getTime() + milliseconds, work })
  }

  #happened(kind: Turnabout['kind'], uploadId: string | null = null): void {
    this.turnabouts.push({ at: this.now.getTime(), kind, uploadId })
  }
}
