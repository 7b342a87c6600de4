import { FileProblem, type PendingFile } from '../../files/file-area.ts'
import { folderOf, type TeamPath } from '../../model/team-path.ts'
import { uploadIncomplete, uploadReady } from '../../store/uploads.ts'
import type { FtpSession, LoggedIn } from './session.ts'

/** How long a control connection must stay open behind an upload to vouch for it. */
const CONFIRM_MILLISECONDS = 10_000
/** How long to wait before an upload is entered again into a ledger that was out of reach. */
const RETRY_MILLISECONDS = 5_000

/**
 * An upload whose data ended cleanly. That is no proof that it is whole: the socket of a killed client ends just so. It
 * becomes a file when the client shows that it is still there, by a further command or by an open control connection.
 */
export class UnconfirmedUpload {
  /** Of the commands that arrived on its connection, this many came before the end of the data and vouch for nothing. */
  readonly arrivedBefore: number
  readonly #session: FtpSession
  readonly #user: LoggedIn
  readonly #upload: { id: string; path: TeamPath; pending: PendingFile }
  #cancel: () => void
  #settled: Promise<void> | null = null

  constructor(
    session: FtpSession,
    upload: { id: string; path: TeamPath; pending: PendingFile },
    arrivedBefore: number,
  ) {
    this.arrivedBefore = arrivedBefore
    this.#session = session
    this.#user = session.user
    this.#upload = upload
    this.#cancel = this.#after(CONFIRM_MILLISECONDS)
  }

  /** The client is still there. Publishes the file; resolves when it stands under its name. Never rejects. */
  confirm(): Promise<void> {
    return this.#settle(() => this.#publish())
  }

  /** The client went without a word: nothing is published. Never rejects. */
  lose(): Promise<void> {
    return this.#settle(() => this.#discard())
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
    const { id, path, pending } = this.#upload
    const { options, log } = this.#session
    const { team, area } = this.#user
    try {
      await uploadReady(options.db, { id, teamId: team.id, path }, async () => {
        // The folder may have been removed since the upload began.
        await area.makeFolder(folderOf(path))
        await pending.publish(path)
        return undefined
      })
    } catch (error) {
      log.error({ err: error, upload: id }, 'an upload could not be published')
      if (error instanceof FileProblem) return this.#discard()
      this.#cancel = this.#after(RETRY_MILLISECONDS)
      this.#settled = null
      return
    }
    log.info({ upload: id, team: team.team, path, bytes: pending.bytes }, 'upload ready')
    options.uploadReady?.(team, path)
  }

  async #discard(): Promise<void> {
    const { id, pending } = this.#upload
    await discardUpload(this.#session, id, pending)
  }

  #after(milliseconds: number): () => void {
    const { after = realAfter } = this.#session.options
    return after(milliseconds, () => void this.confirm())
  }
}

/** Leaves nothing of a broken upload but its line in the ledger. Never rejects. */
export async function discardUpload(session: FtpSession, id: string, pending: PendingFile): Promise<void> {
  try {
    await pending.discard()
    await uploadIncomplete(session.options.db, id)
    session.log.info({ upload: id, bytes: pending.bytes }, 'upload incomplete')
  } catch (error) {
    session.log.error({ err: error, upload: id }, 'a broken upload could not be cleaned up')
  }
}

function realAfter(milliseconds: number, run: () => void): () => void {
  const timer = setTimeout(run, milliseconds)
  return () => clearTimeout(timer)
}
