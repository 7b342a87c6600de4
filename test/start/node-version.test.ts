import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

function startedBy(version: string) {
  const pretend = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version}'})`
  return spawnSync(process.execPath, ['--import', pretend, join(ROOT, 'start/node-version.ts')], { encoding: 'utf8' })
}

test('an older Node is told in one sentence which is needed, and the exit code is that of a wrong configuration', () => {
  expect(startedBy('24.0.0')).toMatchObject({ status: 0, stderr: '' })
  const { status, stderr } = startedBy('22.14.0')
  expect(status).toBe(78)
  expect(stderr).toMatch(/^Rosterport needs Node 24 or later, and this is Node 22\.14\.0: .+\n$/)
  expect(stderr).toContain('npm start -- COMMAND')
})

test('it is looked at before any other module of the service is run', () => {
  expect(readFileSync(join(ROOT, 'main.ts'), 'utf8')).toMatch(/^(#!.*\n)?import '\.\/start\/node-version\.ts'\n/)
})
