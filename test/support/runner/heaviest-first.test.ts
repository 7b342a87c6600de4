import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HEAVIEST } from './heaviest-first.ts'

test('the files that are begun first are there', () => {
  const gone = HEAVIEST.filter((path) => !existsSync(join(import.meta.dirname, '../../..', path)))
  expect(gone).toEqual([])
})
