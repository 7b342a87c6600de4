import { guardedCell } from '../../ingest/records/cell.ts'

/** One record of a CSV file (RFC 4180) that a spreadsheet may open: formulas are made harmless. */
export function csvRecord(values: readonly (string | null)[]): string {
  return `${values.map((value) => csvCell(value ?? '')).join(',')}\r\n`
}

function csvCell(value: string): string {
  const text = guardedCell(value)
  return /^'|[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export const CSV_TYPE = 'text/csv; charset=utf-8'
