import { FileProblem, type FileProblemKind } from '../../../files/file-area.ts'
import { QuotaProblem } from '../../../files/storage-guard.ts'
import { RootProblem } from '../../../files/team-root.ts'

/** RFC 959 section 4.2. The client sees the code and the text; the cause stays in the log. 550 replaces 553 too. */
export const FTP_REPLIES: Record<FileProblemKind, [code: number, text: string]> = {
  'not-found': [550, 'No such file or directory.'],
  'already-exists': [550, 'File already exists.'],
  'not-a-file': [550, 'Not a file.'],
  'not-a-folder': [550, 'Not a directory.'],
  'not-empty': [550, 'Directory not empty.'],
  'not-allowed': [550, 'File name not allowed.'],
  'other-disk': [550, 'Cannot move a directory to another disk; move its files.'],
  'no-space': [452, 'Insufficient storage space.'],
  'too-many-open': [451, 'Server busy; try again.'],
}

/** A command that is refused with this reply. */
export class FtpRefusal extends Error {
  override readonly name = 'Refusal'
  readonly code: number
  constructor(code: number, text: string) {
    super(text)
    this.code = code
  }
}

/** RFC 959 section 5.4: what would give a file its name is refused with 553, all else with 550. */
const GIVES_A_NAME = new Set(['STOR', 'APPE', 'STOU', 'RNTO'])

/** The reply for an error of `verb`; `fault`: not a refusal of ours, so it is logged. */
export function replyTo(error: unknown, verb: string): { code: number; text: string; fault: boolean } {
  const codeFor = (code: number) => (code === 550 && GIVES_A_NAME.has(verb) ? 553 : code)
  if (error instanceof FtpRefusal) return { code: codeFor(error.code), text: error.message, fault: false }
  if (error instanceof QuotaProblem) return { code: 552, text: error.message, fault: false }
  if (error instanceof FileProblem) {
    const [code, text] = FTP_REPLIES[error.kind]
    return { code: codeFor(code), text, fault: false }
  }
  if (error instanceof RootProblem)
    return { code: codeFor(550), text: 'The files of this team are unavailable; ask its administrator.', fault: false }
  return { code: 451, text: 'Local error; try again later.', fault: true }
}
