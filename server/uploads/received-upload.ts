import { randomUUID } from 'node:crypto'
import { type FileEntry, FileProblem, type PendingFile } from '../../files/file-area.ts'
import { folderOf, nameOf, type TeamPath } from '../../model/team-path.ts'
import type { FileIdentity } from '../../model/upload.ts'
import { isDatabaseAway } from '../../store/postgres/database-errors.ts'
import { isOvertaken } from '../../store/uploads/find-uploads.ts'
import { forgetKept } from '../../store/uploads/interrupted-uploads.ts'
import { leaveUpload } from '../../store/uploads/leave-upload.ts'
import {
  type ReceivedBytes,
  type StartedUpload,
  uploadIncomplete,
  uploadStarted,
  uploadUnconfirmed,
} from '../../store/uploads/received-bytes.ts'
import { unconfirmedUpload } from '../../store/uploads/unfinished-uploads.ts'
import type { LoggedIn } from '../login.ts'
import { noRoomOf, roomDetails } from './no-room.ts'
import { Taking } from './permissions.ts'
import type { ReceivingSession } from './receiving-session.ts'
import { type MayTakeName, settleUnconfirmed } from './settle-unconfirmed.ts'
import { noteText } from './upload-note.ts'

/** An upload that takes no longer enters the ledger only when it ends. */
const ENTER_MS = 200
/** How long a client waits for the ledger before the upload is noted on the disk instead. */
export const LEDGER_PATIENCE_MS = 2000

/** One upload from its first byte to its end, on the disk and in the ledger. */
export class ReceivedUpload {
  readonly path: TeamPath
  readonly pending: PendingFile
  readonly #session: ReceivingSession
  readonly #user: LoggedIn
  readonly #entry: StartedUpload
  readonly #taking: Taking
  readonly #began = performance.now()
  readonly #enter: NodeJS.Timeout
  #told: Promise<unknown> = Promise.resolve()
  #entered = false
  #noted = false
  #identity: FileIdentity | null = null
  #receivedAt: Date | null = null
  #sha256: string | null = null

