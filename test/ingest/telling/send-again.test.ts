import { expect, test } from 'vitest'
import { errorFile } from '../../../ingest/telling/error-file.ts'
import type { Delimiter } from '../../../model/delimiters.ts'
import type { ImportSettings } from '../../../model/import-settings.ts'
import { allRecordErrors } from '../../../store/runs/run-history.ts'
import { contactsOf, importBytes, insertTeam } from '../../support/batches.ts'
import { testDatabase } from '../../support/database.ts'
import { collected, settingsOf } from '../../support/reading.ts'

/** The way of an error file: made by an import, corrected, and imported as it is. */
const database = testDatabase()

const WRONG = '716-555-01'
const RIGHT = '716-555-0101'
const people: { id: string; first: string; last: string; course: string }[] = [
  { id: '007', first: 'José', last: 'O’Neil “Jo”', course: '=SUM(1)' },
  { id: '+8', first: 'Zoë, A.', last: 'x\r\ny', course: "'quoted'" },
  { id: '9', first: '–Ann', last: '"Lee"', course: '' },
]

type Encoding = Exclude<ImportSettings['file']['encoding'], 'utf-8'>
/** How a file of this setting is written by whoever exports it. */
const exported: Record<Encoding, (text: string) => Buffer> = {
  auto: (text) => Buffer.from(text),
  'utf-16': (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  'windows-1252': (text) =>
    Buffer.from(
      text.replace(/[’“”–]/g, (sign) => ({ '’': '\x92', '“': '\x93', '”': '\x94', '–': '\x96' })[sign] ?? ''),
      'latin1',
    ),
}
const decoded: Record<Encoding, (bytes: Buffer) => string> = {
  auto: (bytes) => bytes.toString(),
  'utf-16': (bytes) => bytes.toString('utf16le'),
  // What is corrected is ASCII; the rest is to be given back as it is.
  'windows-1252': (bytes) => bytes.toString('latin1'),
}
const corrected: Record<Encoding, (text: string) => Buffer> = {
  auto: (text) => Buffer.from(text),
  'utf-16': (text) => Buffer.from(text, 'utf16le'),
  'windows-1252': (text) => Buffer.from(text, 'latin1'),
}

const CHARACTERS: Record<Delimiter, string> = { comma: ',', tab: '\t' }
for (const delimiter of ['comma', 'tab'] as const)
  for (const encoding of ['auto', 'utf-16', 'windows-1252'] as const)
    test(`an error file (${delimiter}, ${encoding}) is corrected and sent again, and every value is what it was`, async () => {
      const settings = settingsOf({
        file: { delimiter, encoding },
        // The file has no such column, and the error file has one of that name by nature.
        additionalFields: [
          { name: 'Course', column: 'Course', required: false, mergeable: true, visibleToUser: true },
          { name: 'Grade', column: 'Code', required: false, mergeable: true, visibleToUser: true },
        ],
      })
      const line = (values: string[]) =>
        values.map((value) => `"${value.replaceAll('"', '""')}"`).join(CHARACTERS[delimiter])
      const text = [
        line(['ID', 'First', 'Last', 'Mobile', 'Course']),
        ...people.map(({ id, first, last, course }) => line([id, first, last, WRONG, course])),
        '',
      ].join('\r\n')
      const teamId = await insertTeam(database)
      const { batchId, counts } = await importBytes(database, teamId, exported[encoding](text), { settings })
      expect(counts).toMatchObject({ records: 3, rejected: 3 })

      const { header } = await database.db
        .selectFrom('batch')
        .select('header')
        .where('id', '=', batchId)
        .executeTakeFirstOrThrow()
      const bytes = Buffer.concat(
        await collected(errorFile(header ?? [], settings, allRecordErrors(database.db, batchId), 0)),
      )
      const mended = decoded[encoding](bytes).replaceAll(new RegExp(`(["\\t,])${WRONG}(?=["\\t,])`, 'g'), `$1${RIGHT}`)
      const again = await importBytes(database, teamId, corrected[encoding](mended), { settings })
      expect(again.counts).toMatchObject({ records: 3, created: 3, rejected: 0 })
      expect(await contactsOf(database, teamId)).toMatchObject(
        [...people]
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .map(({ id, first, last, course }) => ({
            contact_id: id,
            first_name: first,
            last_name: last,
            mobile_number: '+17165550101',
            custom_fields: course === '' ? {} : { Course: course },
          })),
      )
    })
