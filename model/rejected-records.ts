import type { ErrorCode } from './codes.ts'
import type { RecordFault } from './record.ts'

/** Limits for the rejected records of one batch that are stored for the error file. All of them are counted. */
export const KEPT_ERRORS = { records: 100_000, bytes: 100_000_000 }

/** How many records of a file have which errors; a record may have several. */
export interface ErrorCounts {
  codes: Partial<Record<ErrorCode, number>>
  /** By code and field; the field is null where the whole record is meant. */
  kinds: { code: ErrorCode; field: string | null; records: number }[]
}

/** The rejected records of a batch: all are counted, the first ones kept. */
export interface RejectedRecords {
  counts: ErrorCounts
  kept: number
  /** Size of those kept. */
  keptBytes: number
}

export const NONE_REJECTED: RejectedRecords = { counts: { codes: {}, kinds: [] }, kept: 0, keptBytes: 0 }

/** Adds up the errors of records. */
export class ErrorTally {
  readonly #codes = new Map<ErrorCode, number>()
  readonly #kinds = new Map<string, ErrorCounts['kinds'][number]>()

  record(faults: readonly Pick<RecordFault, 'code' | 'field'>[]): void {
    for (const code of new Set(faults.map(({ code }) => code))) this.#code(code, 1)
    for (const { code, field } of faults) this.#kind(code, field, 1)
  }

  add({ codes, kinds }: ErrorCounts): void {
    for (const [code, records] of Object.entries(codes)) this.#code(code as ErrorCode, records)
    for (const { code, field, records } of kinds) this.#kind(code, field, records)
  }

  counts(): ErrorCounts {
    return {
      codes: Object.fromEntries([...this.#codes].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))),
      kinds: [...this.#kinds.values()].map((kind) => ({ ...kind })).sort(inOrder),
    }
  }

  #code(code: ErrorCode, records: number): void {
    this.#codes.set(code, (this.#codes.get(code) ?? 0) + records)
  }

  #kind(code: ErrorCode, field: string | null, records: number): void {
    const key = `${code} ${field ?? ''}`
    const known = this.#kinds.get(key)
    if (known) known.records += records
    else this.#kinds.set(key, { code, field, records })
  }
}

/** Most frequent first, then by name: a file read twice is told alike. */
function inOrder(a: ErrorCounts['kinds'][number], b: ErrorCounts['kinds'][number]): number {
  return b.records - a.records || (a.code < b.code || (a.code === b.code && (a.field ?? '') < (b.field ?? '')) ? -1 : 1)
}
