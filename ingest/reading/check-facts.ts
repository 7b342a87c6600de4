import type { ImportSettings } from '../../model/import-settings.ts'
import { plainValue } from '../records/cell.ts'
import { type ColumnMapping, mappedColumns } from '../records/column-mapping.ts'

export interface CheckFacts {
  /** How many records `empty` and `optOutValues` were counted in. */
  records: number
  columns: { field: string; column: number; empty: number }[]
  /** Each value of the opt-out column as written, most frequent first. */
  optOutValues: { value: string; records: number }[]
  /** Records whose opt-out value is not listed, because there are too many different ones. */
  otherOptOutValues: number
}

const MOST_OPT_OUT_VALUES = 100
const LONGEST_SHOWN_VALUE = 255

/** Counts the values of the mapped columns. */
export class FactCounter {
  readonly #columns: CheckFacts['columns']
  readonly #optOut: number | null
  readonly #optOutValues = new Map<string, number>()
  #records = 0
  #others = 0

  constructor(mapping: ColumnMapping, settings: Pick<ImportSettings, 'optOut'>) {
    this.#columns = mappedColumns(mapping).map(({ column, title }) => ({ field: title, column, empty: 0 }))
    this.#optOut = settings.optOut && mapping.optOut
  }

  /** `values` has the width of the header. */
  count(values: readonly string[]): void {
    this.#records++
    for (const column of this.#columns) if (plainValue(values[column.column] as string) === '') column.empty++
    if (this.#optOut === null) return
    const value = plainValue(values[this.#optOut] as string).slice(0, LONGEST_SHOWN_VALUE)
    const seen = this.#optOutValues.get(value)
    if (seen !== undefined) this.#optOutValues.set(value, seen + 1)
    else if (this.#optOutValues.size < MOST_OPT_OUT_VALUES) this.#optOutValues.set(value, 1)
    else this.#others++
  }

  facts(): CheckFacts {
    const optOutValues = [...this.#optOutValues].map(([value, records]) => ({ value, records }))
    return {
      records: this.#records,
      columns: this.#columns,
      optOutValues: optOutValues.sort((a, b) => b.records - a.records),
      otherOptOutValues: this.#others,
    }
  }
}
