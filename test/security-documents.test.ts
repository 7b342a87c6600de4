import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

for (const document of ['docs/security.md', 'docs/asvs.md'])
  test(`every file that ${document} names as a proof is there`, () => {
    const text = readFileSync(join(ROOT, document), 'utf8')
    const named = [...text.matchAll(/`([\w./-]+\.tsx?)`/g)].map(([, file = '']) => file)
    expect(named.length).toBeGreaterThan(30)
    const missing = named.filter((file) => !existsSync(join(ROOT, file.endsWith('.test.ts') ? 'test' : '', file)))
    expect(missing).toEqual([])
  })
