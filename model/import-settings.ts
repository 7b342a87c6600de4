import { z } from 'zod'
import { forEachWindow } from './daily-windows.ts'
import { DELIMITER_NAMES } from './delimiters.ts'
import { nameProblem, parseTeamPath, ROOT } from './team-path.ts'

/** Names and columns are matched and shown as written; 255 is the limit of IDs and names everywhere. */
const MAX_NAME = 255
export const MAX_ADDITIONAL_FIELDS = 25

/** The standard fields that every record must fill, in the order in which people are shown them. */
export const REQUIRED_FIELDS = ['contactId', 'firstName', 'lastName', 'mobileNumber'] as const
export type RequiredField = (typeof REQUIRED_FIELDS)[number]

/** The words of the administrator for the standard fields. */
export const FIELD_TITLES: Record<RequiredField | 'staffId', string> = {
  contactId: 'Contact ID',
  firstName: 'First Name',
  lastName: 'Last Name',
  mobileNumber: 'Mobile Number',
  staffId: 'Staff ID',
}

const path = z.string().transform((text, context) => {
  const parsed = parseTeamPath(text)
  if (parsed.ok) return parsed.path
  context.addIssue({ code: 'custom', message: parsed.reason })
  return z.NEVER
})

const column = z
  .string()
  .trim()
  .min(1, 'Name the column as it stands in the header of the file, or leave the field out with null.')
  .max(MAX_NAME, `A column name has at most ${MAX_NAME} characters.`)

const optOutValue = z.string().trim().min(1, 'Give the value as it stands in the file.').max(MAX_NAME)

const additionalField = z.object({
  name: z
    .string()
    .trim()
    .min(1, 'Give the field a name.')
    .max(MAX_NAME, `A field name has at most ${MAX_NAME} characters.`),
  column,
  required: z.boolean(),
  mergeable: z.boolean(),
  visibleToUser: z.boolean(),
})

/** The addresses of a comma-separated list, trimmed, empty ones dropped. */
export function splitAddresses(list: string): string[] {
  return list
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '')
}

const emailAddress = z.email()

const notificationEmails = z.string().superRefine((list, context) => {
  for (const address of splitAddresses(list))
    if (!emailAddress.safeParse(address).success)
      context.addIssue({
        code: 'custom',
        message: `"${address}" is not an e-mail address; separate addresses by commas.`,
      })
})

/** A daily file that is two hours late. */
export const DEFAULT_SILENCE_HOURS = 26
/** A year: files that come once a term are within it. */
export const MAX_SILENCE_HOURS = 8_784

const hours = `Give a whole number of hours from 1 to ${MAX_SILENCE_HOURS.toLocaleString('en-US')}, or nothing.`

const afterImport = z.discriminatedUnion('action', [
  z.object({ action: z.literal('move'), path }),
  z.object({ action: z.literal('delete') }),
])

/** What an administrator decides about the imports of one team, without its version: what a save brings. */
export const importSettingsBody = z
  .object({
    file: z.object({
      path,
      namePrefix: z
        .string()
        .max(MAX_NAME)
        .refine((prefix) => prefix === '' || nameProblem(prefix) === null, {
          message: 'A file name prefix is part of a file name: no slash, no backslash, no control character.',
        }),
      select: z.enum(['most_recent', 'all_matching']),
      delimiter: z.enum(DELIMITER_NAMES),
      encoding: z.enum(['auto', 'utf-8', 'utf-16', 'windows-1252']).default('auto'),
      afterImport,
    }),
    schedule: z.object(forEachWindow(z.boolean())),
    notificationEmails,
    notifyOn: z.enum(['always', 'problems']).default('always'),
    /** After how many hours without an importable file a notice goes out; null: never. */
    silenceHours: z.int(hours).min(1, hours).max(MAX_SILENCE_HOURS, hours).nullable().default(DEFAULT_SILENCE_HOURS),
    fields: z.object({
      contactId: column.nullable(),
      firstName: column.nullable(),
      lastName: column.nullable(),
      mobileNumber: column.nullable(),
      staffId: column.nullable().default(null),
    }),
    optOut: z
      .object({
        column,
        optInValue: optOutValue,
        optOutValue,
        emptyMeans: z.enum(['keep', 'opt_in', 'opt_out']).default('keep'),
      })
      .nullable()
      .default(null),
    additionalFields: z
      .array(additionalField)
      .max(MAX_ADDITIONAL_FIELDS, `At most ${MAX_ADDITIONAL_FIELDS} additional fields can be mapped.`)
      .default([]),
    absentColumn: z.enum(['keep', 'clear']).default('keep'),
    sharedMobile: z.enum(['warn', 'reject']).default('warn'),
    mobileCountries: z.enum(['any', 'us_ca']).default('any'),
    guardrails: z.enum(['hold', 'warn', 'off']).default('hold'),
  })
  // Also while single values are at fault: all faults are reported at once.
  .superRefine(
    (settings, context) => {
      for (const { path, message } of crossFaults(settings)) context.addIssue({ code: 'custom', path, message })
    },
    { when: ({ value }) => isObject(value) },
  )

