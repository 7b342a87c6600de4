import { uptime } from 'node:os'
import { type FileArea, FileProblem } from '../../files/file-area.ts'
import type { Leftovers } from '../../files/leftovers.ts'
import { seenOpen } from '../../files/seen-file.ts'
import { RootProblem } from '../../files/team-root.ts'
import type { Log } from '../../log.ts'
import type { Team } from '../../model/team.ts'
import type { Upload } from '../../model/upload.ts'
import type { Database } from '../../store/postgres/database.ts'
import { isDatabaseAway } from '../../store/postgres/database-errors.ts'
import { heldTemporaryNames } from '../../store/runs/batches.ts'
import { allTeams, teamById } from '../../store/teams.ts'
import { presentUploads } from '../../store/uploads/find-uploads.ts'
import { heldBeside } from '../../store/uploads/held-beside.ts'
import { forgetKept, keptUploads } from '../../store/uploads/interrupted-uploads.ts'
import { uploadIncomplete, uploadUnconfirmed } from '../../store/uploads/received-bytes.ts'
import { isFileOf } from '../../store/uploads/recognise.ts'
import {
  abandonedUploads,
  isProcessGone,
  leaveUploads,
  othersAreAlive,
  type UnfinishedUpload,
  unfinishedUploads,
} from '../../store/uploads/unfinished-uploads.ts'
import { type MayTakeName, settleUnconfirmed } from './settle-unconfirmed.ts'
import { readNote, type UploadNote } from './upload-note.ts'

const SWEEP_MS = 3_600_000
/** An upload enters the ledger in the first second; a file that it does not know after a day belongs to no upload. */
const KEPT_MS = 24 * 3_600_000

export interface RecoveryParts {
  db: Database
  /** The name of the database connections of this process. */
  processName: string
  fileAreaOf: (team: Team) => FileArea
  leftovers: Leftovers
  mayTakeName: MayTakeName
  log: Log
}

/** How often a process looks for what another one left behind. */
const LOOK_MS = 10_000

/**
 * Recovers the uploads of a process that has died. An upload that was still arriving is incomplete, and what came
 * of it stays hidden for its account to continue. One that got a 226 takes its name if its last record is whole, and is
 * held otherwise. Uploads of a living process are left alone.
 */
export class UploadRecovery {
  readonly #parts: RecoveryParts
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | null = null

  constructor(parts: RecoveryParts) {
    this.#parts = parts
  }

  /** Call it before anything listens: a process that is alone removes hidden files that no upload knows. */
  async open(): Promise<void> {
    const { db, processName, fileAreaOf } = this.#parts
    await this.look()
    if (!(await othersAreAlive(db, processName)))
      for (const team of await allTeams(db)) {
        const area = fileAreaOf(team)
        // The disk of one team must not keep the service from the others.
        await this.#unlessRefused({ team: team.team }, async () => {
          await this.#enterNotes(team, async () => true)
          await removeUnknown(db, team, area)
          await removeExpired(db, team, area)
        })
      }
    this.#timer = setInterval(() => void this.#attempt(), LOOK_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
    await leaveUploads(this.#parts.db, this.#parts.processName)
  }

  async look(): Promise<void> {
    for (const upload of await abandonedUploads(this.#parts.db))
      await this.#unlessRefused({ upload: upload.id }, () => this.#recover(upload))
    for (const team of await allTeams(this.#parts.db))
      await this.#unlessRefused({ team: team.team }, () => this.#enterNotes(team, (note) => this.#isLeft(note)))
    await this.#parts.leftovers.look()
  }

  /** Another process was there first, or the disk refuses: the next look tells. */
  async #unlessRefused(about: object, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (isDatabaseAway(error)) throw error
      // Every look would say again what has been logged once.
      if (error instanceof RootProblem) return
      this.#parts.log.warn({ ...about, err: error }, 'upload recovery failed; trying again')
    }
  }

  async #recover(upload: UnfinishedUpload): Promise<void> {
    const { db, fileAreaOf, log, mayTakeName } = this.#parts
    const team = await teamById(db, upload.teamId)
    if (!team) return
    const area = fileAreaOf(team)
    const settled =
      upload.state === 'unconfirmed' ? await settleUnconfirmed({ db, area, team, mayTakeName }, upload) : null
    if (!settled) await uploadIncomplete(db, upload.id, await keptBytes(area, upload))
    const outcome = settled ?? 'incomplete'
    // Names of files may hold names of people.
    log.info({ team: team.team, upload: upload.id, outcome }, 'recovered an upload')
  }

  /** A living process tells the ledger itself, and may be writing the note at this moment. */
  async #isLeft(note: UploadNote | null): Promise<boolean> {
    return note !== null && (await isProcessGone(this.#parts.db, note.process))
  }

  /** Notes that dead processes left on the disk while the database was unreachable. */
  async #enterNotes(team: Team, isLeft: (note: UploadNote | null) => Promise<boolean>): Promise<void> {
    const { db, fileAreaOf } = this.#parts
    const area = fileAreaOf(team)
    for (const { temporaryName, text } of await area.notes()) {
      const note = readNote(team.id, temporaryName, text)
      if (!(await isLeft(note))) continue
      if (note) {
        await uploadUnconfirmed(db, note.upload, note.received)
        const upload = (await unfinishedUploads(db, team.id)).find(({ id }) => id === note.upload.id)
        if (upload) await this.#recover(upload)
      }
      await area.dropNote(temporaryName)
    }
  }

  async #attempt(): Promise<void> {
    this.#looking ??= this.look()
      .catch((error) => this.#parts.log.warn({ err: error }, 'recovery of abandoned uploads failed; trying again'))
      .finally(() => {
        this.#looking = null
      })
    await this.#looking
  }
}

