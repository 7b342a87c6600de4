import { DELIMITERS } from '../../model/delimiters.ts'
import { FIELD_TITLES, type ImportSettings, REQUIRED_FIELDS, type RequiredField } from '../../model/import-settings.ts'
import { namedInvisible, withoutInvisible } from '../../model/invisible-signs.ts'
import type { FileWarning } from '../../model/record.ts'
import { delimiterHint } from '../formats/delimiter-hint.ts'
import { likelyName } from '../proposing/likely-name.ts'
import type { ProposedField } from '../proposing/name-signs.ts'
import { BatchProblem } from './batch-problem.ts'
import { plainValue, quoted, shown } from './cell.ts'
import { mobileReader } from './mobile-number.ts'

/** Which column, from 0, holds which field; null where the field is not mapped or its column is absent. */
export interface ColumnMapping {
  /** The number of values that every record must have. */
  width: number
  fields: Record<RequiredField, number>
  staffId: number | null
  optOut: number | null
  /** In the order of the settings. */
  customFields: { name: string; column: number | null }[]
  warnings: FileWarning[]
}

type MappingSettings = Pick<
  ImportSettings,
  'file' | 'fields' | 'optOut' | 'additionalFields' | 'absentColumn' | 'mobileCountries'
>

interface RequiredColumn {
  /** Null for an additional field. */
  field: RequiredField | null
  title: string
  column: string
}

/** Finds the mapped columns in the header. Throws a `BatchProblem` where a required one is absent or a mapped one occurs twice. */
export function mapColumns(
  header: { line: number; values: readonly string[] },
  settings: MappingSettings,
): ColumnMapping {
  const columns = new HeaderColumns(header.values)
  const required: RequiredColumn[] = [
    ...REQUIRED_FIELDS.map((field) => ({ field, title: FIELD_TITLES[field], column: settings.fields[field] ?? '' })),
    ...settings.additionalFields
      .filter((field) => field.required)
      .map(({ name, column }) => ({ field: null, title: name, column })),
  ]
  const missing = required.filter(({ column }) => columns.find(column) === null)
  if (missing.length > 0) throw missingColumns(header, columns, missing, settings)

  const warnings: FileWarning[] = []
  const optional = (title: string, column: string): number | null => {
    const found = columns.find(column)
    if (found === null)
      warnings.push({
        code: 'W_COLUMN_ABSENT',
        message: `The file has no column ${quoted(column)} for ${title}; ${
          settings.absentColumn === 'keep'
            ? 'stored values were kept'
            : 'stored values were cleared, as the settings say'
        }.`,
      })
    return found
  }
  const field = (name: RequiredField) => columns.find(settings.fields[name] ?? '') as number
  const optOut = settings.optOut && columns.find(settings.optOut.column)
  if (settings.optOut && optOut === null)
    warnings.push({
      code: 'W_OPTOUT_COLUMN_ABSENT',
      message: `The file has no column ${quoted(settings.optOut.column)} for the opt-out preference${nearest('optOut', settings.optOut.column, columns.names)}; stored preferences were kept, and for new contacts it counted as empty.`,
    })
  return {
    width: header.values.length,
    fields: {
      contactId: field('contactId'),
      firstName: field('firstName'),
      lastName: field('lastName'),
      mobileNumber: field('mobileNumber'),
    },
    staffId: settings.fields.staffId === null ? null : optional(FIELD_TITLES.staffId, settings.fields.staffId),
    optOut,
    customFields: settings.additionalFields.map(({ name, column }) => ({ name, column: optional(name, column) })),
    warnings,
  }
}

/** The opt-out column's name in messages. */
export const OPT_OUT = 'Opt-out preference'

/** The columns that hold a field, with the field's title. */
export function mappedColumns(mapping: ColumnMapping): { column: number; title: string }[] {
  const { contactId, firstName, lastName, mobileNumber } = mapping.fields
  const columns: { column: number | null; title: string }[] = [
    { column: contactId, title: FIELD_TITLES.contactId },
    { column: firstName, title: FIELD_TITLES.firstName },
    { column: lastName, title: FIELD_TITLES.lastName },
    { column: mobileNumber, title: FIELD_TITLES.mobileNumber },
    { column: mapping.staffId, title: FIELD_TITLES.staffId },
    { column: mapping.optOut, title: OPT_OUT },
    ...mapping.customFields.map(({ name, column }) => ({ column, title: name })),
  ]
  return columns.flatMap(({ column, title }) => (column === null ? [] : [{ column, title }]))
}

/** The columns of a header by their names: exactly as written first, then folded. */
class HeaderColumns {
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

const SHOWN_COLUMNS = 20

function missingColumns(
  header: { line: number; values: readonly string[] },
  columns: HeaderColumns,
  missing: readonly RequiredColumn[],
  settings: MappingSettings,
): BatchProblem {
  const line = header.values.join(DELIMITERS[settings.file.delimiter].character)
  const delimiter = delimiterHint(line, settings.file.delimiter)
  if (delimiter !== null) {
    // Of a header that was not split no name is near to any other.
    const list = missing.map(({ title, column }) => `${quoted(column)} for ${title}`).join(', ')
    return new BatchProblem(
      'F_COLUMN_MISSING',
      `${delimiter} As it is read now, the file has no column ${list}. Its header begins: ${quoted(line)}.`,
    )
  }
  const names = columns.names.filter((name) => name !== '')
  const list = missing
    .map(({ field, title, column }) => `${quoted(column)} for ${title}${nearest(field, column, names)}`)
    .join(', ')
  const lacks = `The file has no column ${list}.`
  const has = `Its columns are: ${names.slice(0, SHOWN_COLUMNS).map(listed).join(', ')}${
    names.length > SHOWN_COLUMNS ? ` and ${names.length - SHOWN_COLUMNS} more` : ''
  }.`
  if (isNoHeader(header.values, columns, settings))
    return new BatchProblem(
      'F_HEADER_MISSING',
      `Line ${header.line} is not the header: ${quoted(line)}. ` +
        `The first line must name the columns, with nothing above it. ${lacks}`,
    )
  return new BatchProblem(
    'F_COLUMN_MISSING',
    `${lacks} ${has} Correct the export, or map the fields to the names that the file has.`,
  )
}

/** In a list names need no quotes, unless something in them cannot be seen. */
function listed(name: string): string {
  return namedInvisible(name) === null ? shown(name) : quoted(name)
}

/** Every column that the settings name, whether a file has it or not. */
export function mappedNames({
  fields,
  optOut,
  additionalFields,
}: Pick<ImportSettings, 'fields' | 'optOut' | 'additionalFields'>): string[] {
  const names = [...Object.values(fields), optOut?.column ?? null, ...additionalFields.map(({ column }) => column)]
  return names.filter((name) => name !== null)
}

/** A title above the header, or a record without a header: no mapped name in it, and too few values or a phone number. */
function isNoHeader(header: readonly string[], columns: HeaderColumns, settings: MappingSettings): boolean {
  if (mappedNames(settings).some((column) => columns.find(column) !== null)) return false
  const named = columns.names.filter((name) => name !== '').length
  const mobileNumber = mobileReader('any')
  return named < REQUIRED_FIELDS.length || header.some((value) => mobileNumber(plainValue(value)).ok)
}

function nearest(field: ProposedField | null, wanted: string, names: readonly string[]): string {
  const name = likelyName(field, wanted, names)
  return name === null ? '' : ` (nearest: ${quoted(name)})`
}
