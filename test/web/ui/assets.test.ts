import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ASSETS = join(import.meta.dirname, '../../../web/ui/assets')
/** The page of the API's description is no page of administrators. */
const OTHERS = /docs|swagger/

test('the stylesheet and the scripts of a page are under 60 kB', () => {
  const files = globSync('*.{css,js}', { cwd: ASSETS }).filter((name) => !OTHERS.test(name))
  const sizes = new Map(files.map((name) => [name, statSync(join(ASSETS, name)).size]))
  const everywhere = ['style.css', 'page.js', 'live.js']
  const own = files.filter((name) => !everywhere.includes(name)).map((name) => sizes.get(name) as number)
  const bytes = everywhere.reduce((sum, name) => sum + (sizes.get(name) as number), Math.max(...own))
  expect(bytes).toBeLessThan(60_000)
})
