import { beforeAll, expect, test } from 'vitest'
import { validity } from '../../../web/ui/components/server-card.tsx'
import { insertTeam } from '../../support/teams.ts'
import { anyJson, OWNER, SERVER_FACTS, testWeb } from '../../support/web.ts'

let shown = { ...SERVER_FACTS.certificate() }
let found: string | null = null
const { db, request, signIn, caller } = testWeb({
  server: {
    ...SERVER_FACTS,
    certificate: () => shown as ReturnType<typeof SERVER_FACTS.certificate>,
    passiveAddress: { host: 'ftp.example.edu', current: () => found },
  },
})

let cookie: string
beforeAll(async () => {
  await insertTeam(db, 'admissions')
  cookie = await signIn()
})

const PAGES = ['/teams/admissions/ftp-accounts', '/settings']
const page = async (path: string) => (await request('GET', path, { cookie })).text()

test('a renewed certificate is in the next answer of the pages and the API', async () => {
  const call = await caller(OWNER.email)
  const api = async () => anyJson(await call('GET', '/api/teams/admissions/connection'))
  expect(await api()).toMatchObject({ host: 'files.example.edu', ftp: { port: 2121 }, certificate: { ...json(shown) } })
  const fingerprint = Array.from({ length: 32 }, () => 'EE').join(':')
  shown = { ...shown, fingerprint, validUntil: new Date('2028-01-15T00:00:00Z'), subject: 'ftp.example.edu' }
  const after = await api()
  expect(after.certificate).toEqual(json(shown))
  expect(after.instructions).toContain(fingerprint.slice(0, 47))
  expect(await page(PAGES[0] as string)).toContain(fingerprint.slice(0, 47))
  for (const path of PAGES) expect(await page(path)).toContain('until Jan 15, 2028')
})

test('a passive name says what it is now, and that it cannot be looked up', async () => {
  for (const path of PAGES) expect(await page(path)).toContain('This name cannot be looked up (FTP_PASSIVE_HOST).')
  found = '203.0.113.5'
  for (const path of PAGES) expect(await page(path)).toMatch(/ftp\.example\.edu.*203\.0\.113\.5/s)
})

const now = new Date('2026-11-30T12:00:00Z')
const ends: { until: string; text: string }[] = [
  { until: '2027-06-30T00:00:00Z', text: 'until Jun 30, 2027, 212 days left' },
  { until: '2026-12-02T00:00:00Z', text: 'until Dec 2, 2026, 2 days left' },
  { until: '2026-12-01T09:30:00Z', text: 'expires tomorrow, 9:30 AM UTC' },
  { until: '2026-11-30T17:00:00Z', text: 'expires today, 5:00 PM UTC' },
  { until: '2026-11-30T11:59:00Z', text: 'expired on Nov 30, 2026' },
  { until: '2025-01-01T00:00:00Z', text: 'expired on Jan 1, 2025' },
]
for (const { until, text } of ends)
  test(`a certificate: ${text}`, () => expect(validity(new Date(until), now)).toBe(text))

function json(value: object): object {
  return JSON.parse(JSON.stringify(value))
}
