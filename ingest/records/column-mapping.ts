import { DELIMITERS } from '../../model/delimiters.ts'
import {
  aliasesOf,
  FIELD_TITLES,
  type ImportSettings,
  REQUIRED_FIELDS,
  type RequiredField,
} from '../../model/import-settings.ts'
import { namedInvisible } from '../../model/invisible-signs.ts'
import type { FileWarning } from '../../model/record.ts'
import { delimiterHint } from '../formats/delimiter-hint.ts'
import { likelyName } from '../proposing/likely-name.ts'
import type { ProposedField } from '../proposing/name-signs.ts'
import { BatchProblem } from './batch-problem.ts'
import { plainValue, quoted, shown } from './cell.ts'
import { HeaderColumns } from './header-columns.ts'
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
  'file' | 'fields' | 'optOut' | 'aliases' | 'additionalFields' | 'absentColumn' | 'mobileCountries'
>

/** A column that a file must have. */
export interface RequiredColumn {
  /** As in the settings; the name of an additional field. */
  field: string
  title: string
  column: string
}

function requiredColumns({ fields, additionalFields }: Pick<MappingSettings, 'fields' | 'additionalFields'>) {
  const additional = additionalFields.filter((field) => field.required)
  return [
    ...REQUIRED_FIELDS.map((field) => ({ field, title: FIELD_TITLES[field], column: fields[field] ?? '' })),
    ...additional.map(({ name, column }) => ({ field: name, title: name, column })),
  ] satisfies RequiredColumn[]
}

/** The required columns that a header lacks, under any of their names. */
export function absentColumns(header: readonly string[], settings: MappingSettings): RequiredColumn[] {
  const columns = new HeaderColumns(header)
  return requiredColumns(settings).filter(
    ({ field, column }) => columns.findAny([column, ...aliasesOf(settings, field)]) === null,
  )
}

/** Finds the mapped columns in the header. Throws a `BatchProblem` where a required one is absent or a mapped one occurs twice. */
export function mapColumns(
  header: { line: number; values: readonly string[] },
  settings: MappingSettings,
): ColumnMapping {
  const columns = new HeaderColumns(header.values)
  const find = (field: string, column: string) => columns.findAny([column, ...aliasesOf(settings, field)])
  const missing = requiredColumns(settings).filter(({ field, column }) => find(field, column) === null)
  if (missing.length > 0) throw missingColumns(header, columns, missing, settings)

  const warnings: FileWarning[] = []
  const optional = (field: string, title: string, column: string): number | null => {
    const found = find(field, column)
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
  const field = (name: RequiredField) => find(name, settings.fields[name] ?? '') as number
  const optOut = settings.optOut && find('optOut', settings.optOut.column)
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
    staffId:
      settings.fields.staffId === null ? null : optional('staffId', FIELD_TITLES.staffId, settings.fields.staffId),
    optOut,
    customFields: settings.additionalFields.map(({ name, column }) => ({ name, column: optional(name, name, column) })),
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
    .map(
      ({ field, title, column }) =>
        `${quoted(column)} for ${title}${nearest(REQUIRED_FIELDS.find((one) => one === field) ?? null, column, names)}`,
    )
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

/** Every column that the settings name, also by an alias, whether a file has it or not. */
export function mappedNames({
  fields,
  optOut,
  aliases,
  additionalFields,
}: Pick<ImportSettings, 'fields' | 'optOut' | 'aliases' | 'additionalFields'>): string[] {
  const names = [...Object.values(fields), optOut?.column ?? null, ...additionalFields.map(({ column }) => column)]
  return [...names.filter((name) => name !== null), ...Object.values(aliases).flat()]
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
