import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openKeys } from '../../files/keys.ts'

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'rosterport-keys-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return join(made, 'keys')
}

test('the secret is made once, for its owner alone, and stays the same', async () => {
  const keys = await folder()
  const { secret } = await openKeys(keys)
  expect(secret).toHaveLength(32)
  expect((await openKeys(keys)).secret).toEqual(secret)
  expect((await stat(join(keys, 'secret'))).mode & 0o777).toBe(0o600)
  expect(await readdir(keys)).toEqual(['secret'])
})

test('of many starts at the same moment all get the same secret', async () => {
  const keys = await folder()
  const all = await Promise.all(Array.from({ length: 10 }, () => openKeys(keys)))
  expect(new Set(all.map(({ secret }) => secret.toString('hex'))).size).toBe(1)
})

test('a damaged secret is named and never replaced', async () => {
  const keys = await folder()
  await openKeys(keys)
  await writeFile(join(keys, 'secret'), 'short')
  await expect(openKeys(keys)).rejects.toThrow(/secret must hold 32 bytes/)
})
