import { availableParallelism } from 'node:os'
import type { FileArea } from '../files/file-area.ts'
import type { Slot } from '../model/daily-windows.ts'
import type { RunState } from '../model/run.ts'
import type { Team } from '../model/team.ts'
import type { Database } from '../store/postgres/database.ts'
import { isDatabaseAway } from '../store/postgres/database-errors.ts'
import { type Signals, sendSignal } from '../store/postgres/signals.ts'
import type { RunRow } from '../store/postgres/tables.ts'
import {
  AbortRequested,
  claimRun,
  endSleepers,
  finishRun,
  LEASE_SECONDS,
  type Lease,
  LeaseLost,
  type NewRun,
  noteWaiting,
  type QueuedRun,
  queueRun,
  releaseRun,
  renewLease,
  requestAbort,
  requeueRun,
} from '../store/runs/runs.ts'
import { dropLease } from '../store/runs/undo-requests.ts'
import { teamById } from '../store/teams.ts'
import type { ImportParts } from './import-file.ts'
import type { ImportRoom } from './import-room.ts'
import { type GivenFile, manualBatch } from './manual-import.ts'
import type { NamedFiles } from './named-files.ts'
import { endRun, importRun, NoRoomLeft, TooLarge } from './run.ts'
import { tellBatch } from './telling/tell-batch.ts'
import { askUndo, carryOutUndo, type UndoAsked, type UndoAsker } from './undo.ts'

/** A run that was started, or the run of the team already in progress. */
export type StartedRun = QueuedRun

/**
 * Starts runs, one at a time per team: each is queued when the call returns and goes on in the background. The caller has
 * checked that the four fields are mapped.
 */
export interface Importer {
  /** Run Import. */
  start(team: Team, requestedBy: string): Promise<StartedRun>
  /**
   * Manual Import of a file that was received under a hidden name and sealed. The file is removed when its batch has ended;
   * where no run was started it stays the caller's.
   */
  startManual(team: Team, file: GivenFile, requestedBy: string): Promise<StartedRun>
  /** A run of exactly these files. */
  startNamed(team: Team, files: NamedFiles, requestedBy: string): Promise<StartedRun>
  /** Rolls the batch in progress back and ends the run; false when it had ended before. */
  abort(runId: string): Promise<boolean>
  /** Has a batch undone in the background, once, however often it is asked for. */
  undo(team: Team, batchId: string, asker: UndoAsker): Promise<UndoAsked>
}

export interface ImporterParts extends Omit<ImportParts, 'lease'> {
  /** Names this process's database connections. */
  owner: string
  signals: Pick<Signals, 'subscribe'>
  fileAreaOf: (team: Team) => FileArea
  room: Pick<ImportRoom, 'look' | 'isNearlyGone'>
  /** Called when imports begin to wait for room on the disk. */
  roomGone?: () => void
  /** How many runs this process works on at once, beside the one of small files. */
  atOnce?: number
  /** Called when a run has ended: there may be mail to send, and a window that waits. */
  runEnded: (teamId: number) => void
}

/** A run of at most this many bytes takes seconds and does not wait for a larger import. */
export const SMALL_RUN_BYTES = 16 * 1024 * 1024

/** How often a process looks for runs that another one queued or left behind. */
const LOOK_MS = 2_000

interface GoingRun {
  controller: AbortController
  ended: Promise<void>
  /** It uses the place reserved for small files. */
  inSmallPlace: boolean
}

/**
 * Takes queued runs, the oldest first, and carries them out. Any number of processes may do so on one database: a run
 * belongs to the holder of its lease, and a process that dies loses it. One place beyond the limit is kept for runs of
 * small files, so that they need not wait when all others are taken.
 */
export class RunQueue implements Importer {
  readonly #parts: ImporterParts
  readonly #atOnce: number
  readonly #going = new Map<string, GoingRun>()
  #timer: NodeJS.Timeout | undefined
  #unsubscribe: () => void = () => {}
  #claiming = false
  #looking: Promise<void> = Promise.resolve()
  #again = false
  #waitsForRoom = false
  #stopped = false

  constructor(parts: ImporterParts) {
    this.#parts = parts
    this.#atOnce = parts.atOnce ?? availableParallelism()
  }

