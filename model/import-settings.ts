import { z } from 'zod'
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
      delimiter: z.enum(['comma', 'tab']),
      encoding: z.enum(['auto', 'utf-8', 'utf-16', 'windows-1252']).default('auto'),
      afterImport,
    }),
    schedule: z.object({
      overnight: z.boolean(),
      morning: z.boolean(),
      afternoon: z.boolean(),
      evening: z.boolean(),
    }),
    notificationEmails,
    notifyOn: z.enum(['always', 'problems']).default('always'),
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
  .superRefine((settings, context) => {
    const { afterImport, path } = settings.file
    if (afterImport.action === 'move' && afterImport.path === path)
      context.addIssue({
        code: 'custom',
        path: ['file', 'afterImport', 'path'],
        message: 'The archive path must differ from the File Path, or the moved file would be found again.',
      })
    for (const { path, message } of mappingFaults(settings)) context.addIssue({ code: 'custom', path, message })
  })

export const importSettings = importSettingsBody.and(z.object({ version: z.int().min(0) }))

export type ImportSettingsBody = z.output<typeof importSettingsBody>
export type ImportSettings = z.output<typeof importSettings>
export type AdditionalField = z.output<typeof additionalField>
export type Delimiter = ImportSettingsBody['file']['delimiter']
export type AfterImport = z.output<typeof afterImport>
export type OptOutSettings = NonNullable<ImportSettingsBody['optOut']>

/** One column feeds one field, one name names one field, and the two opt-out values differ: all compared without case. */
function mappingFaults(settings: {
  fields: Record<RequiredField | 'staffId', string | null>
  optOut: { column: string; optInValue: string; optOutValue: string } | null
  additionalFields: { name: string; column: string }[]
}): { path: (string | number)[]; message: string }[] {
  const faults: { path: (string | number)[]; message: string }[] = []
  const usedBy = new Map<string, string>()
  const use = (column: string | null, field: string, path: (string | number)[]) => {
    if (column === null) return
    const earlier = usedBy.get(column.toLowerCase())
    if (earlier) faults.push({ path, message: `The column "${column}" is already mapped to ${earlier}.` })
    else usedBy.set(column.toLowerCase(), field)
  }
  for (const field of [...REQUIRED_FIELDS, 'staffId'] as const)
    use(settings.fields[field], FIELD_TITLES[field], ['fields', field])
  if (settings.optOut) {
    use(settings.optOut.column, 'the opt-out preference', ['optOut', 'column'])
    if (settings.optOut.optInValue.toLowerCase() === settings.optOut.optOutValue.toLowerCase())
      faults.push({ path: ['optOut', 'optOutValue'], message: 'The opt-in value and the opt-out value must differ.' })
  }
  const names = new Set(Object.values(FIELD_TITLES).map((title) => title.toLowerCase()))
  settings.additionalFields.forEach(({ name, column }, index) => {
    use(column, `"${name}"`, ['additionalFields', index, 'column'])
    if (names.has(name.toLowerCase()))
      faults.push({ path: ['additionalFields', index, 'name'], message: `Another field is already called "${name}".` })
    names.add(name.toLowerCase())
  })
  return faults
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
  schedule: { overnight: false, morning: false, afternoon: false, evening: false },
  notificationEmails: '',
  notifyOn: 'always',
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
