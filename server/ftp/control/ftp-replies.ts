import { FileProblem, type FileProblemKind } from '../../../files/file-area.ts'
import { QuotaProblem } from '../../../files/storage-guard.ts'

/** RFC 959 section 4.2. The client sees the code and the text; the cause stays in the log. 550 stands for 553 too. */
export const FTP_REPLIES: Record<FileProblemKind, [code: number, text: string]> = {
  'not-found': [550, 'No such file or folder.'],
  'already-exists': [550, 'This name is taken.'],
  'not-a-file': [550, 'This is not a file.'],
  'not-a-folder': [550, 'This is not a folder.'],
  'not-empty': [550, 'The folder is not empty.'],
  'not-allowed': [550, 'This name is not allowed.'],
  'other-disk': [550, 'A folder cannot be moved to another disk; move its files.'],
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

/** RFC 959 section 5.4: what would give a file its name is refused with 553, all else with 550. */
const GIVES_A_NAME = new Set(['STOR', 'APPE', 'STOU', 'RNTO'])

/** What the client is told about `error` of `verb`; `fault` when it is no refusal of ours and belongs into the log. */
export function replyTo(error: unknown, verb: string): { code: number; text: string; fault: boolean } {
  const codeFor = (code: number) => (code === 550 && GIVES_A_NAME.has(verb) ? 553 : code)
  if (error instanceof Refusal) return { code: codeFor(error.code), text: error.message, fault: false }
  if (error instanceof QuotaProblem) return { code: 552, text: error.message, fault: false }
  if (error instanceof FileProblem) {
    const [code, text] = FTP_REPLIES[error.kind]
    return { code: codeFor(code), text, fault: false }
  }
  return { code: 451, text: 'The server could not do this; try again later.', fault: true }
}
