import { z } from 'zod'
import { DAILY_WINDOWS, forEachWindow, type WindowName } from './daily-windows.ts'
import { DELIMITER_NAMES } from './delimiters.ts'
import { boundedText } from './limits/bounded-text.ts'
import { MAX_PATH, nameProblem, parseTeamPath, ROOT } from './team-path.ts'
import { DAY_MS } from './time.ts'
import { webhook } from './webhook.ts'
import { figure } from './wording/figure.ts'

/** Names and columns are matched and shown as written; 255 is the limit of IDs and names everywhere. */
const MAX_NAME = 255
export const MAX_ADDITIONAL_FIELDS = 25
/** Of one field. */
export const MAX_ALIASES = 20

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

const path = boundedText(MAX_PATH).transform((text, context) => {
  const parsed = parseTeamPath(text)
  if (parsed.ok) return parsed.path
  context.addIssue({ code: 'custom', message: parsed.reason })
  return z.NEVER
})

/** A ledger finds the files that the service writes by their paths, and an index holds no longer ones. */
const MAX_WRITTEN_PATH = 1_000

const writtenPath = path.refine((text) => Buffer.byteLength(text) <= MAX_WRITTEN_PATH, {
  message: `Enter a path of at most ${figure(MAX_WRITTEN_PATH)} bytes.`,
})

const column = z
  .string()
  .trim()
  .min(1, 'Enter the column name as in the header of the file, or send null to leave the field unmapped.')
  .max(MAX_NAME, `A column name has at most ${MAX_NAME} characters.`)

const optOutValue = z.string().trim().min(1, 'Enter the value exactly as in the file.').max(MAX_NAME)

const additionalField = z.object({
  name: z
    .string()
    .trim()
    .min(1, 'Enter a name for the field.')
    .max(MAX_NAME, `A field name has at most ${MAX_NAME} characters.`)
    .describe('Name of the field in this system. Must be unique, regardless of case.'),
  column: column.describe('Column header in the file. Matched regardless of case and surrounding spaces.'),
  required: z.boolean().describe('True: a file without this column is rejected. The values may be empty.'),
  mergeable: z.boolean().describe('True: messages can insert the value of this field.'),
  visibleToUser: z.boolean().describe('True: users see this field beside a conversation.'),
})

/** The addresses of a comma-separated list, trimmed, empty ones dropped. */
export function splitAddresses(list: string): string[] {
  return list
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '')
}

/** Far more than a team needs; each address costs time. */
const MAX_NOTIFICATION_EMAILS = 10_000
/** Each recap goes to all of them; without a limit one team could send mail to the world. */
export const MAX_ADDRESSES = 50
/** RFC 3696: 64 before the @, 255 after it. */
const emailAddress = boundedText(320).check(z.email())

