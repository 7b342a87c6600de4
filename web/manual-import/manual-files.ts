import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { FileArea } from '../../files/file-area.ts'
import type { StorageGuard } from '../../files/storage-guard.ts'
import type { GivenFile } from '../../ingest/manual-import.ts'
import type { Log } from '../../log.ts'
import { Counted } from '../../model/limits/counted.ts'
import type { Team } from '../../model/team.ts'
import type { Database } from '../../store/postgres/database.ts'
import { heldTemporaryNames } from '../../store/runs/batches.ts'
import { Refusal } from '../http/refusal.ts'

/** A file that is neither imported nor discarded is removed after this time. */
const KEPT_MS = 30 * 60 * 1000
/** Files that a team may be uploading at the same time. */
const MOST_AT_ONCE = 5
const TRY_AGAIN_SECONDS = 10

const ticketBody = z.object({
  team: z.number(),
  by: z.string(),
  version: z.number(),
  temporaryName: z.string(),
  fileName: z.string(),
  bytes: z.number(),
  sha256: z.string(),
})

/** A waiting file, and the version of the settings with which it was checked. */
export interface TicketedFile extends GivenFile {
  version: number
}

export interface ManualFilesParts {
  db: Database
  log: Log
  secret: Buffer
  fileAreaOf: (team: Team) => FileArea
  storage: StorageGuard
}

/**
 * Files of Manual Import, under hidden names, between their upload and the decision to import them. Only the browser knows
 * which file is waiting, by a ticket that cannot be forged, so any process can take the decision.
 */
export class ManualFiles {
  readonly #parts: ManualFilesParts
  readonly #key: Buffer
  readonly #receiving = new Counted<number>()

  constructor(parts: ManualFilesParts) {
    this.#parts = parts
    this.#key = createHmac('sha256', parts.secret).update('manual-import').digest()
  }

  /** Writes the file as fast as both sides allow. A file that breaks off or is refused is removed. */
  async receive(team: Team, fileName: string, content: AsyncIterable<Buffer>, expected = 0): Promise<GivenFile> {
    if (!this.#receiving.enter(team.id, MOST_AT_ONCE))
      throw new Refusal('too-many', `${MOST_AT_ONCE} files of this team are being uploaded. Try again in a moment.`, {
        retryAfterSeconds: TRY_AGAIN_SECONDS,
      })
    try {
      return await this.#receive(team, fileName, content, expected)
    } finally {
      this.#receiving.leave(team.id)
    }
  }

  async #receive(team: Team, fileName: string, content: AsyncIterable<Buffer>, expected: number): Promise<GivenFile> {
    const area = this.#parts.fileAreaOf(team)
    const allowance = await this.#parts.storage.admit(team, area, null, expected)
    const file = await area.receive({ release: true })
    try {
      const hash = createHash('sha256')
      for await (const chunk of content) {
        await allowance.take(chunk.length)
        hash.update(chunk)
        await file.write(chunk)
      }
      await file.seal()
      const { temporaryName, bytes } = file
      return { temporaryName, fileName, bytes, sha256: hash.digest('hex') }
    } catch (error) {
      await file.discard()
      throw error
    }
  }

  /** Keeps the file for a while, and answers the ticket with which it can be imported. */
  keep(team: Team, file: GivenFile, by: string, version: number): string {
    const timer = setTimeout(() => {
      this.#discardUnneeded(team, file).catch((error) =>
        this.#parts.log.warn({ err: error, team: team.team }, 'could not remove an uploaded file of Manual Import'),
      )
    }, KEPT_MS)
    timer.unref()
    const body = Buffer.from(JSON.stringify({ ...file, team: team.id, by, version })).toString('base64url')
    return `${body}.${this.#signed(body).toString('base64url')}`
  }

  /** The file of a ticket of this person for this team; null for any other ticket, or if the file is gone. */
  async find(team: Team, ticket: string, by: string): Promise<TicketedFile | null> {
    const [body = '', signature = ''] = ticket.split('.')
    const [given, right] = [Buffer.from(signature, 'base64url'), this.#signed(body)]
    if (given.length !== right.length || !timingSafeEqual(given, right)) return null
    const file = ticketBody.parse(JSON.parse(Buffer.from(body, 'base64url').toString()))
    if (file.team !== team.id || file.by !== by) return null
    return (await this.#parts.fileAreaOf(team).resume(file.temporaryName)) ? file : null
  }

  async discard(team: Team, { temporaryName }: Pick<GivenFile, 'temporaryName'>): Promise<void> {
    await (await this.#parts.fileAreaOf(team).resume(temporaryName))?.discard()
  }

  async #discardUnneeded(team: Team, file: GivenFile): Promise<void> {
    const needed = await heldTemporaryNames(this.#parts.db, team.id)
    if (!needed.includes(file.temporaryName)) await this.discard(team, file)
  }

  #signed(body: string): Buffer {
    return createHmac('sha256', this.#key).update(body).digest()
  }
}
