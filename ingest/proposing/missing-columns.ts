import type { OpenFile } from '../../files/file-area.ts'
import { aliasesOf, type ImportSettings, REQUIRED_FIELDS } from '../../model/import-settings.ts'
import type { MissingColumn } from '../../model/run.ts'
import { knownContacts } from '../../store/contacts/known-contacts.ts'
import type { Database } from '../../store/postgres/database.ts'
import { openFileHead } from '../reading/file-head.ts'
import { shown } from '../records/cell.ts'
import { absentColumns } from '../records/column-mapping.ts'
import { contactIdValue } from '../records/contact-id.ts'
import { HeaderColumns } from '../records/header-columns.ts'
import { agreementWith } from './agreement.ts'
import { likelyName } from './likely-name.ts'
import type { ProposedField } from './name-signs.ts'
import { proposeColumns } from './propose-columns.ts'
import type { SampledColumn } from './value-signs.ts'

/** Wider files have their IDs further to the left. */
const COLUMNS_LOOKED_UP = 60

/** The required columns that a file lacks, each with the column that most likely took its place. */
export async function missingColumns(
  db: Database,
  teamId: number,
  content: OpenFile,
  settings: ImportSettings,
): Promise<MissingColumn[]> {
  const head = await openFileHead(content, settings.file)
  const columns = head.columns.map((name, index) => ({ name, values: head.samples[index] ?? [] }))
  const absent = absentColumns(head.columns, settings)
  const mapped = mappedIn(columns, settings)
  const taken = new Set(mapped.values())
  const free = columns.filter((column) => !taken.has(column))
  const fields = REQUIRED_FIELDS.filter((field) => absent.some((one) => one.field === field))
  const ofFields = Object.fromEntries(mapped) as Partial<Record<ProposedField, SampledColumn>>
  const ids = ofFields.contactId ? [ofFields.contactId] : free.slice(0, COLUMNS_LOOKED_UP)
  const known = await knownContacts(db, teamId, [...new Set(ids.flatMap(({ values }) => values.map(contactIdValue)))])
  const proposals = proposeColumns(free, fields, agreementWith(known, ofFields))
  return absent.map(({ field, title, column }) => {
    const standard = fields.find((one) => one === field) ?? null
    if (standard !== null) return { field, title, column, likely: proposals[standard] ?? null }
    const names = free.map(({ name }) => name)
    const name = likelyName(null, column, names)
    return {
      field,
      title,
      column,
      likely: name === null ? null : { column: name, confidence: 'possible', because: `named much like ${column}` },
    }
  })
}

/** The columns that the file has, by their fields. */
export function mappedIn(columns: readonly SampledColumn[], settings: ImportSettings): Map<string, SampledColumn> {
  const header = new HeaderColumns(columns.map(({ name }) => name))
  const named: [string, string | null][] = [
    ...Object.entries(settings.fields),
    ['optOut', settings.optOut?.column ?? null],
    ...settings.additionalFields.map(({ name, column }): [string, string] => [name, column]),
  ]
  return new Map(
    named.flatMap(([field, column]) => {
      const index = column === null ? null : header.findAny([column, ...aliasesOf(settings, field)])
      return index === null ? [] : [[field, columns[index] as SampledColumn] as const]
    }),
  )
}

/** Names the likely columns after what is wrong, and the button that takes the first of them. */
export function withLikelyColumns(message: string, missing: readonly MissingColumn[]): string {
  const likely = missing.flatMap(({ title, likely }) => (likely === null ? [] : [{ title, ...likely }]))
  const [first] = likely
  if (!first) return message
  const told = likely.map(
    ({ title, column, confidence, because }) =>
      `"${shown(column)}" ${confidence === 'confident' ? 'looks like' : 'may be'} the column of ${title} (${because}).`,
  )
  return `${message} ${told.join(' ')} Without a new upload: press "Map ${shown(first.column)} and import" on the page of the run.`
}
