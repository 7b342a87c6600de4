import { DAILY_WINDOWS, WINDOW_NAMES, type WindowName } from '../../model/daily-windows.ts'
import type { AdditionalField, ImportSettings, RequiredField } from '../../model/import-settings.ts'
import { MAX_ADDITIONAL_FIELDS, MAX_ALIASES, MAX_PAUSES, REQUIRED_FIELDS } from '../../model/import-settings.ts'
import type { Pause } from '../../model/pauses.ts'

export const MAPPED_FIELDS = [...REQUIRED_FIELDS, 'staffId'] as const
export type MappedField = RequiredField | 'staffId'

/** One alias more than can be saved, so that saving refuses it. */
const MOST_ALIASES = (MAPPED_FIELDS.length + 1 + MAX_ADDITIONAL_FIELDS) * MAX_ALIASES + 1

/**
 * The settings as typed into the form, valid or not. A list ends one behind its limit: saving refuses it, and a page of
 * thousands would hold up everybody.
 */
export interface SettingsDraft {
  /** The version of the settings that the form was opened with. */
  version: number
  /** By the name of the input, which is the path of the setting. */
  texts: Record<TextName, string>
  /** As typed; the stored one is never shown, and this is no part of `flatDraft`. */
  webhookSecret: string
  /** Of the results for the sender. */
  rejectedRecords: boolean
  schedule: Record<WindowName, boolean>
  pauses: Pause[]
  fields: Record<MappedField, string>
  /** Other names of a field's column, as map-and-import leaves them. The form can only drop them. */
  aliases: Record<string, string[]>
  additionalFields: AdditionalField[]
}

const TEXT_NAMES = [
  'file.path',
  'file.namePrefix',
  'file.select',
  'file.delimiter',
  'file.encoding',
  'file.afterImport.action',
  'file.afterImport.path',
  'notificationEmails',
  'notifyOn',
  'silenceHours',
  'webhook.url',
  'results.path',
  'optOut.column',
  'optOut.optInValue',
  'optOut.optOutValue',
  'optOut.emptyMeans',
  'absentColumn',
  'sharedMobile',
  'mobileCountries',
  'guardrails',
] as const
export type TextName = (typeof TEXT_NAMES)[number]

/** The default archive folder, shown while files are deleted. */
const ARCHIVE = '/archive'

export function draftOf(settings: ImportSettings): SettingsDraft {
  const { file, optOut, fields } = settings
  return {
    version: settings.version,
    texts: {
      'file.path': file.path,
      'file.namePrefix': file.namePrefix,
      'file.select': file.select,
      'file.delimiter': file.delimiter,
      'file.encoding': file.encoding,
      'file.afterImport.action': file.afterImport.action,
      'file.afterImport.path': file.afterImport.action === 'move' ? file.afterImport.path : ARCHIVE,
      notificationEmails: settings.notificationEmails,
      notifyOn: settings.notifyOn,
      silenceHours: settings.silenceHours === null ? '' : String(settings.silenceHours),
      'webhook.url': settings.webhook?.url ?? '',
      'results.path': settings.results?.path ?? '',
      'optOut.column': optOut?.column ?? '',
      'optOut.optInValue': optOut?.optInValue ?? '',
      'optOut.optOutValue': optOut?.optOutValue ?? '',
      'optOut.emptyMeans': optOut?.emptyMeans ?? 'keep',
      absentColumn: settings.absentColumn,
      sharedMobile: settings.sharedMobile,
      mobileCountries: settings.mobileCountries,
      guardrails: settings.guardrails,
    },
    webhookSecret: '',
    rejectedRecords: settings.results?.rejectedRecords ?? true,
    schedule: { ...settings.schedule },
    pauses: settings.pauses.map((pause) => ({ ...pause })),
    fields: {
      contactId: fields.contactId ?? '',
      firstName: fields.firstName ?? '',
      lastName: fields.lastName ?? '',
      mobileNumber: fields.mobileNumber ?? '',
      staffId: fields.staffId ?? '',
    },
    aliases: Object.fromEntries(Object.entries(settings.aliases).map(([field, names]) => [field, [...names]])),
    additionalFields: settings.additionalFields.map((field) => ({ ...field })),
  }
}

