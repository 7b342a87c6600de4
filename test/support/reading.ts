import type { FileContent } from '../../ingest/formats/content.ts'
import { type FileSurvey, surveyFile } from '../../ingest/formats/survey.ts'
import { recordsOf as recordsOfFile } from '../../ingest/reading/chunk-splitter.ts'
import { type ColumnMapping, mapColumns } from '../../ingest/records/column-mapping.ts'
import { recordValidator } from '../../ingest/records/validate-record.ts'
import { forEachWindow } from '../../model/daily-windows.ts'
import { type ImportSettings, importSettings } from '../../model/import-settings.ts'
import type { FileRecord, ValidatedRecord } from '../../model/record.ts'

/** A file whose bytes arrive `chunkSize` at a time. */
export function fileOf(bytes: string | Buffer, chunkSize = 64 * 1024): FileContent {
  const buffer = Buffer.from(bytes as string)
  return {
    bytes: buffer.length,
    async *read(start = 0) {
      for (let at = start; at < buffer.length; at += chunkSize) yield Buffer.from(buffer.subarray(at, at + chunkSize))
    },
  }
}

type Changes = Partial<Omit<ImportSettings, 'file'>> & { file?: Partial<ImportSettings['file']> }

/** Everything that `items` yields. */
export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Settings that map `ID`, `First`, `Last` and `Mobile`. */
export function settingsOf({ file, ...changes }: Changes = {}): ImportSettings {
  return importSettings.parse({
    version: 1,
    file: {
      path: '/imports',
      namePrefix: '',
      select: 'most_recent',
      delimiter: 'comma',
      afterImport: { action: 'delete' },
      ...file,
    },
    schedule: forEachWindow(false),
    notificationEmails: '',
    fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Mobile', staffId: null },
    ...changes,
  })
}

export interface ReadFile {
  survey: FileSurvey
  mapping: ColumnMapping
  records: FileRecord[]
  validated: ValidatedRecord[]
}

/** The way of a file from its bytes to validated records. */
export async function readFile(content: FileContent, settings = settingsOf()): Promise<ReadFile> {
  const survey = await surveyFile(content, settings.file)
  const mapping = mapColumns(survey.header, settings)
  const validate = recordValidator(settings, mapping)
  const records = (await collected(recordsOfFile(content, settings.file, survey))).flat()
  return { survey, mapping, records, validated: records.map(validate) }
}

/** All below the header, before columns are mapped. */
export async function recordsOf(
  content: FileContent,
  file: Partial<ImportSettings['file']> = {},
): Promise<FileRecord[]> {
  const settings = settingsOf({ file })
  const survey = await surveyFile(content, settings.file)
  return (await collected(recordsOfFile(content, settings.file, survey))).flat()
}

/** The same in short: the values, or the line and code of the damage. */
export async function shapesOf(text: string | Buffer, file: Partial<ImportSettings['file']> = {}, chunkSize?: number) {
  const records = await recordsOf(fileOf(text, chunkSize), file)
  return records.map((record) => ('values' in record ? record.values : `${record.line} ${record.damage}`))
}
