import type { ErrorCode, WarningCounts } from './codes.ts'
import type { OptOutState } from './contact.ts'
import type { BatchChanges, BatchCounts, FileRejection, GuardrailFinding, SampleChange } from './run.ts'

/** Result of a dry run; nothing has been written. */
export interface FileCheck {
  path: string
  fileName: string
  bytes: number
  settingsVersion: number
  /** Why the file would not be imported at all; everything below is empty then. */
  problem: FileRejection | null
  sha256: string | null
  counts: BatchCounts & { imported: number }
  warnings: WarningCounts
  changes: BatchChanges
  /** What the guardrails find, and whether an import would be held for it. */
  guardrails: { findings: GuardrailFinding[]; held: boolean }
  /** The first contacts that would be changed. */
  samples: SampleChange[]
  errors: ErrorKind[]
  columns: ColumnCheck[]
  /** Every value of the opt-out column, most frequent first, `null` where none is mapped. A list of 100 at most. */
  optOutValues: { value: string; records: number; means: OptOutState | 'empty' | 'not_recognised' }[] | null
  /** Records with an opt-out value beyond those listed. */
  otherOptOutValues: number
  /** In how many records values were counted: every one, or in a large file each `each`-th. */
  counted: { records: number; each: number }
}

/** Records that have the same thing wrong with them. */
export interface ErrorKind {
  code: ErrorCode
  field: string | null
  records: number
  samples: { line: number; contactId: string | null; message: string; values: string[] }[]
}

export interface ColumnCheck {
  field: string
  /** As the header names it. */
  column: string
  empty: number
  /** Records of the whole file that are rejected for their value in it. */
  invalid: number
}
