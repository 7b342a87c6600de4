import { FileProblem, type FileProblemKind } from '../../files/file-area.ts'
import type { ReceivedUpload } from '../uploads/received-upload.ts'
import type { AwaitsConfirmation, CommandSession } from './command-session.ts'

/** How long a control connection must stay open behind an upload to vouch for it. */
const CONFIRM_MS = 10_000
/** How long to wait before a file is given its name again, where the machine refused. */
const RETRY_MS = 5_000
/** No waiting helps against these; whatever else is in the way may go, and the client has been told that all is well. */
const FINAL: readonly FileProblemKind[] = ['not-found', 'already-exists', 'not-a-file', 'not-a-folder', 'not-empty']

/**
 * An upload whose data ended cleanly. That is no proof that it is whole: the socket of a killed client ends just so. It
 * becomes a file when the client shows that it is still there, by a further command or by an open control connection.
 */
export class UnconfirmedUpload implements AwaitsConfirmation {
  readonly arrivedBefore: number
  readonly #session: CommandSession
  readonly #upload: ReceivedUpload
  #cancel: () => void
  #settled: Promise<void> | null = null
  #refused = false

  constructor(session: CommandSession, upload: ReceivedUpload, arrivedBefore: number) {
    this.arrivedBefore = arrivedBefore
    this.#session = session
    this.#upload = upload
    this.#cancel = this.#after(CONFIRM_MS)
  }

  confirm(): Promise<void> {
    return this.#settle(() => this.#publish())
  }

  lose(): Promise<void> {
    return this.#settle(() => this.#upload.interrupted('the control connection was lost'))
  }

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
      this.#session.log.error({ err: error, upload: this.#upload.id }, 'publishing an upload failed')
      if (error instanceof FileProblem && FINAL.includes(error.kind)) return this.#upload.interrupted(error)
      this.#refused = true
      this.#cancel = this.#after(RETRY_MS)
      this.#settled = null
    }
  }

  #after(milliseconds: number): () => void {
    return this.#session.options.after(milliseconds, () => void this.confirm())
  }
}
