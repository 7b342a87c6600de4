import type { WarningCounts } from '../../model/codes.ts'
import type { ContactValues, OptOutState } from '../../model/contact.ts'
import type { RecordWarning, ValidatedRecord } from '../../model/record.ts'
import { contactLine, errorLine, preferenceLine, type StagedRecord, stagedLine } from '../../store/contacts/lines.ts'
import type { ChunkOfRecords } from '../../store/contacts/stage.ts'

const encoder = new TextEncoder()

/** Gathers the records of one chunk as text for COPY. */
export class ChunkText {
  readonly warnings: RecordWarning[] = []
  readonly furtherWarnings: WarningCounts = {}
  readonly #batch: { id: string; teamId: number }
  #staged = ''
  #stagedRecords = 0
  #created = ''
  #createdRecords = 0
  #optedOut = 0
  #rejected = ''
  #rejectedRecords = 0
  #preferences = ''

  constructor(batch: { id: string; teamId: number }) {
    this.#batch = batch
  }

  stage(record: StagedRecord): void {
    this.#staged += stagedLine(record)
    this.#stagedRecords++
  }

  create(contact: ContactValues, preference: OptOutState | null, hash: string | null): void {
    this.#created += contactLine(this.#batch, contact, preference, hash)
    this.#createdRecords++
    if (preference === 'opted_out') this.#optedOut++
  }

  reject({ error, optOut }: Extract<ValidatedRecord, { ok: false }>): void {
    this.#rejected += errorLine(this.#batch.id, error)
    this.#rejectedRecords++
    if (optOut) this.#preferences += preferenceLine({ line: error.line, ...optOut })
  }

  texts(): Omit<ChunkOfRecords, 'valid' | 'had'> {
    return {
      staged: { text: encoder.encode(this.#staged), records: this.#stagedRecords },
      created: { text: encoder.encode(this.#created), records: this.#createdRecords, optedOut: this.#optedOut },
      rejected: { text: encoder.encode(this.#rejected), records: this.#rejectedRecords },
      preferences: encoder.encode(this.#preferences),
      warnings: this.warnings,
      furtherWarnings: this.furtherWarnings,
    }
  }
}
