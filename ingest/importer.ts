import { randomUUID } from 'node:crypto'
import type { FileArea } from '../files/file-area.ts'
import type { Slot } from '../model/daily-windows.ts'
import type { Team } from '../model/team.ts'
import { isDatabaseAway } from '../store/database-errors.ts'
import { claimRun, finishRun, LEASE_SECONDS, type NewRun, queueRun, releaseRun, renewLease } from '../store/runs.ts'
import type { RunRow } from '../store/tables.ts'
import { teamById } from '../store/teams.ts'
import type { ImportParts } from './import-file.ts'
import { importRun } from './run.ts'

/** A run that was started, or the one of the team that was already going. */
export type StartedRun = { ok: true; runId: string } | { ok: false; runId: string }

/** Starts runs, one at a time per team. */
export interface Importer {
  /** Run Import: the run is queued when this returns and goes on in the background. The caller has checked that the four fields are mapped. */
  start(team: Team, requestedBy: string): Promise<StartedRun>
  /** Manual Import of a file that was received and sealed under its hidden name. It belongs to the run when that was started. */
  startManual(
    team: Team,
    file: { temporaryName: string; fileName: string; bytes: number; sha256: string | null },
    requestedBy: string,
  ): Promise<StartedRun>
}

export interface ImporterParts extends ImportParts {
  fileAreaOf: (team: Team) => FileArea
  /** How many runs this process works on at once. */
  atOnce: number
  /** Told whenever a run ended: there may be mail to send. */
  runEnded: () => void
}

/** How often a process looks for runs that another one queued or left behind. */
const LOOK_MS = 5_000

/**
 * Takes queued runs and carries them out. Any number of processes may do so on one database: a run belongs to whoever
 * holds its lease, and a process that dies loses it.
 */
export class RunQueue implements Importer {
  readonly #parts: ImporterParts
  readonly #owner = randomUUID()
  readonly #going = new Map<string, { controller: AbortController; ended: Promise<void> }>()
  #timer: NodeJS.Timeout | undefined
  #claiming = false
  #stopped = false

  constructor(parts: ImporterParts) {
    this.#parts = parts
  }

  /** Begins to look for runs, first of all for those that a dead process left behind. */
  open(): void {
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
    this.#look()
  }

  start(team: Team, requestedBy: string): Promise<StartedRun> {
    return this.#queue(team, { trigger: 'on_demand', requestedBy, slot: null })
  }

  startManual(): Promise<StartedRun> {
    throw new Error('a file given by hand is not imported yet')
  }

  startScheduled(team: Team, slot: Slot): Promise<StartedRun> {
    return this.#queue(team, { trigger: 'scheduled', requestedBy: null, slot })
  }

  /** Rolls back the batches in progress and gives their runs back; whoever starts next takes them up again. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    for (const { controller } of this.#going.values()) controller.abort(new Error('the service is stopping'))
    await Promise.all([...this.#going.values()].map(({ ended }) => ended))
  }

  async #queue(team: Team, run: NewRun): Promise<StartedRun> {
    const queued = await queueRun(this.#parts.db, team.id, run)
    if (queued.ok) this.#look()
    return queued
  }

  #look(): void {
    if (this.#claiming || this.#stopped) return
    this.#claiming = true
    this.#claimWhatIsFree()
      .catch((error) => this.#parts.log.warn({ err: error }, 'could not look for runs; trying again'))
      .finally(() => {
        this.#claiming = false
      })
  }

  async #claimWhatIsFree(): Promise<void> {
    while (!this.#stopped && this.#going.size < this.#parts.atOnce) {
      const run = await claimRun(this.#parts.db, this.#owner)
      if (!run) return
      const controller = new AbortController()
      const ended = this.#carryOut(run, controller).finally(() => {
        this.#going.delete(run.id)
        this.#look()
      })
      this.#going.set(run.id, { controller, ended })
    }
  }

  async #carryOut(run: RunRow, controller: AbortController): Promise<void> {
    const { db, log, fileAreaOf, runEnded } = this.#parts
    const renewal = setInterval(
      () => {
        renewLease(db, run.id, this.#owner)
          .then((ours) => ours || controller.abort(new Error('the run was taken over')))
          .catch((error) => log.warn({ err: error, run: run.id }, 'could not renew the lease of a run'))
      },
      (LEASE_SECONDS * 1000) / 3,
    )
    try {
      const team = await teamById(db, run.team_id)
      if (!team) return
      log.info({ run: run.id, number: run.number, team: team.team, trigger: run.trigger }, 'run started')
      const state = await importRun(this.#parts, run, team, fileAreaOf(team), controller.signal)
      await finishRun(db, run.id, state)
      log.info({ run: run.id, team: team.team, state }, 'run finished')
    } catch (error) {
      await this.#giveUp(run, controller.signal, error)
    } finally {
      clearInterval(renewal)
      runEnded()
    }
  }

  /** An orderly stop and a lost database leave the run to be taken up again; anything else is a bug and ends it. */
  async #giveUp(run: RunRow, signal: AbortSignal, error: unknown): Promise<void> {
    const { db, log } = this.#parts
    try {
      if (signal.aborted || isDatabaseAway(error)) {
        log.warn({ run: run.id, err: error }, 'run interrupted; it will be taken up again')
        await releaseRun(db, run.id, this.#owner)
        return
      }
      log.error({ run: run.id, err: error }, 'run failed')
      await finishRun(db, run.id, 'failed')
    } catch (cause) {
      // Without the database nothing can be recorded; the lease runs out and the run is taken up again.
      log.error({ run: run.id, err: cause }, 'the end of a run could not be recorded')
    }
  }
}