export function draftFromForm(form: URLSearchParams): SettingsDraft {
  // The button that maps a field to another column says which: `fields.firstName=FIRST`.
  const [mapped = '', column = ''] = (form.get('map') ?? '').split(/=(.*)/s)
  const text = (name: string) => (name === mapped ? column : (form.get(name) ?? ''))
  const additionalFields: AdditionalField[] = []
  for (let index = 0; index <= MAX_ADDITIONAL_FIELDS && form.has(`additionalFields.${index}.name`); index++) {
    const own = (name: string) => `additionalFields.${index}.${name}`
    additionalFields.push({
      name: text(own('name')),
      column: text(own('column')),
      required: form.has(own('required')),
      mergeable: form.has(own('mergeable')),
      visibleToUser: form.has(own('visibleToUser')),
    })
  }
  const pauses: Pause[] = []
  for (let index = 0; index <= MAX_PAUSES && form.has(`pauses.${index}.from`); index++) {
    const own = (name: keyof Pause) => text(`pauses.${index}.${name}`)
    pauses.push({ from: own('from'), to: own('to'), why: own('why') })
  }
  return {
    version: Number.parseInt(text('version'), 10) || 0,
    texts: Object.fromEntries(TEXT_NAMES.map((name) => [name, text(name)])) as Record<TextName, string>,
    webhookSecret: text('webhook.secret'),
    rejectedRecords: form.has('results.rejectedRecords'),
    schedule: Object.fromEntries(WINDOW_NAMES.map((name) => [name, form.has(`schedule.${name}`)])) as Record<
      WindowName,
      boolean
    >,
    pauses,
    fields: Object.fromEntries(MAPPED_FIELDS.map((name) => [name, text(`fields.${name}`)])) as Record<
      MappedField,
      string
    >,
    aliases: aliasesFromForm(form),
    additionalFields,
  }
}

/** The name of the checkbox that keeps an alias. */
export function aliasName(field: string, index: number): string {
  return `aliases.${index}.${field}`
}

function aliasesFromForm(form: URLSearchParams): Record<string, string[]> {
  const kept = [...form].flatMap(([name, alias]) => {
    const field = /^aliases\.\d+\.(.*)$/s.exec(name)?.[1]
    return field === undefined ? [] : [{ field, alias }]
  })
  const byField = Map.groupBy(kept.slice(0, MOST_ALIASES), ({ field }) => field)
  return Object.fromEntries([...byField].map(([field, all]) => [field, all.map(({ alias }) => alias)]))
}

/** The draft in the form of the settings, not validated yet. */
export function bodyOfDraft(draft: SettingsDraft): unknown {
  const { texts, schedule, pauses, fields, additionalFields } = draft
  const column = (text: string) => (text.trim() === '' ? null : text)
  return {
    file: {
      path: texts['file.path'],
      namePrefix: texts['file.namePrefix'],
      select: texts['file.select'],
      delimiter: texts['file.delimiter'],
      encoding: texts['file.encoding'] || 'auto',
      afterImport:
        texts['file.afterImport.action'] === 'delete'
          ? { action: 'delete' }
          : { action: 'move', path: texts['file.afterImport.path'] },
    },
    schedule,
    pauses,
    notificationEmails: texts.notificationEmails,
    notifyOn: texts.notifyOn,
    silenceHours: texts.silenceHours.trim() === '' ? null : Number(texts.silenceHours),
    webhook: webhookOf(draft),
    results:
      texts['results.path'].trim() === ''
        ? null
        : { path: texts['results.path'].trim(), rejectedRecords: draft.rejectedRecords },
    fields: Object.fromEntries(MAPPED_FIELDS.map((name) => [name, column(fields[name])])),
    optOut:
      column(texts['optOut.column']) === null
        ? null
        : {
            column: texts['optOut.column'],
            optInValue: texts['optOut.optInValue'],
            optOutValue: texts['optOut.optOutValue'],
            emptyMeans: texts['optOut.emptyMeans'],
          },
    aliases: aliasesOfMapped(draft),
    additionalFields,
    absentColumn: texts.absentColumn,
    sharedMobile: texts.sharedMobile,
    mobileCountries: texts.mobileCountries,
    guardrails: texts.guardrails,
  }
}

function webhookOf({ texts, webhookSecret }: SettingsDraft): unknown {
  const url = texts['webhook.url'].trim()
  if (url === '') return null
  return webhookSecret.trim() === '' ? { url } : { url, secret: webhookSecret }
}

/** A field that is not mapped any more takes its aliases with it. */
function aliasesOfMapped({ aliases, fields, texts, additionalFields }: SettingsDraft): Record<string, string[]> {
  const columns = new Map(additionalFields.map(({ name, column }) => [name, column]))
  for (const [name, column] of Object.entries({ ...fields, optOut: texts['optOut.column'] })) columns.set(name, column)
  return Object.fromEntries(Object.entries(aliases).filter(([field]) => columns.get(field)?.trim()))
}

