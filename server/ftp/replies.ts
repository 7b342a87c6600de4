import { FileProblem, type FileProblemKind } from '../../files/file-area.ts'
import { QuotaProblem } from '../../files/storage-guard.ts'

/** RFC 959 section 4.2. The client sees the code and the text; the cause stays in the log. */
export const FTP_REPLIES: Record<FileProblemKind, [code: number, text: string]> = {
  'not-found': [550, 'No such file or folder.'],
  'already-exists': [550, 'This name is taken.'],
  'not-a-file': [550, 'This is not a file.'],
  'not-a-folder': [550, 'This is not a folder.'],
  'not-empty': [550, 'The folder is not empty.'],
  'not-allowed': [553, 'This name is not allowed.'],
  'no-space': [452, 'There is no space left.'],
  'too-many-open': [451, 'The server is busy; try again.'],
}

/** A command that is refused with this reply. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: number
  constructor(code: number, text: string) {
    super(text)
    this.code = code
  }
}

/** What the client is told about `error`; `fault` when it is no refusal of ours and belongs into the log. */
export function replyTo(error: unknown): { code: number; text: string; fault: boolean } {
  if (error instanceof Refusal) return { code: error.code, text: error.message, fault: false }
  if (error instanceof QuotaProblem) return { code: 552, text: error.message, fault: false }
  if (error instanceof FileProblem) {
    const [code, text] = FTP_REPLIES[error.kind]
    return { code, text, fault: false }
  }
  return { code: 451, text: 'The server could not do this; try again later.', fault: true }
}
