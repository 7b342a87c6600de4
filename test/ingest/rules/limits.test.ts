import { expect, test } from 'vitest'
import { contactsOf, errorsOf, importBytes, insertTeam } from '../../support/batches.ts'
import { testDatabase } from '../../support/database.ts'
import { settingsOf } from '../../support/reading.ts'
import { MAPPED, major, text } from '../../support/rules.ts'

const database = testDatabase()

const options = { worthAThread: Number.POSITIVE_INFINITY }
const fields = Array.from({ length: 25 }, (_, index) => ({ ...major, name: `Field ${index}`, column: `F${index}` }))

test('25 additional fields, in a record of 2,000 values, are all kept', async () => {
  const teamId = await insertTeam(database)
  const others = Array.from({ length: 2_000 - 29 }, () => '')
  const header = [
    'ID',
    'First',
    'Last',
    'Mobile',
    ...fields.map(({ column }) => column),
    ...others.map((_, i) => `x${i}`),
  ]
  const record = ['1', 'Ann', 'Lee', '7165550101', ...fields.map(({ name }) => `${name}!`), ...others]
  const { counts } = await importBytes(database, teamId, `${header}\n${record}\n`, {
    settings: settingsOf({ additionalFields: fields }),
  })
  expect(counts).toMatchObject({ records: 1, created: 1 })
  expect((await contactsOf(database, teamId))[0]?.custom_fields).toEqual(
    Object.fromEntries(fields.map(({ name }) => [name, `${name}!`])),
  )
})

test('IDs and names have at most 255 characters and custom values 4,000; emoji and accents count once', async () => {
  const teamId = await insertTeam(database)
  const most = (index: number) => `${index}${['x', 'é', '😀', '好'][index]?.repeat(254)}`
  const rows = [0, 1, 2, 3].flatMap((index) => {
    const good = [most(index), '😀'.repeat(255), most(index), `716555010${index}`, '', 'N', '😀'.repeat(4_000), '']
    const long = [0, 1, 2, 6].map((at) => good.map((value, column) => (column === at ? `${value}😀` : value)))
    return [good, ...long]
  })
  const { counts, batchId } = await importBytes(database, teamId, text(...rows.map((row) => row.join(','))), {
    settings: settingsOf(MAPPED),
  })
  expect(counts).toMatchObject({ records: 20, created: 4, rejected: 16 })
  const codes = (await errorsOf(database, batchId)).map(({ errors }) => errors.map(({ code }) => code).join())
  expect(new Set(codes)).toEqual(new Set(['E_TOO_LONG']))
  expect((await contactsOf(database, teamId)).map(({ contact_id }) => contact_id).sort()).toEqual(
    [0, 1, 2, 3].map(most).sort(),
  )
})

const mebibyte = 1024 * 1024
const filler = (bytes: number) => 'x'.repeat(bytes)
test('a record of 1 MiB is read and one byte more is not; the records around it are', async () => {
  const teamId = await insertTeam(database)
  const start = (id: number) => `${id},Zoë,Lee,716555010${id},,N,,`
  const room = mebibyte - Buffer.byteLength(start(1))
  const { counts, batchId } = await importBytes(
    database,
    teamId,
    text(
      start(0),
      start(1) + filler(room),
      start(2) + filler(room + 1),
      `${start(3)}"${'é'.repeat(room / 2)}"`,
      start(4),
    ),
    { settings: settingsOf(MAPPED), options },
  )
  expect(counts).toMatchObject({ records: 5, created: 3, rejected: 2 })
  expect(await errorsOf(database, batchId)).toMatchObject([
    { line: 4, errors: [{ code: 'E_TOO_LONG', message: expect.stringContaining('1,048,576 bytes') }] },
    { line: 5, errors: [{ code: 'E_TOO_LONG' }] },
  ])
})

test('a header of 1 MiB is read, a longer one is not', async () => {
  const teamId = await insertTeam(database)
  const columns = 'ID,First,Last,Mobile,'
  const file = (bytes: number) => `${columns}${filler(bytes - columns.length)}\n1,Ann,Lee,7165550101,\n`
  const settings = settingsOf()
  await expect(importBytes(database, teamId, file(mebibyte + 1), { settings, options })).rejects.toMatchObject({
    code: 'F_HEADER_MISSING',
    message: expect.stringContaining('1,048,576 bytes'),
  })
  expect((await importBytes(database, teamId, file(mebibyte), { settings, options })).counts).toMatchObject({
    created: 1,
  })
})