export const importSettings = importSettingsBody.and(z.object({ version: z.int().min(0) }))

export type ImportSettingsBody = z.output<typeof importSettingsBody>
export type ImportSettings = z.output<typeof importSettings>
export type AdditionalField = z.output<typeof additionalField>
export type AfterImport = z.output<typeof afterImport>
export type OptOutSettings = NonNullable<ImportSettingsBody['optOut']>

interface SettingsFault {
  path: (string | number)[]
  message: string
}

/**
 * What values that are right by themselves do wrong together: one column feeds one field, one name names one field, the two
 * opt-out values differ, the archive is not the File Path. Names and columns are compared without case. What is missing or
 * of another kind is passed over: that has its own fault.
 */
function crossFaults(settings: unknown): SettingsFault[] {
  const faults: SettingsFault[] = []
  const usedBy = new Map<string, string>()
  const use = (value: unknown, field: string, path: (string | number)[]) => {
    const column = textOf(value)
    if (column === null) return
    const earlier = usedBy.get(column.toLowerCase())
    if (earlier) faults.push({ path, message: `The column "${column}" is already mapped to ${earlier}.` })
    else usedBy.set(column.toLowerCase(), field)
  }
  const { file, fields, optOut, additionalFields } = partsOf(settings)
  const { path, afterImport } = partsOf(file)
  const after = partsOf(afterImport)
  if (after.action === 'move' && textOf(after.path) !== null && after.path === path)
    faults.push({
      path: ['file', 'afterImport', 'path'],
      message: 'The archive path must differ from the File Path, or the moved file would be found again.',
    })
  for (const field of [...REQUIRED_FIELDS, 'staffId'] as const)
    use(partsOf(fields)[field], FIELD_TITLES[field], ['fields', field])
  const { column, optInValue, optOutValue } = partsOf(optOut)
  use(column, 'the opt-out preference', ['optOut', 'column'])
  if (textOf(optInValue) !== null && textOf(optInValue)?.toLowerCase() === textOf(optOutValue)?.toLowerCase())
    faults.push({ path: ['optOut', 'optOutValue'], message: 'The opt-in value and the opt-out value must differ.' })
  const names = new Set(Object.values(FIELD_TITLES).map((title) => title.toLowerCase()))
  if (!Array.isArray(additionalFields)) return faults
  additionalFields.forEach((additional: unknown, index) => {
    const name = textOf(partsOf(additional).name)
    use(partsOf(additional).column, `"${name ?? ''}"`, ['additionalFields', index, 'column'])
    if (name === null) return
    if (names.has(name.toLowerCase()))
      faults.push({ path: ['additionalFields', index, 'name'], message: `Another field is already called "${name}".` })
    names.add(name.toLowerCase())
  })
  return faults
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function partsOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {}
}

/** A text that says something. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

/** The settings of a team before anyone saved any: nothing mapped, every window off. */
export const UNSAVED_SETTINGS: ImportSettings = {
  version: 0,
  file: {
    path: ROOT,
    namePrefix: '',
    select: 'most_recent',
    delimiter: 'comma',
    encoding: 'auto',
    afterImport: { action: 'move', path: importPath('/archive') },
  },
  schedule: forEachWindow(false),
  notificationEmails: '',
  notifyOn: 'always',
  silenceHours: DEFAULT_SILENCE_HOURS,
  fields: { contactId: null, firstName: null, lastName: null, mobileNumber: null, staffId: null },
  optOut: null,
  additionalFields: [],
  absentColumn: 'keep',
  sharedMobile: 'warn',
  mobileCountries: 'any',
  guardrails: 'hold',
}

function importPath(text: string) {
  return path.parse(text)
}

/** The required fields that have no column yet; while there are any, nothing can be imported. */
export function unmappedFields(settings: Pick<ImportSettings, 'fields'>): RequiredField[] {
  return REQUIRED_FIELDS.filter((field) => settings.fields[field] === null)
}
