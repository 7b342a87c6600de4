import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contactsOf, errorsOf, importBytes, insertTeam } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { settingsOf } from '../support/reading.ts'

const database = testDatabase()

const settings = (delimiter: 'comma' | 'tab') =>
  settingsOf({
    file: { delimiter },
    additionalFields: [{ name: 'Note', column: 'Note', required: false, mergeable: false, visibleToUser: true }],
  })

const word = fc.string({
  unit: fc.constantFrom('a', 'Z', 'é', '€', '😀', '"', ',', '\t', ' ', '\\', "'", '\n', '|'),
  maxLength: 8,
})
/** Framed by letters, so that no blanks are trimmed and no spreadsheet habit is undone. */
const value = word.map((text) => `v${text}v`)
const person = fc.record({ first: value, last: value, note: fc.oneof(fc.constant(''), value) })

type Encoding = 'utf8' | 'bom' | 'utf16le' | 'utf16be'
const encoded: Record<Encoding, (text: string) => Buffer> = {
  utf8: (text) => Buffer.from(text),
  bom: (text) => Buffer.from(`\ufeff${text}`),
  utf16le: (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  utf16be: (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`

test('what is stored is what was written, whatever the quoting, the line ends, the encoding and the chunks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(person, { minLength: 1, maxLength: 8 }),
      fc.constantFrom('comma' as const, 'tab' as const),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.constantFrom<Encoding>('utf8', 'bom', 'utf16le', 'utf16be'),
      fc.infiniteStream(fc.boolean()),
      fc.constantFrom(1, 3, 20_000),
      async (people, delimiter, lineEnd, encoding, coin, recordsPerChunk) => {
        const character = delimiter === 'tab' ? '\t' : ','
        const cell = (text: string) =>
          coin.next().value || /["\r\n]/.test(text) || text.includes(character) ? quoted(text) : text
        const lines = people.map(({ first, last, note }, index) =>
          [`k${index}`, first, last, `716-555-01${10 + index}`, note].map(cell).join(character),
        )
        const text = [['ID', 'First', 'Last', 'Mobile', 'Note'].join(character), ...lines, ''].join(lineEnd)
        const teamId = await insertTeam(database)
        const { counts } = await importBytes(database, teamId, encoded[encoding](text), {
          settings: settings(delimiter),
          options: { recordsPerChunk },
        })
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
    { numRuns: 20 },
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
      fc.constantFrom(1, 3, 20_000),
      async (people, pick, damage, recordsPerChunk) => {
        const damaged = pick % people.length
        const lines = people.map(({ first, last, note }, index) =>
          index === damaged
            ? damage(`k${index}`)
            : Buffer.from(
                [`k${index}`, quoted(first), quoted(last), `716-555-01${10 + index}`, quoted(note)].join(','),
              ),
        )
        const header = Buffer.from('ID,First,Last,Mobile,Note\n')
        const file = Buffer.concat([header, ...lines.flatMap((line) => [line, Buffer.from('\n')])])
        const teamId = await insertTeam(database)
        const { counts, batchId } = await importBytes(database, teamId, file, {
          // Told, since a short file may hold no other sign of it.
          settings: { ...settings('comma'), file: { ...settings('comma').file, encoding: 'utf-8' } },
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
