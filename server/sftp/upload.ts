import { createHash, randomUUID } from 'node:crypto'
import type { PendingFile } from '../../files/file-area.ts'
import { folderOf, type TeamPath } from '../../model/team-path.ts'
import {
  type StartedUpload,
  uploadIncomplete,
  uploadReady,
  uploadStarted,
  uploadUnconfirmed,
} from '../../store/uploads.ts'
import { attributesOf } from './attributes.ts'
import type { Handle } from './handles.ts'
import { Refusal } from './replies.ts'
import { SequentialWrites } from './sequential-writes.ts'
import type { SftpSession } from './session.ts'

/**
 * A file that the client is writing. It is hidden until the client closes its handle, which is the proof that it is whole:
 * a handle that is still open when the connection ends leaves nothing.
 */
export class Upload implements Handle {
  readonly #session: SftpSession
  readonly #entry: StartedUpload
  readonly #pending: PendingFile
  readonly #writes = new SequentialWrites()
  readonly #hash = createHash('sha256')
  readonly #began = new Date()
  /** A write failed or was refused: whatever comes behind it, the file is not the one that the client meant. */
  #broken = false

  constructor(session: SftpSession, entry: StartedUpload, pending: PendingFile) {
    this.#session = session
    this.#entry = entry
    this.#pending = pending
  }

  static async begin(session: SftpSession, path: TeamPath): Promise<Upload> {
    const { area, team, account, options, address } = session
    const pending = await area.receive()
    try {
      const entry: StartedUpload = {
        id: randomUUID(),
        teamId: team.id,
        path,
        source: 'sftp',
        account: account.username,
        address,
        temporaryName: pending.temporaryName,
      }
      await uploadStarted(options.db, entry)
      return new Upload(session, entry, pending)
    } catch (error) {
      await pending.discard()
      throw error
    }
  }

  attributes() {
    return attributesOf({ kind: 'file', bytes: this.#pending.bytes, modifiedAt: this.#began })
  }

  async write(offset: number, data: Buffer): Promise<void> {
    if (this.#broken) throw new Refusal('failure', 'An earlier write of this file failed.')
    try {
      for (const piece of this.#writes.take(offset, data)) {
        this.#hash.update(piece)
        await this.#pending.write(piece)
      }
    } catch (error) {
      this.#broken = true
      throw error
    }
  }

  /** Only the length that the file has anyway: a client that cuts a file off does not mean it to be taken. */
  setLength(bytes: number): void {
    if (bytes === this.#pending.bytes) return
    this.#broken = true
    throw new Refusal('unsupported', 'A file cannot be cut off or lengthened; send the whole file again.')
  }

  /** Gives the file its name before the client is told that its handle is closed. */
  async close(): Promise<void> {
    if (this.#broken || !this.#writes.complete) {
      await this.abandon()
      throw new Refusal('failure', 'The file was not received whole, so nothing was stored; send it again.')
    }
    try {
      await this.#publish()
    } catch (error) {
      await this.abandon()
      throw error
    }
  }

  async #publish(): Promise<void> {
    const { area, team, options, log } = this.#session
    const { id, path } = this.#entry
    const identity = await this.#pending.seal()
    const { bytes } = this.#pending
    const received = { bytes, sha256: this.#hash.digest('hex'), identity, receivedAt: new Date() }
    await uploadUnconfirmed(options.db, this.#entry, received)
    await uploadReady(options.db, { ...this.#entry, identity }, async () => {
      // The folder may have been removed since the upload began.
      await area.makeFolder(folderOf(path))
      await this.#pending.publish(path)
      return undefined
    })
    log.info({ upload: id, team: team.team, path, bytes }, 'upload ready')
    options.uploadReady?.(team, path)
  }

  /** Leaves nothing but its line in the ledger. Never rejects. */
  async abandon(): Promise<void> {
    const { options, log } = this.#session
    try {
      await this.#pending.discard()
      await uploadIncomplete(options.db, this.#entry.id, null)
      log.info({ upload: this.#entry.id, bytes: this.#pending.bytes }, 'upload incomplete')
    } catch (error) {
      log.error({ err: error, upload: this.#entry.id }, 'a broken upload could not be cleaned up')
    }
  }
}