/** Applies the button that was pressed, if it changes the list of fields or of pauses. */
export function changeLists(draft: SettingsDraft, form: URLSearchParams): void {
  const { additionalFields: list, pauses } = draft
  const index = (name: string) => (form.has(name) ? Number(form.get(name)) : -1)
  const swap = (a: number, b: number) => {
    const [one, other] = [list[a], list[b]]
    if (one && other) [list[a], list[b]] = [other, one]
  }
  if (form.has('add')) list.push({ name: '', column: '', required: false, mergeable: false, visibleToUser: false })
  swap(index('up'), index('up') - 1)
  swap(index('down'), index('down') + 1)
  if (form.has('remove')) list.splice(index('remove'), 1)
  if (form.has('add-pause')) pauses.push({ from: '', to: '', why: '' })
  if (form.has('remove-pause')) pauses.splice(index('remove-pause'), 1)
}

/** Every column that the draft names, also as an alias; empty where none is mapped. */
export function columnsOf({ fields, texts, aliases, additionalFields }: SettingsDraft): string[] {
  const columns = [...Object.values(fields), texts['optOut.column'], ...additionalFields.map(({ column }) => column)]
  return [...columns, ...Object.values(aliases).flat()]
}

/** The saved value of each input, to find what has changed since. */
export function flatDraft(draft: SettingsDraft): Record<string, string> {
  const flat: Record<string, string> = { ...draft.texts }
  flat['results.rejectedRecords'] = draft.rejectedRecords ? 'on' : ''
  for (const [name, on] of Object.entries(draft.schedule)) flat[`schedule.${name}`] = on ? 'on' : ''
  draft.pauses.forEach((pause, index) => {
    for (const [name, value] of Object.entries(pause)) flat[`pauses.${index}.${name}`] = value
  })
  for (const [name, column] of Object.entries(draft.fields)) flat[`fields.${name}`] = column
  for (const [field, names] of Object.entries(draft.aliases))
    names.forEach((_, index) => {
      flat[aliasName(field, index)] = 'on'
    })
  draft.additionalFields.forEach((field, index) => {
    for (const [name, value] of Object.entries(field))
      flat[`additionalFields.${index}.${name}`] = typeof value === 'boolean' ? (value ? 'on' : '') : value
  })
  return flat
}

const TITLES: Record<string, string> = {
  'file.path': 'File Path',
  'file.namePrefix': 'File Name Prefix',
  'file.select': 'Files to Import',
  'file.delimiter': 'File Delimiter',
  'file.encoding': 'Encoding',
  'file.afterImport.action': 'After Import',
  'file.afterImport.path': 'Move to',
  notificationEmails: 'Notification Emails',
  notifyOn: 'When to send',
  silenceHours: 'Missing file alert',
  'webhook.url': 'Webhook address',
  'results.path': 'Folder of the results',
  'results.rejectedRecords': 'Rejected records in the results',
  ...Object.fromEntries(Object.values(DAILY_WINDOWS).map(({ name, title }) => [`schedule.${name}`, title])),
  'fields.contactId': 'Contact ID',
  'fields.firstName': 'First Name',
  'fields.lastName': 'Last Name',
  'fields.mobileNumber': 'Mobile Number',
  'fields.staffId': 'Staff ID',
  'optOut.column': 'Opt-out column',
  'optOut.optInValue': 'Value for opted in',
  'optOut.optOutValue': 'Value for opted out',
  'optOut.emptyMeans': 'An empty opt-out value',
  absentColumn: 'An absent column',
  sharedMobile: 'A shared mobile number',
  mobileCountries: 'Countries',
  guardrails: 'Guardrails',
}

/** The title of the setting at `path`. */
export function settingTitle(path: string): string {
  if (path.startsWith('aliases.')) return 'Other column names'
  const pause = /^pauses\.(\d+)/.exec(path)
  if (pause) return `Pause ${Number(pause[1]) + 1}`
  const field = /^additionalFields\.(\d+)/.exec(path)
  return field
    ? `Additional field ${Number(field[1]) + 1}`
    : Object.hasOwn(TITLES, path)
      ? (TITLES[path] as string)
      : path
}

/** The settings in which two drafts differ, by their titles. */
export function changedTitles(before: SettingsDraft, after: SettingsDraft): string[] {
  const [from, to] = [flatDraft(before), flatDraft(after)]
  const paths = [...new Set([...Object.keys(from), ...Object.keys(to)])].filter((path) => from[path] !== to[path])
  return [...new Set(paths.map(settingTitle))]
}
