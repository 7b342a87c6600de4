import { X509Certificate } from 'node:crypto'
import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createLog } from '../../log.ts'
import { loadTls, watchTls } from '../../server/tls.ts'

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'rosterport-tls-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

test('the certificate is made once, for ten years, and its key is for its owner alone', async () => {
  const keys = await folder()
  const { fingerprint } = await loadTls(keys)
  expect((await loadTls(keys)).fingerprint).toBe(fingerprint)
  const path = join(keys, 'ftp-certificate.pem')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const certificate = new X509Certificate(await readFile(path))
  expect(certificate.fingerprint256).toBe(fingerprint)
  expect(certificate.subjectAltName).toContain('DNS:localhost')
  expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
  const years = (certificate.validToDate.getTime() - Date.now()) / (365.25 * 24 * 3600 * 1000)
  expect(years).toBeCloseTo(10, 1)
})

test('a certificate of the administrator is used as it is', async () => {
  const own = await folder()
  const { fingerprint } = await loadTls(own)
  const pem = join(own, 'ftp-certificate.pem')
  expect((await loadTls(await folder(), { cert: pem, key: pem })).fingerprint).toBe(fingerprint)
})

test('a renewed certificate is taken up without a restart; one that cannot be used is not', async () => {
  const [first, second, used] = [await folder(), await folder(), await folder()]
  const [before, after] = [await loadTls(first), await loadTls(second)]
  const pem = join(used, 'certificate.pem')
  await copyFile(join(first, 'ftp-certificate.pem'), pem)
  const tls = await watchTls(used, { cert: pem, key: pem }, createLog('silent'), 5)
  onTestFinished(() => tls.stop())
  expect(tls.fingerprint).toBe(before.fingerprint)
  const context = tls.secureContext
  await writeFile(pem, 'half a file')
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(tls.secureContext).toBe(context)
  await copyFile(join(second, 'ftp-certificate.pem'), pem)
  await vi.waitFor(() => expect(tls.fingerprint).toBe(after.fingerprint))
  expect(tls.secureContext).not.toBe(context)
})
