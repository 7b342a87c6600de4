import { type FileArea, FileProblem } from '../../files/file-area.ts'
import { QuotaProblem } from '../../files/storage-guard.ts'
import type { Log } from '../../log.ts'
import type { Team } from '../../model/team.ts'
import type { WrittenFileRow } from '../../store/postgres/tables.ts'
import { teamById } from '../../store/teams.ts'
import { claimResult, keepClaim, noteNotWritten } from '../../store/written/due-files.ts'
import { expiredFiles, NotWanted } from '../../store/written/standing-files.ts'
import { OutboxWorkers } from '../telling/outbox-workers.ts'
import { removeWritten } from './remove-file.ts'
import { NameTaken, type WritingParts } from './write-file.ts'
import { writeResult } from './write-result.ts'

export interface ResultsOutParts extends WritingParts {
  log: Log
  fileAreaOf: (team: Team) => FileArea
}

const AT_ONCE = 4
const SWEEP_MS = 3_600_000
const KEEP_CLAIM_MS = 5_000

/** Writes the results that are due into the roots of the teams, and removes old ones. */
export class ResultsOut {
  readonly #parts: ResultsOutParts
  readonly #workers: OutboxWorkers<WrittenFileRow>
  #timer: NodeJS.Timeout | undefined
  #sweeping: Promise<void> = Promise.resolve()

  constructor(parts: ResultsOutParts) {
    this.#parts = parts
    this.#workers = new OutboxWorkers({
      log: parts.log,
      atOnce: AT_ONCE,
      claim: () => claimResult(parts.db),
      send: (row) => this.#write(row),
    })
  }

  open(): void {
    this.#workers.open()
    this.#timer = setInterval(() => this.sweep(), SWEEP_MS)
    this.sweep()
  }

  /** There may be a result to write. */
  look(): void {
    this.#workers.look()
  }

  /** Removes what has been kept for long enough. */
  sweep(): void {
    const { db, fileAreaOf, log } = this.#parts
    this.#sweeping = this.#sweeping.then(async () => {
      try {
        for (const row of await expiredFiles(db)) {
          const team = await teamById(db, row.team_id)
          if (team) await removeWritten(db, fileAreaOf(team), row)
        }
      } catch (error) {
        log.warn({ err: error }, 'old results cannot be removed; trying again')
      }
    })
  }

  /** Waits for the files in progress. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#workers.stop()
    await this.#sweeping
  }

  async #write(row: WrittenFileRow): Promise<void> {
    const { db, log, fileAreaOf } = this.#parts
    const keeping = setInterval(() => {
      keepClaim(db, row.id).catch((error) => log.warn({ err: error }, 'a claim could not be kept'))
    }, KEEP_CLAIM_MS)
    try {
      const team = await teamById(db, row.team_id)
      if (team) await writeResult(this.#parts, { team, files: fileAreaOf(team) }, row)
    } catch (error) {
      if (!(error instanceof NotWanted)) {
        const facts = { path: row.path, team: row.team_id, attempt: row.attempts, err: error }
        log.warn(facts, 'result not written; trying again')
      }
      await noteNotWritten(db, row, reasonOf(error))
    } finally {
      clearInterval(keeping)
    }
  }
}

/** For administrators. What the system says of other problems may name places outside of the team's root. */
function reasonOf(error: unknown): string {
  const isTold = error instanceof NameTaken || error instanceof QuotaProblem || error instanceof FileProblem
  return isTold ? error.message : 'The log of the service says why.'
}
