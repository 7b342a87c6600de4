import { isAscii, withoutInvisible } from '../../model/invisible-signs.ts'
import { plainValue } from './cell.ts'

/** The Contact ID of a cell: one person has one, however a program or a keyboard wrote it. */
export function contactIdValue(cell: string): string {
  const plain = plainValue(cell)
  return withoutNull(isAscii(plain) ? plain : plainValue(withoutInvisible(plain)).normalize('NFC'))
}

/** Exports of databases write NULL where there is no ID or number. */
export function withoutNull(value: string): string {
  return value.length === 4 && value.toUpperCase() === 'NULL' ? '' : value
}