  /** Starts to look for runs, first for those of a dead process. */
  open(): void {
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
    this.#unsubscribe = this.#parts.signals.subscribe((signal) => {
      if (signal.kind === 'run_queued' || signal.kind === 'reconnected') this.#look()
      if (signal.kind === 'abort') this.#going.get(signal.runId)?.controller.abort(new AbortRequested('aborted'))
    })
    this.#look()
  }

  start(team: Team, requestedBy: string): Promise<StartedRun> {
    return this.#queue(team, { trigger: 'on_demand', requestedBy, slot: null, files: null })
  }

  startScheduled(team: Team, slot: Slot & { runsBefore: number }): Promise<StartedRun> {
    return this.#queue(team, { trigger: 'scheduled', requestedBy: null, slot, files: null })
  }

  startNamed(team: Team, files: NamedFiles, requestedBy: string): Promise<StartedRun> {
    const approved = (tx: Database, batchId: string) => tellBatch(tx, team, batchId, 'approved')
    const approves = files.approves ? { ...files.approves, by: requestedBy, approved } : null
    return this.#queue(team, { trigger: 'on_demand', requestedBy, slot: null, files, approves })
  }

  async startManual(team: Team, file: GivenFile, requestedBy: string): Promise<StartedRun> {
    const files = await manualBatch(this.#parts.db, team, file)
    return this.#queue(team, { trigger: 'manual', requestedBy, slot: null, files })
  }

  async abort(runId: string): Promise<boolean> {
    const { db } = this.#parts
    const wanted = await requestAbort(db, runId)
    if (wanted) await sendSignal(db, { kind: 'abort', runId })
    return wanted
  }

  async undo(team: Team, batchId: string, asker: UndoAsker): Promise<UndoAsked> {
    const asked = await askUndo(this.#parts.db, team, batchId, asker)
    if (asked.ok) await this.#tellQueued()
    return asked
  }

  /** Rolls back the batches in progress and gives their runs back; the next process to start takes them up again. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#unsubscribe()
    clearInterval(this.#timer)
    for (const { controller } of this.#going.values()) controller.abort(new Stopping('the service is stopping'))
    await Promise.all([this.#looking, ...[...this.#going.values()].map(({ ended }) => ended)])
  }

  async #queue(team: Team, run: NewRun): Promise<StartedRun> {
    const queued = await queueRun(this.#parts.db, team.id, run)
    if (queued.ok) await this.#tellQueued()
    return queued
  }

  async #tellQueued(): Promise<void> {
    this.#look()
    // Others find it by themselves within seconds.
    await sendSignal(this.#parts.db, { kind: 'run_queued' }).catch(() => {})
  }

  #look(): void {
    this.#again = true
    if (this.#claiming || this.#stopped) return
    this.#claiming = true
    this.#looking = this.#claimWhatIsFree()
      .catch((error) => this.#parts.log.warn({ err: error }, 'looking for runs failed; trying again'))
      .finally(() => {
        this.#claiming = false
        if (this.#again && !this.#stopped && this.#freePlace() !== null) this.#look()
      })
  }

  #freePlace(): 'any' | 'small' | null {
    const small = [...this.#going.values()].filter(({ inSmallPlace }) => inSmallPlace).length
    if (this.#going.size - small < this.#atOnce) return 'any'
    return small === 0 ? 'small' : null
  }

  async #claimWhatIsFree(): Promise<void> {
    this.#again = false
    await endSleepers(this.#parts.db, this.#parts.owner)
    const hasRoom = await this.#parts.room.look()
    if (!hasRoom || this.#waitsForRoom) await noteWaiting(this.#parts.db, !hasRoom)
    if (!hasRoom && !this.#waitsForRoom) this.#parts.roomGone?.()
    this.#waitsForRoom = !hasRoom
    while (!this.#stopped) {
      const place = this.#freePlace()
      if (place === null) return
      const mostBytes = place === 'small' ? SMALL_RUN_BYTES : null
      const run = await claimRun(this.#parts.db, this.#parts.owner, [...this.#going.keys()], {
        mostBytes,
        // A run that waits can be stopped.
        onlyAborted: !hasRoom,
      })
      if (!run) return
      // Stopped while the claim was in progress.
      if (this.#stopped) return releaseRun(this.#parts.db, { runId: run.id, owner: this.#parts.owner })
      const controller = new AbortController()
      const ended = this.#carryOut(run, controller, mostBytes).then((done) => {
        this.#going.delete(run.id)
        // An interrupted run is not resumed at once.
        if (done) this.#look()
      })
      this.#going.set(run.id, { controller, ended, inSmallPlace: place === 'small' })
    }
  }

  /** Never rejects. True if the run or its undo has ended, or waits for another place. */
  async #carryOut(run: RunRow, controller: AbortController, mostBytes: number | null): Promise<boolean> {
    const { db, owner, runEnded } = this.#parts
    const lease = { runId: run.id, owner }
    const renewal = setInterval(() => void this.#renew(lease, controller), (LEASE_SECONDS * 1000) / 3)
    const roomLook = setInterval(() => void this.#lookForRoom(controller), LOOK_MS)
    try {
      const team = await teamById(db, run.team_id)
      if (!team) return true
      if (run.undoing !== null) await this.#undo(run, team, lease, controller.signal)
      else if (!(await this.#import(run, team, lease, controller.signal, mostBytes))) return true
      await sendSignal(db, { kind: 'finished', runId: run.id }).catch(() => {})
      return true
    } catch (error) {
      await this.#giveUp(lease, error)
      return false
    } finally {
      clearInterval(renewal)
      clearInterval(roomLook)
      runEnded(run.team_id)
    }
  }

  /** False if the run waits for another place. */
  async #import(
    run: RunRow,
    team: Team,
    lease: Lease,
    signal: AbortSignal,
    mostBytes: number | null,
  ): Promise<boolean> {
    const { db, log, fileAreaOf } = this.#parts
    log.info({ run: run.id, number: run.number, team: team.team, trigger: run.trigger }, 'run started')
    const files = fileAreaOf(team)
    const parts = { ...this.#parts, lease }
    let state: RunState
    try {
      if (run.abort_requested_at) throw new AbortRequested('aborted before it began')
      state = await importRun(parts, { run, team, files, signal }, mostBytes)
    } catch (error) {
      const cause = signal.aborted ? signal.reason : error
      // Files copied onto the host were unknown when the run was taken.
      if (cause instanceof TooLarge || cause instanceof NoRoomLeft) {
        await requeueRun(db, lease)
        return false
      }
      const how = howItEnds(cause)
      if (!how) throw cause
      if (how === 'failed') log.error({ run: run.id, err: error }, 'run failed')
      state = await endRun(parts, { run, team, files, how })
    }
    await finishRun(db, lease, state)
    log.info({ run: run.id, team: team.team, state }, 'run finished')
    return true
  }

  async #undo(run: RunRow, team: Team, lease: Lease, signal: AbortSignal): Promise<void> {
    const { db, log } = this.#parts
    const about = { run: run.id, number: run.number, team: team.team, batch: run.undoing }
    log.info(about, 'undo started')
    const outcome = await carryOutUndo({ ...this.#parts, lease }, { run, team, signal })
    await dropLease(db, lease)
    log.info({ ...about, outcome }, 'undo finished')
  }

  async #lookForRoom(controller: AbortController): Promise<void> {
    if (await this.#parts.room.isNearlyGone().catch(() => false)) controller.abort(new NoRoomLeft())
  }

  async #renew(lease: Lease, controller: AbortController): Promise<void> {
    const { db, log } = this.#parts
    try {
      const state = await renewLease(db, lease)
      if (state === 'lost') controller.abort(new LeaseLost('the run was taken over'))
      if (state === 'abort_requested') controller.abort(new AbortRequested('aborted'))
    } catch (error) {
      log.warn({ err: error, run: lease.runId }, 'renewing the lease of a run failed')
    }
  }

  /** Does not end the run: after an orderly stop or a lost database it is resumed. */
  async #giveUp(lease: Lease, error: unknown): Promise<void> {
    const { db, log } = this.#parts
    if (error instanceof Stopping)
      log.info({ run: lease.runId }, 'run interrupted by the stop; it will be taken up again')
    else log.warn({ run: lease.runId, err: error }, 'run interrupted; it will be taken up again')
    // Without the database nothing can be recorded; the run is then resumed as an abandoned one.
    await releaseRun(db, lease).catch(() => {})
  }
}

/** Null: the run does not end and will be resumed. */
function howItEnds(error: unknown): 'failed' | 'aborted' | null {
  if (error instanceof AbortRequested) return 'aborted'
  if (error instanceof LeaseLost || error instanceof Stopping || isDatabaseAway(error)) return null
  return 'failed'
}

class Stopping extends Error {
  override readonly name = 'Stopping'
}
