import ssh2 from 'ssh2'
import { FileProblem, type FileProblemKind } from '../../files/file-area.ts'
import { QuotaProblem } from '../../files/storage-guard.ts'
import { RootProblem } from '../../files/team-root.ts'

const { STATUS_CODE } = ssh2.utils.sftp

/** SSH_FX codes of draft-ietf-secsh-filexfer-02. The client sees the code and the text; the cause stays in the log. */
export const SFTP_REPLIES: Record<FileProblemKind, [code: number, text: string]> = {
  'not-found': [STATUS_CODE.NO_SUCH_FILE, 'No such file or directory.'],
  'already-exists': [STATUS_CODE.FAILURE, 'File already exists.'],
  'not-a-file': [STATUS_CODE.FAILURE, 'Not a file.'],
  'not-a-folder': [STATUS_CODE.FAILURE, 'Not a directory.'],
  'not-empty': [STATUS_CODE.FAILURE, 'Directory not empty.'],
  'not-allowed': [STATUS_CODE.PERMISSION_DENIED, 'File name not allowed.'],
  'other-disk': [STATUS_CODE.FAILURE, 'Cannot move a directory to another disk; move its files.'],
  'no-space': [STATUS_CODE.FAILURE, 'Insufficient storage space.'],
  'too-many-open': [STATUS_CODE.FAILURE, 'Server busy; try again.'],
}

/** A request that is refused with this status. */
export class SftpRefusal extends Error {
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

/** The status for an error; `fault`: not a refusal of ours, so it is logged. */
export function replyTo(error: unknown): { code: number; text: string; fault: boolean } {
  if (error instanceof SftpRefusal) return { code: error.code, text: error.message, fault: false }
  if (error instanceof QuotaProblem) return { code: STATUS_CODE.FAILURE, text: error.message, fault: false }
  if (error instanceof FileProblem) {
    const [code, text] = SFTP_REPLIES[error.kind]
    return { code, text, fault: false }
  }
  if (error instanceof RootProblem)
    return {
      code: STATUS_CODE.FAILURE,
      text: 'The files of this team are unavailable; ask its administrator.',
      fault: false,
    }
  return { code: STATUS_CODE.FAILURE, text: 'Local error; try again later.', fault: true }
}
