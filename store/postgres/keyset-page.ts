/** A part of a list; `next` is the cursor of the next page, null at the end. */
export interface Page<T> {
  items: T[]
  next: string | null
}

/** Makes a page of `rows`, of which one more than `limit` was asked for to see whether the list goes on. */
export function pageOf<Row, T>(
  rows: readonly Row[],
  limit: number,
  key: (row: Row) => string | number,
  show: (row: Row) => T,
): Page<T> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown.map(show), next: rows.length > limit && last !== undefined ? String(key(last)) : null }
}
