import { type Room, roomOf } from '../../files/storage-guard.ts'
import type { Log } from '../../log.ts'
import type { Team } from '../../model/team.ts'
import type { NoRoom } from '../../model/upload.ts'
import { queueNotice } from '../../store/outbox.ts'
import type { Database } from '../../store/postgres/database.ts'
import { diskFull, quotaFull, roomAgain, whoMakesRoom } from '../../store/uploads/no-room.ts'
import { importsWaitNotice, type Notice, noRoomNotice } from './notices.ts'

const LOOK_MS = 30_000
/** There is room again when free bytes reach this multiple of the reserve. */
const AGAIN_SHARE = 1.2

export interface RoomParts {
  db: Database
  log: Log
  /** Of the disk that holds the teams. */
  space: () => Promise<{ freeBytes: number; totalBytes: number }>
  mailQueued: () => void
}

/** Sends one notice that uploads are refused or imports wait for lack of room, until there is room again. */
export class RoomWatch {
  readonly #parts: RoomParts
  #timer: NodeJS.Timeout | undefined
  #work: Promise<void> = Promise.resolve()
  #refusing = false

  constructor(parts: RoomParts) {
    this.#parts = parts
  }

  open(): void {
    this.#timer = setInterval(() => this.look(), LOOK_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#work
  }

  /** An upload of the team was refused. */
  refused(team: Team, noRoom: NoRoom): void {
    this.#refusing = true
    this.#then(async () => {
      const room = roomOf(await this.#parts.space())
      await this.#findRoom(room)
      await this.#tellOnce(noRoom === 'quota' ? team.id : null, noRoomNotice(team, noRoom, room))
    })
  }

  /** Imports have begun to wait. */
  importsWait(): void {
    this.#then(async () => this.#tellOnce(null, importsWaitNotice(roomOf(await this.#parts.space()))))
  }

  /** An upload was taken. */
  taken(): void {
    if (!this.#refusing) return
    this.#refusing = false
    this.look()
  }

  /** Checks whether there is room again. */
  look(): void {
    this.#then(async () => this.#findRoom(roomOf(await this.#parts.space())))
  }

  async #findRoom({ freeBytes, keptBytes }: Room): Promise<void> {
    await roomAgain(this.#parts.db, { disk: freeBytes >= keptBytes * AGAIN_SHARE })
  }

  /** `teamId`: whose quota is used up; null where the disk has no room. Nothing is sent twice while that lasts. */
  async #tellOnce(teamId: number | null, content: Notice): Promise<void> {
    const { db, mailQueued } = this.#parts
    const told = await db.transaction().execute(async (tx) => {
      if (!(teamId === null ? await diskFull(tx) : await quotaFull(tx, teamId))) return false
      await queueNotice(tx, { teamId, kind: 'no_room', recipients: await whoMakesRoom(tx, teamId), content })
      return true
    })
    if (told) mailQueued()
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work
      .then(work)
      .catch((error) => this.#parts.log.warn({ err: error }, 'the room on the disk could not be noted'))
  }
}
