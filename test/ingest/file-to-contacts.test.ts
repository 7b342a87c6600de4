import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ImportSettings } from '../../model/import-settings.ts'
import { contactsOf, errorsOf, importBytes, insertTeam, openFileOf } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { settingsOf } from '../support/reading.ts'

const database = testDatabase()

const settings = (delimiter: 'comma' | 'tab', encoding: ImportSettings['file']['encoding'] = 'auto') =>
  settingsOf({
    file: { delimiter, encoding },
    additionalFields: [{ name: 'Note', column: 'Note', required: false, mergeable: false, visibleToUser: true }],
  })

const word = fc.string({
  unit: fc.constantFrom('a', 'Z', 'é', 'e\u0301', '€', '😀', '"', ',', '\t', ' ', '\\', "'", '\n', '\r', '\r\n', '|'),
  maxLength: 8,
})
/** Framed by letters, so that no blanks are trimmed and no spreadsheet habit is undone; line ends of every kind inside. */
const value = word.map((text) => `v${text}v`)
const person = fc.record({ first: value, last: value, note: fc.oneof(fc.constant(''), value) })

const lineEnds = fc.infiniteStream(fc.constantFrom('\n', '\r\n', '\r'))
const chunkSizes = fc.constantFrom(1, 2, 7, 64 * 1024)

type Encoding = 'utf8' | 'bom' | 'utf16le' | 'utf16be' | 'windows1252' | 'windows1252Told'
const encoded: Record<Encoding, (text: string) => Buffer> = {
  utf8: (text) => Buffer.from(text),
  bom: (text) => Buffer.from(`\ufeff${text}`),
  utf16le: (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  utf16be: (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  windows1252: windows1252,
  windows1252Told: windows1252,
}

function windows1252(text: string): Buffer {
  return Buffer.from(text.replaceAll('€', '\x80'), 'latin1')
}

/** What the encoding can hold. Where nobody tells it, nothing may look like UTF-8, and something must not be it. */
function writable(text: string, encoding: Encoding): string {
  if (!encoding.startsWith('windows')) return text
  const single = text.replaceAll('e\u0301', 'é').replaceAll('😀', 'ÿ')
  return encoding === 'windows1252' ? `${single.replaceAll('€', 'É')}ÿ` : single
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`

test('what is stored is what was written, whatever the quoting, the line ends, the encoding and the chunks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(person, { minLength: 1, maxLength: 8 }),
      fc.constantFrom('comma' as const, 'tab' as const),
      lineEnds,
      fc.constantFrom(...(Object.keys(encoded) as Encoding[])),
      fc.infiniteStream(fc.boolean()),
      fc.constantFrom(1, 3, 20_000),
      chunkSizes,
      async (written, delimiter, lineEnds, encoding, coin, recordsPerChunk, chunkSize) => {
        const character = delimiter === 'tab' ? '\t' : ','
        const people = written.map(({ first, last, note }) => {
          // A record with a value of several lines and delimiters in its values may be doubted.
          const isDoubtful = [first, last, note].some((text) => /[\r\n]/.test(text))
          const kept = (text: string) => writable(isDoubtful ? text.replaceAll(character, ';') : text, encoding)
          return { first: kept(first), last: kept(last), note: note && kept(note) }
        })
        const cell = (text: string) =>
          coin.next().value || /["\r\n]/.test(text) || text.includes(character) ? quoted(text) : text
        const lines = people.map(({ first, last, note }, index) =>
          [`k${index}`, first, last, `716-555-01${10 + index}`, note].map(cell).join(character),
        )
        const text = [['ID', 'First', 'Last', 'Mobile', 'Note'].join(character), ...lines]
          .map((line) => `${line}${lineEnds.next().value}`)
          .join('')
        const teamId = await insertTeam(database)
        const { counts, warnings } = await importBytes(
          database,
          teamId,
          openFileOf(encoded[encoding](text), chunkSize),
          {
            settings: settings(delimiter, encoding === 'windows1252Told' ? 'windows-1252' : 'auto'),
            options: { recordsPerChunk },
          },
        )
        expect(warnings).toEqual(encoding === 'windows1252' ? { W_ENCODING_FALLBACK: 1 } : {})
        expect(counts).toMatchObject({ records: people.length, created: people.length })
        expect(await contactsOf(database, teamId)).toMatchObject(
          people.map(({ first, last, note }, index) => ({
            contact_id: `k${index}`,
            first_name: first,
            last_name: last,
            mobile_number: `+171655501${10 + index}`,
            custom_fields: note === '' ? {} : { Note: note },
          })),
        )
      },
    ),
    { numRuns: 25 },
  )
})

const damages: ((id: string) => Buffer)[] = [
  (id) => Buffer.from(`${id},"Ann,Lee,716-555-0190,x`),
  (id) => Buffer.from(`${id},"Ann"x,Lee,716-555-0190,x`),
  (id) => Buffer.from(`${id},An"n,Lee,716-555-0190,x`),
  (id) => Buffer.from(`${id},Ann,Lee,716-555-0190,x,y`),
  (id) => Buffer.from(`${id},Ann,Lee,716-555-0190`),
  (id) => Buffer.concat([Buffer.from(`${id},Ann`), Buffer.of(0xc3, 0x28), Buffer.from(',Lee,716-555-0190,é')]),
  (id) => Buffer.from(`${id},A\0nn,Lee,716-555-0190,x`),
  (id) => Buffer.from(`${id},Ann,Lee,7165550,x`),
]

test('damage to one record rejects exactly that record, and all others are stored', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(person, { minLength: 2, maxLength: 8 }),
      fc.nat(),
      fc.constantFrom(...damages),
      lineEnds,
      fc.constantFrom(1, 3, 20_000),
      chunkSizes,
      async (people, pick, damage, lineEnds, recordsPerChunk, chunkSize) => {
        const damaged = pick % people.length
        const lines = people.map(({ first, last, note }, index) =>
          index === damaged
            ? damage(`k${index}`)
            : Buffer.from(
                [`k${index}`, quoted(first), quoted(last), `716-555-01${10 + index}`, quoted(note)].join(','),
              ),
        )
        const header = Buffer.from('ID,First,Last,Mobile,Note\n')
        const file = Buffer.concat([header, ...lines.flatMap((line) => [line, Buffer.from(lineEnds.next().value)])])
        const teamId = await insertTeam(database)
        const { counts, batchId } = await importBytes(database, teamId, openFileOf(file, chunkSize), {
          // Told, since a short file may hold no other sign of it.
          settings: settings('comma', 'utf-8'),
          options: { recordsPerChunk },
        })
        expect(counts).toMatchObject({ records: people.length, rejected: 1, created: people.length - 1 })
        expect(await errorsOf(database, batchId)).toHaveLength(1)
        expect(
          (await contactsOf(database, teamId)).map(({ contact_id, first_name }) => [contact_id, first_name]),
        ).toEqual(people.flatMap(({ first }, index) => (index === damaged ? [] : [[`k${index}`, first]])))
      },
    ),
    { numRuns: 20 },
  )
})
