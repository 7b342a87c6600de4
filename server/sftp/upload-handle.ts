import { FileProblem } from '../../files/file-area.ts'
import type { Allowance } from '../../files/storage-guard.ts'
import type { TeamPath } from '../../model/team-path.ts'
import { UploadContent } from '../receiving/upload-content.ts'
import { refusedUpload } from '../uploads/no-room.ts'
import { LEDGER_PATIENCE_MS, ReceivedUpload } from '../uploads/received-upload.ts'
import { attributesOf } from './attributes.ts'
import type { Handle } from './handles.ts'
import type { RequestSession } from './request-session.ts'
import { SequentialWrites } from './sequential-writes.ts'
import { SftpRefusal } from './sftp-replies.ts'

/**
 * A file that the client is writing. It is hidden until the client closes its handle, which is the proof that it is whole:
 * a handle that is still open when the connection ends leaves nothing.
 */
export class UploadHandle implements Handle {
  readonly #session: RequestSession
  readonly #upload: ReceivedUpload
  readonly #content: UploadContent
  readonly #writes = new SequentialWrites()
  readonly #began = new Date()
  #modifiedAt: Date | null = null
  /** A write failed or was refused: later writes cannot repair the file. */
  #broken = false
  /** Why the first write failed. */
  #why: unknown = null

  constructor(session: RequestSession, upload: ReceivedUpload, allowance: Allowance) {
    this.#session = session
    this.#upload = upload
    this.#content = new UploadContent(session.options.receiving, upload.pending, allowance)
  }

  static async begin(session: RequestSession, path: TeamPath): Promise<UploadHandle> {
    const { area, team, options } = session
    try {
      const allowance = await options.storage.admit(team, area, path)
      return new UploadHandle(session, new ReceivedUpload(session, path, await area.receive()), allowance)
    } catch (error) {
      await refusedUpload(session, path, error)
      throw error
    }
  }

  attributes() {
    return attributesOf({ kind: 'file', bytes: this.#content.bytes, modifiedAt: this.#modifiedAt ?? this.#began })
  }

  /** The time that the file bears once it is closed. */
  setModified(at: Date): void {
    this.#modifiedAt = at
  }

  async write(offset: number, data: Buffer): Promise<void> {
    if (this.#broken) throw new SftpRefusal('failure', 'An earlier write failed.')
    try {
      for (const piece of this.#writes.take(offset, data)) await this.#content.write(piece)
    } catch (error) {
      this.#broken = true
      this.#why ??= error
      throw error
    }
  }

  /** Only the length that the file has anyway: a client that cuts a file off does not mean it to be taken. */
  setLength(bytes: number): void {
    if (bytes === this.#content.bytes) return
    this.#broken = true
    throw new SftpRefusal('unsupported', 'Changing the size of a file is not supported; send the whole file again.')
  }

  /** Gives the file its name before the client gets its handle closed. */
  async close(): Promise<void> {
    const { ledger } = this.#session
    try {
      if (this.#broken || !this.#writes.complete)
        throw new SftpRefusal('failure', 'File incomplete, nothing was stored; send it again.')
      await this.#upload.received(await this.#content.end())
      await this.#upload.publish()
    } catch (error) {
      await this.#content.abandon()
      await this.#upload.interrupted(this.#why ?? error, false)
      throw error
    }
    await this.#setTime()
    await ledger.caughtUp(LEDGER_PATIENCE_MS, ledger.settled)
  }

  /** An import may have moved the file already: it is stored all the same. */
  async #setTime(): Promise<void> {
    if (!this.#modifiedAt) return
    try {
      await this.#session.area.setModified(this.#upload.path, this.#modifiedAt)
    } catch (error) {
      if (!(error instanceof FileProblem && error.kind === 'not-found')) throw error
    }
  }

  /** Leaves nothing but its line in the ledger. Never rejects. */
  async abandon(): Promise<void> {
    await this.#content.abandon()
    await this.#upload.interrupted(this.#why ?? 'Connection closed before the file was closed.', false)
  }
}
