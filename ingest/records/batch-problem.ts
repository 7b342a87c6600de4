import type { FileCode } from '../../model/codes.ts'

/** A file that cannot be imported as a whole. The message says what is wrong, where, and what to do; `run.ts` catches it. */
export class BatchProblem extends Error {
  override readonly name = 'BatchProblem'
  readonly code: FileCode
  constructor(code: FileCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