  constructor(session: ReceivingSession, path: TeamPath, pending: PendingFile) {
    const { account, team } = session.user
    this.path = path
    this.pending = pending
    this.#session = session
    this.#user = session.user
    this.#taking = new Taking(session.options.db, session.user, path)
    this.#entry = {
      id: randomUUID(),
      teamId: team.id,
      path,
      source: session.source,
      account: account.username,
      address: session.address,
      temporaryName: pending.temporaryName,
    }
    this.#enter = setTimeout(() => this.#begin(), ENTER_MS)
  }

  get id(): string {
    return this.#entry.id
  }

  get by(): { teamId: number; account: string } {
    return { teamId: this.#entry.teamId, account: this.#user.account.username }
  }

  /** The received file as its own account sees it before it has its name. */
  get entry(): FileEntry {
    const [identity, receivedAt] = [this.#identity, this.#receivedAt]
    if (!identity || !receivedAt) throw new Error('the upload has not been received')
    const { path } = this
    const times = { modifiedAt: receivedAt, changedAt: receivedAt }
    return { name: nameOf(path), path, kind: 'file', bytes: identity.bytes, identity, ...times }
  }

  /**
   * All bytes have arrived. Resolves when they are on the disk and the ledger knows of them; where it cannot be told now,
   * a note on the disk replaces the entry.
   */
  async received(sha256: string): Promise<void> {
    clearTimeout(this.#enter)
    const { options } = this.#session
    const identity = await this.pending.written()
    this.#identity = identity
    this.#sha256 = sha256
    this.#receivedAt = options.receiptTime()
    const received = { bytes: identity.bytes, sha256, identity, receivedAt: this.#receivedAt }
    this.#entered = true
    const written = this.#tell(() => uploadUnconfirmed(options.db, this.#entry, received))
    await Promise.all([this.pending.seal(), this.#known(written, received), this.#checkName()])
  }

  /** A newer file has taken the path; this one must not replace it. */
  async isOutdated(): Promise<boolean> {
    return isOvertaken(this.#session.options.db, { ...this.#entry, receivedAt: this.#receivedAt })
  }

  /** The client has shown that it meant the data to end there: gives the file its name. */
  async publish(): Promise<void> {
    const { options } = this.#session
    const { area, team } = this.#user
    await this.#checkName()
    this.#identity = (await this.#giveName()).identity
    this.#event('upload', { sha256: this.#sha256 })
    void this.#tell(async () => {
      const names = await options.ready.enter(area, { ...this.#entry, identity: this.#identity })
      await this.#dropNote()
      for (const name of names) await (await area.resume(name))?.discard()
    }).then((entered) => {
      if (entered) options.uploadReady?.(team, this.path)
      else void this.#tell(() => leaveUpload(options.db, this.id))
    })
  }

  /** The client closed behind the 226 without a word: the last record of the file decides. Resolves when it has. Never rejects. */
  async settle(mayTakeName: MayTakeName): Promise<void> {
    const { options } = this.#session
    const { area, team } = this.#user
    let outcome: 'waiting' | 'held' | null = null
    const settled = await this.#tell(async () => {
      const upload = await unconfirmedUpload(options.db, this.id)
      if (!upload) return
      outcome = await settleUnconfirmed({ db: options.db, area, team, mayTakeName }, upload)
      if (!outcome) await uploadIncomplete(options.db, this.id, null)
      await this.#dropNote()
    })
    if (!settled) void this.#tell(() => leaveUpload(options.db, this.id))
    else if (outcome) this.#event('upload', { sha256: this.#sha256, unconfirmed: outcome })
    if (settled && outcome === 'waiting') options.uploadReady?.(team, this.path)
  }

  async #giveName(): Promise<FileEntry> {
    try {
      return await this.pending.publish(this.path, { flush: false })
    } catch (error) {
      if (!(error instanceof FileProblem && error.kind === 'not-found')) throw error
      // The folder has been removed since the upload began.
      await this.#user.area.makeFolder(folderOf(this.path))
      return this.pending.publish(this.path, { flush: false })
    }
  }

  /** It broke off. What has arrived stays hidden for the account to continue, unless `keep` is false. Never rejects. */
  async interrupted(why: unknown, keep = true): Promise<void> {
    clearTimeout(this.#enter)
    const { options } = this.#session
    const { area } = this.#user
    const { teamId, path, account, id } = this.#entry
    const kept = keep && this.pending.bytes > 0 && (await this.#keep())
    const noRoom = noRoomOf(why)
    if (noRoom) this.#event('upload-refused', await roomDetails(area, path, noRoom), 'warn')
    else this.#event('upload-incomplete', { reason: why instanceof Error ? why.message : String(why) })
    if (!kept) await this.pending.discard()
    if (noRoom) options.noRoom?.(this.#user.team, noRoom)
    this.#begin()
    void this.#tell(async () => {
      const older = kept ? await forgetKept(options.db, teamId, { path, account: account ?? '' }) : []
      for (const name of older) await (await area.resume(name))?.discard()
      await uploadIncomplete(options.db, id, kept ? this.pending.bytes : null, noRoom)
      await this.#dropNote()
    })
  }

  /** Since the upload began another account may have taken the name. An unreachable database does not decide it. */
  async #checkName(): Promise<void> {
    const allowed = await this.#taking.allowed().catch((error: unknown) => {
      if (isDatabaseAway(error)) return true
      throw error
    })
    if (!allowed) throw new FileProblem('already-exists', this.path)
  }

  async #keep(): Promise<boolean> {
    if (this.#identity) return true
    try {
      await this.pending.seal()
      return true
    } catch {
      return false
    }
  }

  #begin(): void {
    if (this.#entered) return
    this.#entered = true
    void this.#tell(() => uploadStarted(this.#session.options.db, this.#entry))
  }

  async #known(written: Promise<boolean>, received: ReceivedBytes & { receivedAt: Date }): Promise<void> {
    const { ledger, options } = this.#session
    if (await ledger.caughtUp(LEDGER_PATIENCE_MS, written)) {
      if (!(await written)) throw new Error('the ledger refused an upload')
      return
    }
    this.#noted = true
    const note = noteText({ process: options.processName, upload: this.#entry, received })
    await this.#user.area.keepNote(this.pending.temporaryName, note)
  }

  async #dropNote(): Promise<void> {
    if (this.#noted) await this.#user.area.dropNote(this.pending.temporaryName)
    this.#noted = false
  }

  /** In order: the end of an upload is entered after its beginning. */
  #tell(write: () => Promise<unknown>): Promise<boolean> {
    const told = this.#session.ledger.push(write, { path: this.path, behind: this.#told })
    this.#told = told
    return told
  }

  #event(action: string, details: Record<string, unknown>, level: 'info' | 'warn' = 'info'): void {
    const milliseconds = Math.round(performance.now() - this.#began)
    const about = { upload: this.id, bytes: this.pending.bytes, milliseconds, ...details }
    this.#session.event(action, this.path, about, this.#user, level)
  }
}
