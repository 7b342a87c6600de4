import { FileProblem, type FileProblemKind } from '../../files/file-area.ts'
import type { Upload } from '../uploads/received-upload.ts'
import type { FtpSession } from './ftp-session.ts'

/** How long a control connection must stay open behind an upload to vouch for it. */
const CONFIRM_MILLISECONDS = 10_000
/** How long to wait before a file is given its name again, where the machine refused. */
const RETRY_MILLISECONDS = 5_000
/** No waiting helps against these; whatever else is in the way may go, and the client has been told that all is well. */
const FINAL: readonly FileProblemKind[] = ['not-found', 'already-exists', 'not-a-file', 'not-a-folder', 'not-empty']

/**
 * An upload whose data ended cleanly. That is no proof that it is whole: the socket of a killed client ends just so. It
 * becomes a file when the client shows that it is still there, by a further command or by an open control connection.
 */
export class UnconfirmedUpload {
  /** Of the commands that arrived on its connection, this many came before the end of the data and vouch for nothing. */
  readonly arrivedBefore: number
  readonly #session: FtpSession
  readonly #upload: Upload
  #cancel: () => void
  #settled: Promise<void> | null = null
  #refused = false

  constructor(session: FtpSession, upload: Upload, arrivedBefore: number) {
    this.arrivedBefore = arrivedBefore
    this.#session = session
    this.#upload = upload
    this.#cancel = this.#after(CONFIRM_MILLISECONDS)
  }

  /** The client is still there. Publishes the file; resolves when it stands under its name. Never rejects. */
  confirm(): Promise<void> {
    return this.#settle(() => this.#publish())
  }

  /** The client went without a word: nothing is published. Never rejects. */
  lose(): Promise<void> {
    return this.#settle(() => this.#upload.interrupted('the control connection was lost'))
  }

  /** The service stops before it can know; the next start decides. */
  leave(): Promise<void> {
    return this.#settle(async () => {})
  }

  #settle(how: () => Promise<void>): Promise<void> {
    if (this.#settled) return this.#settled
    this.#cancel()
    this.#session.unconfirmed = null
    this.#settled = how()
    return this.#settled
  }

  async #publish(): Promise<void> {
    try {
      if (this.#refused && (await this.#upload.isOutdated()))
        return this.#upload.interrupted('a newer file took the name before this one could be given it')
      await this.#upload.publish()
    } catch (error) {
      this.#session.log.error({ err: error, upload: this.#upload.id }, 'an upload could not be published')
      if (error instanceof FileProblem && FINAL.includes(error.kind)) return this.#upload.interrupted(error)
      this.#refused = true
      this.#cancel = this.#after(RETRY_MILLISECONDS)
      this.#settled = null
    }
  }

  #after(milliseconds: number): () => void {
    return this.#session.options.after(milliseconds, () => void this.confirm())
  }
}
