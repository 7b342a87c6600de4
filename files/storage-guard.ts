import { setTimeout } from 'node:timers/promises'
import { Pace } from '../model/limits/pace.ts'
import type { Team } from '../model/team.ts'
import { folderOf, ROOT, type TeamPath } from '../model/team-path.ts'
import { type FileArea, FileProblem, type Usage } from './file-area.ts'

/** This share of the disk stays free: PostgreSQL and the other teams live on it too. */
const FREE_SHARE = 0.05
/** Checks the disk after this many uploaded bytes, and a team's files at most this often. */
const LOOK_BYTES = 8 << 20
const MEASURED_MS = 60_000
const AGAIN_MS = 1_000
/** A measurement that took long is repeated after this many times as long. */
const AGAIN_TIMES = 20

/** An upload that would take more than its team may keep. */
export class QuotaProblem extends Error {
  override readonly name = 'QuotaProblem'
}

/** Too little disk space is left: uploads may not use the last `keptBytes`. */
export class DiskFullProblem extends FileProblem {
  readonly freeBytes: number
  readonly keptBytes: number
  constructor({ freeBytes, keptBytes }: Room) {
    super('no-space', '/')
    this.freeBytes = freeBytes
    this.keptBytes = keptBytes
  }
}

/** `keptBytes` of the free bytes are not for uploads. */
export interface Room {
  freeBytes: number
  keptBytes: number
}

export function roomOf({ freeBytes, totalBytes }: { freeBytes: number; totalBytes: number }): Room {
  return { freeBytes, keptBytes: Math.ceil(totalBytes * FREE_SHARE) }
}

/** Each is flushed to the disk, and makes every look at the files of the team dearer. */
const FOLDER_PACE = { burst: 200, perSecond: 10 }

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB']

/** `12 MB`, `1.5 GB`. */
export function inBytes(bytes: number): string {
  const power = Math.max(0, Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  const value = bytes / 1000 ** power
  return `${value < 10 && power > 1 ? value.toFixed(1) : Math.round(value)} ${UNITS[power]}`
}

export interface Allowance {
  /** Call it before `bytes` are kept. Rejects with `QuotaProblem`, or with `no-space` before the disk is full. */
  take(bytes: number): Promise<void>
}

interface Measured extends Usage {
  at: number
  /** How long it took. */
  tookMs: number
}

/**
 * Keeps teams within their quota and the disk from filling up, whichever way their files come. What uploads in progress
 * have gathered in memory may pass a quota.
 */
export class StorageGuard {
  readonly #teams = new Map<number, Measured>()
  readonly #measuring = new Map<number, Promise<Measured>>()
  readonly #folders = new Pace(FOLDER_PACE)
  #sinceLook = LOOK_BYTES

  /**
   * Checks quota and disk before an upload to `path`; the file it replaces does not count. `path` is null where the file
   * gets its name later; `expected` is the announced size in bytes.
   */
  async admit(team: Team, area: FileArea, path: TeamPath | null, expected = 0): Promise<Allowance> {
    const there = path && (await area.stat(path).catch(() => null))
    const folder = path ? folderOf(path) : ROOT
    await this.#checkDisk(area, folder, 0, expected)
    const measured = await this.#measured(team, area, ({ files }) => there !== null || files < team.quotaFiles)
    if (!there && measured.files >= team.quotaFiles)
      throw new QuotaProblem(`This team may keep ${team.quotaFiles} files; remove some.`)
    const credit = there?.bytes ?? 0
    const fits = (bytes: number) => (usage: Measured) => usage.bytes - credit + bytes <= team.quotaBytes
    const roomFor = async (bytes: number): Promise<Measured> => {
      const usage = this.#teams.get(team.id)
      const left = usage && fits(bytes)(usage) ? usage : await this.#measured(team, area, fits(bytes))
      if (!fits(bytes)(left)) throw new QuotaProblem(`This team may keep ${team.quotaBytes} bytes; remove some files.`)
      return left
    }
    if (expected > 0) await roomFor(expected)
    measured.files += there ? 0 : 1
    return {
      take: async (bytes) => {
        await this.#checkDisk(area, folder, bytes)
        const usage = await roomFor(bytes)
        usage.bytes += bytes
      },
    }
  }

  /** A folder counts as a file: it costs as much on the disk and in a scan. */
  async makeFolder(team: Team, area: FileArea, path: TeamPath): Promise<void> {
    const wait = this.#folders.take(String(team.id))
    if (wait > 0) await setTimeout(wait)
    await this.#checkDisk(area, folderOf(path), 0)
    const fits = ({ files, folders }: Usage) => files + folders < team.quotaFiles
    const measured = await this.#measured(team, area, fits)
    if (!fits(measured)) throw new QuotaProblem(`This team may keep ${team.quotaFiles} files and folders; remove some.`)
    measured.folders += 1
    try {
      await area.makeFolder(path)
    } catch (error) {
      measured.folders -= 1
      throw error
    }
  }

  /** How many bytes more a team can upload. */
  async available(team: Team, area: FileArea): Promise<number> {
    const [{ bytes }, space] = await Promise.all([area.usage(), area.space()])
    const { freeBytes, keptBytes } = roomOf(space)
    return Math.max(0, Math.min(team.quotaBytes - bytes, freeBytes - keptBytes))
  }

  /**
   * `taken` bytes are kept next, and `expected` may follow. What is received is in the root first, and then in `folder`, which
   * may be on another disk.
   */
  async #checkDisk(area: FileArea, folder: TeamPath, taken: number, expected = 0): Promise<void> {
    this.#sinceLook += taken
    if (this.#sinceLook + expected < LOOK_BYTES) return
    this.#sinceLook = 0
    for (const space of await Promise.all([area.space(), area.space(folder)])) {
      const room = roomOf(space)
      if (room.freeBytes - expected >= room.keptBytes) continue
      this.#sinceLook = LOOK_BYTES
      throw new DiskFullProblem(room)
    }
  }

  /** Cached usage of the team; measured again when it is old or does not suffice. */
  async #measured(team: Team, area: FileArea, suffices: (measured: Measured) => boolean): Promise<Measured> {
    const known = this.#teams.get(team.id)
    const age = known ? performance.now() - known.at : Number.POSITIVE_INFINITY
    if (known && age < (suffices(known) ? MEASURED_MS : againAfter(known))) return known
    const measuring = this.#measuring.get(team.id) ?? this.#measure(team, area, known)
    this.#measuring.set(team.id, measuring)
    try {
      return await measuring
    } finally {
      this.#measuring.delete(team.id)
    }
  }

  /** One look for all that wait: separate looks would not see what the others have taken. */
  async #measure(team: Team, area: FileArea, known: Measured | undefined): Promise<Measured> {
    const before = { ...known }
    const begun = performance.now()
    const usage = await area.usage()
    // Concurrent uploads may be counted twice; the next look corrects that.
    const meanwhile = (which: keyof Usage) => (known ? known[which] - (before[which] ?? 0) : 0)
    const fresh = {
      at: performance.now(),
      tookMs: performance.now() - begun,
      bytes: usage.bytes + meanwhile('bytes'),
      files: usage.files + meanwhile('files'),
      folders: usage.folders + meanwhile('folders'),
    }
    this.#teams.set(team.id, fresh)
    return fresh
  }
}

/** A team past its quota that goes on trying must not have its files counted without a pause. */
function againAfter({ tookMs }: Measured): number {
  return Math.min(Math.max(AGAIN_MS, AGAIN_TIMES * tookMs), MEASURED_MS)
}