const notificationEmails = boundedText(
  MAX_NOTIFICATION_EMAILS,
  'The list of e-mail addresses has at most 10,000 characters.',
).superRefine((list, context) => {
  const addresses = splitAddresses(list)
  if (addresses.length > MAX_ADDRESSES)
    context.addIssue({
      code: 'custom',
      message: `The list has ${figure(addresses.length)} e-mail addresses; ${MAX_ADDRESSES} at most. Use a mailing list.`,
    })
  for (const address of addresses)
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

const hours = `Enter a whole number of hours from 1 to ${figure(MAX_SILENCE_HOURS)}, or leave this empty.`

const afterImport = z.discriminatedUnion('action', [
  z.object({
    action: z.literal('move').describe('Move the file to the archive folder and add the date to its name.'),
    path: path.describe('Archive folder, a full path such as `/cadence/archive`. Must differ from the File Path.'),
  }),
  z.object({ action: z.literal('delete').describe('Delete the file after the import.') }),
])

/** School years have a handful of breaks. */
export const MAX_PAUSES = 20
/** It is told in a reply of one line. */
const MAX_REASON = 100
/** Longer ones are windows that are switched off. */
const MAX_PAUSE_DAYS = 366

const A_DATE = 'Enter a date such as 2026-12-21.'
const day = boundedText('2026-12-21'.length, A_DATE).check(z.iso.date(A_DATE))

const pause = z.object({
  from: day.describe('First day, `YYYY-MM-DD`, in the time zone of the team.'),
  to: day.describe('Last day, `YYYY-MM-DD`. May be the first day.'),
  why: boundedText(MAX_REASON).default('').describe('Reason for people, such as `winter break`. May be empty.'),
})

/** A yes or no for each window. */
function windowFields(): Record<WindowName, z.ZodBoolean> {
  const fields = Object.values(DAILY_WINDOWS).map(({ name, title, hours }) => [
    name,
    z.boolean().describe(`Import in the ${title} window, ${hours} in the time zone of the team.`),
  ])
  return Object.fromEntries(fields)
}

/** Import settings of one team as a save sends them, without the version. */
export const importSettingsBody = z
  .object({
    file: z
      .object({
        path: path.describe(
          'File Path: the folder where files are looked for, such as `/cadence/imports`. Subfolders are ignored.',
        ),
        namePrefix: boundedText(MAX_NAME)
          .refine((prefix) => prefix === '' || nameProblem(prefix) === null, {
            message: 'A file name prefix is part of a file name: no slash, no backslash, no control character.',
          })
          .describe(
            'File Name Prefix: only files whose names begin with it are imported. Case matters. Empty: every file.',
          ),
        select: z
          .enum(['most_recent', 'all_matching'])
          .describe(
            '`most_recent`: import only the newest file. `all_matching`: import every matching file, oldest first.',
          ),
        delimiter: z.enum(DELIMITER_NAMES).describe('What separates the values of a record: `comma` or `tab`.'),
        encoding: z
          .enum(['auto', 'utf-8', 'utf-16', 'windows-1252'])
          .default('auto')
          .describe('Character encoding of the file. `auto` (default) detects it; the others force it.'),
        afterImport: afterImport.describe('What to do with a file after it is imported.'),
      })
      .describe('Which files are imported, and how they are read.'),
    schedule: z.object(windowFields()).describe('Daily windows in which files are imported automatically.'),
    pauses: z
      .array(pause)
      .max(MAX_PAUSES, `At most ${MAX_PAUSES} pauses can be entered.`)
      .default([])
      .describe('Days on which no window runs, such as breaks and term changes, up to 20. Default: none.'),
    notificationEmails: notificationEmails.describe(
      'E-mail addresses that receive recaps and alerts, separated by commas, at most 50. May be empty.',
    ),
    notifyOn: z
      .enum(['always', 'problems'])
      .default('always')
      .describe(
        '`always` (default): send a recap after every import. `problems`: only after an import with errors, warnings or a failure.',
      ),
    webhook: webhook
      .nullable()
      .default(null)
      .describe('Where events are sent, signed, for programs. Null (default): nowhere.'),
    results: z
      .object({
        path: writtenPath.describe(
          'Folder that results are written to, such as `/results`. Must differ from the File Path and the archive folder.',
        ),
        rejectedRecords: z
          .boolean()
          .default(true)
          .describe('True (default): also write the rejected records, ready to be corrected and sent again.'),
      })
      .nullable()
      .default(null)
      .describe('Where the service tells the sender what became of each file, as files. Null (default): nowhere.'),
    silenceHours: z
      .int(hours)
      .min(1, hours)
      .max(MAX_SILENCE_HOURS, hours)
      .nullable()
      .default(DEFAULT_SILENCE_HOURS)
      .describe(
        'Alert if no file arrives for this many hours, 1 to 8,784. Default 26. Sent once per gap, after the first import. Null: no alert.',
      ),
    fields: z
      .object({
        contactId: column
          .nullable()
          .describe('Column of the Contact ID, which identifies a contact within the team. Null: not mapped yet.'),
        firstName: column.nullable().describe('Column of the first name. Null: not mapped yet.'),
        lastName: column.nullable().describe('Column of the last name. Null: not mapped yet.'),
        mobileNumber: column.nullable().describe('Column of the mobile number. Null: not mapped yet.'),
        staffId: column
          .nullable()
          .default(null)
          .describe(
            'Column of the Staff ID, which assigns a contact to a user. Null (default): contacts are not assigned.',
          ),
      })
      .describe(
        'Columns of the standard fields. The first four must be mapped before anything is imported. Headers are matched regardless of case and surrounding spaces.',
      ),
    optOut: z
      .object({
        column: column.describe('Column of the opt-out preference.'),
        optInValue: optOutValue.describe('Value that means opted in. Case does not matter.'),
        optOutValue: optOutValue.describe('Value that means opted out. Case does not matter.'),
        emptyMeans: z
          .enum(['keep', 'opt_in', 'opt_out'])
          .default('keep')
          .describe(
            'Meaning of an empty value. `keep` (default): the preference stays as it is. `opt_in`, `opt_out`: it is set.',
          ),
      })
      .nullable()
      .default(null)
      .describe('How files set the opt-out preference. Null (default): they do not.'),
    aliases: z
      .record(z.string().trim().min(1).max(MAX_NAME), z.array(column).max(MAX_ALIASES))
      .default({})
      .describe(
        'Other names of a mapped column, tried if the column itself is not in a file. By field: `contactId`, `firstName`, `lastName`, `mobileNumber`, `staffId`, `optOut`, or the name of an additional field. Default: none.',
      ),
    additionalFields: z
      .array(additionalField)
      .max(MAX_ADDITIONAL_FIELDS, `At most ${MAX_ADDITIONAL_FIELDS} additional fields can be mapped.`)
      .default([])
      .describe('Additional Fields, up to 25. Default: none.'),
    absentColumn: z
      .enum(['keep', 'clear'])
      .default('keep')
      .describe(
        'If a mapped column that is not required is missing from a file: `keep` (default) keeps the stored values, `clear` empties them.',
      ),
    sharedMobile: z
      .enum(['warn', 'reject'])
      .default('warn')
      .describe(
        'If two contacts have the same mobile number: `warn` (default) imports both with a warning, `reject` rejects the record.',
      ),
    mobileCountries: z
      .enum(['any', 'us_ca'])
      .default('any')
      .describe('Accepted mobile numbers. `any` (default): of every country. `us_ca`: of the US and Canada only.'),
    guardrails: z
      .enum(['hold', 'warn', 'off'])
      .default('hold')
      .describe(
        'If an import would change unusually much: `hold` (default) waits for approval, `warn` imports with a warning, `off` imports without a check.',
      ),
  })
  // Also if single values are invalid, so that every fault is reported at once.
  .superRefine(
    (settings, context) => {
      for (const { path, message } of crossFaults(settings)) context.addIssue({ code: 'custom', path, message })
    },
    { when: ({ value }) => isObject(value) },
  )

export const importSettings = importSettingsBody.and(
  z.object({
    version: z
      .int()
      .min(0)
      .describe(
        'Version of these settings, counted from 1; 0 before the first save. Send back the version that you read.',
      ),
  }),
)

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
 * Conflicts between valid values: one column feeds one field, one name names one field, the two opt-out values differ, the
 * archive is not the File Path, a pause ends after it begins. Compares names and columns without case. Skips missing values and those of a wrong type:
 * they have faults of their own.
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
  const { file, fields, optOut, additionalFields, aliases, pauses, results } = partsOf(settings)
  const paused: unknown[] = Array.isArray(pauses) ? pauses.slice(0, MAX_PAUSES) : []
  paused.forEach((pause, index) => {
    const { from, to } = partsOf(pause)
    if (!day.safeParse(from).success || !day.safeParse(to).success) return
    const days = (Date.parse(String(to)) - Date.parse(String(from))) / DAY_MS + 1
    const fault = (message: string) => faults.push({ path: ['pauses', index, 'to'], message })
    if (days < 1) fault('The last day of a pause cannot be before its first day.')
    if (days > MAX_PAUSE_DAYS) fault(`A pause has at most ${MAX_PAUSE_DAYS} days. Switch the windows off instead.`)
  })
  const { path, afterImport } = partsOf(file)
  const after = partsOf(afterImport)
  if (after.action === 'move' && textOf(after.path) !== null && after.path === path)
    faults.push({
      path: ['file', 'afterImport', 'path'],
      message: 'The archive path must differ from the File Path, or the moved file would be found again.',
    })
  const resultsPath = textOf(partsOf(results).path)
  if (resultsPath !== null && resultsPath === path)
    faults.push({ path: ['results', 'path'], message: 'The folder of the results must differ from the File Path.' })
  if (resultsPath !== null && after.action === 'move' && after.path === resultsPath)
    faults.push({
      path: ['results', 'path'],
      message: 'The folder of the results must differ from the archive folder: files there hold student data.',
    })
  for (const field of [...REQUIRED_FIELDS, 'staffId'] as const)
    use(partsOf(fields)[field], FIELD_TITLES[field], ['fields', field])
  const { column, optInValue, optOutValue } = partsOf(optOut)
  use(column, 'the opt-out preference', ['optOut', 'column'])
  if (textOf(optInValue) !== null && textOf(optInValue)?.toLowerCase() === textOf(optOutValue)?.toLowerCase())
    faults.push({ path: ['optOut', 'optOutValue'], message: 'The opt-in value and the opt-out value must differ.' })
  const names = new Set(Object.values(FIELD_TITLES).map((title) => title.toLowerCase()))
  const additional: unknown[] = Array.isArray(additionalFields) ? additionalFields : []
  additional.forEach((additional: unknown, index) => {
    const name = textOf(partsOf(additional).name)
    use(partsOf(additional).column, `"${name ?? ''}"`, ['additionalFields', index, 'column'])
    if (name === null) return
    if (names.has(name.toLowerCase()))
      faults.push({ path: ['additionalFields', index, 'name'], message: `Another field is already called "${name}".` })
    names.add(name.toLowerCase())
  })
  const mapped = new Map<string, string | null>([
    ...[...REQUIRED_FIELDS, 'staffId' as const].map((field) => [field, textOf(partsOf(fields)[field])] as const),
    ['optOut', textOf(column)],
    ...additional.map((field) => [textOf(partsOf(field).name) ?? '', textOf(partsOf(field).column)] as const),
  ])
  for (const [field, names] of Object.entries(partsOf(aliases))) {
    const own = mapped.get(field) ?? null
    if (own === null)
      faults.push({
        path: ['aliases', field],
        message: `No field "${field}" is mapped, so it can have no other names.`,
      })
    const list: unknown[] = Array.isArray(names) ? names : []
    list.forEach((name, index) => {
      // The column itself, since it was mapped to what was an alias, is no conflict.
      if (textOf(name)?.toLowerCase() !== own?.toLowerCase()) use(name, `"${field}"`, ['aliases', field, index])
    })
  }
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
  pauses: [],
  notificationEmails: '',
  notifyOn: 'always',
  webhook: null,
  results: null,
  silenceHours: DEFAULT_SILENCE_HOURS,
  fields: { contactId: null, firstName: null, lastName: null, mobileNumber: null, staffId: null },
  optOut: null,
  aliases: {},
  additionalFields: [],
  absentColumn: 'keep',
  sharedMobile: 'warn',
  mobileCountries: 'any',
  guardrails: 'hold',
}

function importPath(text: string) {
  return path.parse(text)
}

/** The other names of a field's column: of a standard field or `optOut`, or of an additional field by its name. */
export function aliasesOf({ aliases }: Pick<ImportSettings, 'aliases'>, field: string): readonly string[] {
  return Object.hasOwn(aliases, field) ? (aliases[field] ?? []) : []
}

/** The required fields that have no column yet; while there are any, nothing can be imported. */
export function unmappedFields(settings: Pick<ImportSettings, 'fields'>): RequiredField[] {
  return REQUIRED_FIELDS.filter((field) => settings.fields[field] === null)
}
