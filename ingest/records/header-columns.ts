import { withoutInvisible } from '../../model/invisible-signs.ts'
import { BatchProblem } from './batch-problem.ts'
import { plainValue, quoted } from './cell.ts'

/** The columns of a header by their names: exactly as written first, then folded. */
export class HeaderColumns {
  readonly names: readonly string[]
  readonly #exact = new Map<string, number[]>()
  readonly #folded = new Map<string, number[]>()

  constructor(header: readonly string[]) {
    this.names = header.map(columnName)
    this.names.forEach((name, index) => {
      add(this.#exact, name, index)
      add(this.#folded, folded(name), index)
    })
  }

  find(column: string): number | null {
    const name = columnName(column)
    const key = folded(name)
    if (key === '') return null
    const all = this.#exact.get(name) ?? this.#folded.get(key)
    if (all === undefined) return null
    if (all.length > 1)
      throw new BatchProblem(
        'F_HEADER_DUPLICATE',
        `The header names the mapped column ${quoted(name)} ${all.length} times (columns ${all.map((index) => index + 1).join(', ')}). Only one may have this name, or values could be taken from the wrong one.`,
      )
    return all[0] as number
  }

  /** The column under the first name, else under one of the others: with two of those nobody knows which is meant. */
  findAny([name = '', ...others]: readonly string[]): number | null {
    const found = this.find(name)
    if (found !== null) return found
    const indexes = [...new Set(others.map((other) => this.find(other)).filter((index) => index !== null))]
    if (indexes.length > 1)
      throw new BatchProblem(
        'F_HEADER_DUPLICATE',
        `The header has no column ${quoted(name)}, but several that were mapped in its place: ${indexes.map((index) => quoted(this.names[index] ?? '')).join(', ')}. Only one may be in a file, or values could be taken from the wrong one.`,
      )
    return indexes[0] ?? null
  }
}

/**
 * A name without what makes no difference to people: letter case, compatible forms (NFKC), signs that do not print, and which
 * of blanks, line breaks, `_` and `-` divide its words.
 */
function folded(name: string): string {
  const words = withoutInvisible(name.normalize('NFKC')).toLowerCase()
  return words.replace(/[\s_\-\u2010-\u2015\u2212]+/g, ' ').trim()
}

function add(columns: Map<string, number[]>, name: string, index: number): void {
  const indexes = columns.get(name)
  if (indexes) indexes.push(index)
  else columns.set(name, [index])
}

/** `trim` takes NBSP and byte order marks too. */
function columnName(text: string): string {
  return plainValue(text)
}
