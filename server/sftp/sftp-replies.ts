import ssh2 from 'ssh2'
import { FileProblem, type FileProblemKind } from '../../files/file-area.ts'
import { QuotaProblem } from '../../files/storage-guard.ts'

const { STATUS_CODE } = ssh2.utils.sftp

/** SSH_FX codes of draft-ietf-secsh-filexfer-02. The client sees the code and the text; the cause stays in the log. */
export const SFTP_REPLIES: Record<FileProblemKind, [code: number, text: string]> = {
  'not-found': [STATUS_CODE.NO_SUCH_FILE, 'No such file or folder.'],
  'already-exists': [STATUS_CODE.FAILURE, 'This name is taken.'],
  'not-a-file': [STATUS_CODE.FAILURE, 'This is not a file.'],
  'not-a-folder': [STATUS_CODE.FAILURE, 'This is not a folder.'],
  'not-empty': [STATUS_CODE.FAILURE, 'The folder is not empty.'],
  'not-allowed': [STATUS_CODE.PERMISSION_DENIED, 'This name is not allowed.'],
  'other-disk': [STATUS_CODE.FAILURE, 'A folder cannot be moved to another disk; move its files.'],
  'no-space': [STATUS_CODE.FAILURE, 'There is no space left.'],
  'too-many-open': [STATUS_CODE.FAILURE, 'The server is busy; try again.'],
}

/** A request that is refused with this status. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: number
  constructor(reason: 'failure' | 'denied' | 'unsupported' | 'end', text: string) {
    super(text)
    this.code = REASONS[reason]
  }
}

const REASONS = {
  failure: STATUS_CODE.FAILURE,
  denied: STATUS_CODE.PERMISSION_DENIED,
  unsupported: STATUS_CODE.OP_UNSUPPORTED,
  end: STATUS_CODE.EOF,
} as const

/** What the client is told about `error`; `fault` when it is no refusal of ours and belongs into the log. */
export function replyTo(error: unknown): { code: number; text: string; fault: boolean } {
  if (error instanceof Refusal) return { code: error.code, text: error.message, fault: false }
  if (error instanceof QuotaProblem) return { code: STATUS_CODE.FAILURE, text: error.message, fault: false }
  if (error instanceof FileProblem) {
    const [code, text] = SFTP_REPLIES[error.kind]
    return { code, text, fault: false }
  }
  return { code: STATUS_CODE.FAILURE, text: 'The server could not do this; try again later.', fault: true }
}
