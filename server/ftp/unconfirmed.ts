import { type FileEntry, FileProblem, type FileProblemKind } from '../../files/file-area.ts'
import { LEDGER_PATIENCE_MS, type ReceivedUpload } from '../uploads/received-upload.ts'
import type { UnconfirmedFile } from '../uploads/unconfirmed-uploads.ts'
import type { AwaitsConfirmation, CommandSession } from './command-session.ts'

/** How long a control connection must stay open behind an upload to vouch for it. */
const CONFIRM_MS = 10_000
/** How long to wait before a file is given its name again, where the machine refused. */
const RETRY_MS = 5_000
/** No waiting helps against these; whatever else is in the way may go, and the client has been told that all is well. */
const FINAL: readonly FileProblemKind[] = ['not-found', 'already-exists', 'not-a-file', 'not-a-folder', 'not-empty']

/**
 * An upload whose data ended cleanly. That is no proof that it is whole: the socket of a killed client ends just so. It
 * becomes a file when the client shows that it is still there, by a further command or by an open control connection. Where
 * the client closes after the 226 without a word, the last record of the file decides.
 */
export class UnconfirmedUpload implements AwaitsConfirmation, UnconfirmedFile {
  readonly arrivedBefore: number
  readonly by: UnconfirmedFile['by']
  readonly entry: FileEntry
  readonly #session: CommandSession
  readonly #upload: ReceivedUpload
  #cancel: () => void
  #settled: Promise<void> | null = null
  #refused = false

  constructor(session: CommandSession, upload: ReceivedUpload, entry: FileEntry, arrivedBefore: number) {
    this.arrivedBefore = arrivedBefore
    this.entry = entry
    this.by = upload.by
    this.#session = session
    this.#upload = upload
    session.options.unconfirmed.add(this)
    this.#cancel = this.#after(CONFIRM_MS)
  }

  confirm(): Promise<void> {
    return this.#settle(() => this.#publish())
  }

  async enter(): Promise<void> {
    const { ledger } = this.#session
    await this.confirm()
    await ledger.caughtUp(LEDGER_PATIENCE_MS, ledger.about(this.entry.path))
  }

  lose(): Promise<void> {
    return this.#settle(() => this.#broken('the control connection was lost'))
  }

  closed(): Promise<void> {
    return this.#settle(async () => {
      // Until then its account sees it.
      void this.#upload.settle(this.#session.options.mayTakeName).then(() => this.#forget())
    })
  }

  leave(): Promise<void> {
    return this.#settle(async () => {})
  }

  #settle(how: () => Promise<void>): Promise<void> {
    if (this.#settled) return this.#settled
    this.#cancel()
    if (this.#session.unconfirmed === this) this.#session.unconfirmed = null
    this.#settled = how()
    return this.#settled
  }

  async #publish(): Promise<void> {
    try {
      if (this.#refused && (await this.#upload.isOutdated()))
        return this.#broken('a newer file took the name before this one could be given it')
      await this.#upload.publish()
      this.#forget()
    } catch (error) {
      this.#session.log.error({ err: error, upload: this.#upload.id }, 'publishing an upload failed')
      if (error instanceof FileProblem && FINAL.includes(error.kind)) return this.#broken(error)
      this.#refused = true
      this.#cancel = this.#after(RETRY_MS)
      this.#settled = null
    }
  }

  #broken(why: unknown): Promise<void> {
    this.#forget()
    return this.#upload.interrupted(why)
  }

  #forget(): void {
    this.#session.options.unconfirmed.remove(this)
  }

  #after(milliseconds: number): () => void {
    return this.#session.options.after(milliseconds, () => void this.confirm())
  }
}
