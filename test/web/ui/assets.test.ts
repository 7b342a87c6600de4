import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ASSETS = join(import.meta.dirname, '../../../web/ui/assets')
/** The page of the API's description is no page of administrators. */
const OTHERS = /docs|swagger/

test('stylesheet and scripts are together under 60 kB', () => {
  const files = globSync('*.{css,js}', { cwd: ASSETS }).filter((name) => !OTHERS.test(name))
  const bytes = files.reduce((sum, name) => sum + statSync(join(ASSETS, name)).size, 0)
  expect(files).toContain('style.css')
  expect(bytes).toBeLessThan(60_000)
})