async function removeUnknown(db: Database, team: Team, area: FileArea, olderThanMs = 0): Promise<void> {
  const names = await area.pending()
  if (names.length === 0) return
  const known = new Set([
    ...(await unfinishedUploads(db, team.id)).map(({ temporaryName }) => temporaryName),
    ...(await heldTemporaryNames(db, team.id)),
    ...(await keptUploads(db, team.id)),
    ...(await heldBeside(db, team.id)).map(({ temporaryName }) => temporaryName),
    ...(await area.notes()).map(({ temporaryName }) => temporaryName),
  ])
  const standing = await presentUploads(db, team.id)
  for (const name of names) {
    if (known.has(name) || !(await isLeft(area, name, standing, olderThanMs))) continue
    await (await area.resume(name))?.discard()
  }
}

/** The hidden file is old and not needed any more. */
async function isLeft(area: FileArea, name: string, standing: Upload[], olderThanMs: number): Promise<boolean> {
  try {
    const file = await area.openPending(name)
    try {
      if (Date.now() - file.entry.modifiedAt.getTime() < olderThanMs) return false
      // The process that was about to move or delete it died; a repetition gives it its name back.
      for (const upload of standing) if (await isFileOf(upload, seenOpen(area, file))) return false
      return true
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof FileProblem) return false
    throw error
  }
}

/** Removes interrupted uploads that were not continued in time, and hidden files that no upload has known for as long. */
export async function sweep({ db, fileAreaOf, log }: SweepParts): Promise<void> {
  for (const team of await allTeams(db))
    try {
      await removeExpired(db, team, fileAreaOf(team))
      await removeUnknown(db, team, fileAreaOf(team), KEPT_MS)
    } catch (error) {
      if (isDatabaseAway(error)) throw error
      // The folder of one team must not keep those of the others from it.
      if (!(error instanceof RootProblem))
        log.warn({ err: error, team: team.team }, 'removal of old hidden files failed')
    }
}

type SweepParts = Pick<RecoveryParts, 'db' | 'fileAreaOf' | 'log'>

/** Sweeps every hour. Answers how to end that. */
export function sweepUploads({ db, fileAreaOf, log }: SweepParts): () => void {
  const timer = setInterval(() => {
    sweep({ db, fileAreaOf, log }).catch((error) => log.warn({ err: error }, 'removal of old hidden files failed'))
  }, SWEEP_MS)
  timer.unref()
  return () => clearInterval(timer)
}

async function removeExpired(db: Database, team: Team, area: FileArea): Promise<void> {
  for (const name of await forgetKept(db, team.id, 'expired')) await (await area.resume(name))?.discard()
}

/** Null after a reboot: data that was not flushed may have holes. */
async function keptBytes(area: FileArea, { temporaryName, startedAt }: UnfinishedUpload): Promise<number | null> {
  if (Date.now() - startedAt.getTime() > uptime() * 1000) return null
  const pending = temporaryName ? await area.resume(temporaryName) : null
  return pending && pending.bytes > 0 ? pending.bytes : null
}
