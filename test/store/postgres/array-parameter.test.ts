import { expect, test } from 'vitest'
import { bigintArray, textArray } from '../../../store/postgres/array-parameter.ts'
import { testDatabase } from '../../support/database.ts'

const { pool } = testDatabase()

const lists: { title: string; texts: string[] }[] = [
  { title: 'none', texts: [] },
  { title: 'one', texts: ['1001'] },
  { title: 'what text would have to escape', texts: ['', ' ', '"', '\\', 'a,b', '{}', 'NULL', "o'Neil", '\n\r\t'] },
  { title: 'characters of one to four bytes', texts: ['é', '好', '😀', 'Zoë'] },
  { title: 'very many', texts: Array.from({ length: 20_000 }, (_, index) => `S${index}`) },
]
for (const { title, texts } of lists)
  test(`texts arrive as they are: ${title}`, async () => {
    const { rows } = await pool.query('select $1::text[] as texts', [textArray(texts)])
    expect(rows[0].texts).toEqual(texts)
  })

test('numbers of 64 bits arrive as they are', async () => {
  const numbers = [0n, 1n, -1n, 2n ** 32n, -(2n ** 32n), 2n ** 63n - 1n, -(2n ** 63n), 0x0123456789abcdefn]
  const halves = new Int32Array(
    numbers.flatMap((number) => [Number(BigInt.asIntN(32, number)), Number(BigInt.asIntN(32, number >> 32n))]),
  )
  const { rows } = await pool.query('select $1::bigint[]::text[] as numbers', [bigintArray(halves)])
  expect(rows[0].numbers).toEqual(numbers.map(String))
})
