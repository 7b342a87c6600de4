import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

test('everything that a thread runs is compiled, though no import names it', () => {
  const tsc = join(ROOT, 'node_modules/.bin/tsc')
  const compiled = execFileSync(tsc, ['-p', 'tsconfig.build.json', '--listFilesOnly'], { cwd: ROOT, encoding: 'utf8' })
  const threads = globSync('{files,store,ingest,server,web}/**/*-thread.ts', { cwd: ROOT })
  expect(threads.length).toBeGreaterThan(0)
  for (const thread of threads) expect(compiled).toContain(thread)
})
