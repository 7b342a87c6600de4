import type { WarningCounts } from '../../model/codes.ts'
import type { ContactValues, OptOutState } from '../../model/contact.ts'
import type { RecordWarning, ValidatedRecord } from '../../model/record.ts'
import { ErrorTally } from '../../model/rejected-records.ts'
import { type ChunkOfRecords, KEPT_WARNINGS } from '../../store/contacts/stage.ts'
import {
  contactLine,
  errorLine,
  preferenceLine,
  type StagedRecord,
  stagedLine,
} from '../../store/contacts/staged-lines.ts'
import { CopyText } from '../../store/postgres/copy-text.ts'

/** Gathers the records of one chunk after another as text for COPY. */
export class ChunkText {
  readonly #batch: { id: string; teamId: number }
  readonly #staged = new CopyText()
  #stagedRecords = 0
  #warnings: RecordWarning[] = []
  #furtherWarnings: WarningCounts = {}
  readonly #given: WarningCounts = {}
  readonly #created = new CopyText()
  #createdRecords = 0
  #optedOut = 0
  readonly #rejected = new CopyText()
  #rejectedRecords = 0
  #errors = new ErrorTally()
  readonly #preferences = new CopyText()

  constructor(batch: { id: string; teamId: number }) {
    this.#batch = batch
  }

  stage(record: StagedRecord): void {
    this.#staged.add(stagedLine(record))
    this.#stagedRecords++
  }

  create(contact: ContactValues, preference: OptOutState | null, hash: string | null): void {
    this.#created.add(contactLine(this.#batch, contact, preference, hash))
    this.#createdRecords++
    if (preference === 'opted_out') this.#optedOut++
  }

  reject({ error, optOut }: Extract<ValidatedRecord, { ok: false }>): void {
    this.#rejected.add(errorLine(this.#batch.id, error))
    this.#rejectedRecords++
    this.#errors.record(error.errors)
    if (optOut) this.#preferences.add(preferenceLine({ line: error.line, ...optOut }))
  }

  warn(warning: RecordWarning): void {
    const { code } = warning
    const given = (this.#given[code] ?? 0) + 1
    this.#given[code] = given
    if (given <= KEPT_WARNINGS) this.#warnings.push(warning)
    else this.#furtherWarnings[code] = (this.#furtherWarnings[code] ?? 0) + 1
  }

  /** Everything since the last call. */
  take(): Omit<ChunkOfRecords, 'valid' | 'had'> {
    const taken = {
      staged: { text: this.#staged.take(), records: this.#stagedRecords },
      created: { text: this.#created.take(), records: this.#createdRecords, optedOut: this.#optedOut },
      rejected: { text: this.#rejected.take(), records: this.#rejectedRecords, counts: this.#errors.counts() },
      preferences: this.#preferences.take(),
      warnings: this.#warnings,
      furtherWarnings: this.#furtherWarnings,
    }
    this.#stagedRecords = this.#createdRecords = this.#optedOut = this.#rejectedRecords = 0
    this.#errors = new ErrorTally()
    this.#warnings = []
    this.#furtherWarnings = {}
    return taken
  }
}
