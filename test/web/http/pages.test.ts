import { expect, test } from 'vitest'
import { currentSettings, saveSettings } from '../../../store/settings.ts'
import { createTeam } from '../../../store/teams.ts'
import { draftOf, flatDraft } from '../../../web/configure/settings-draft.ts'
import { insertRun } from '../../support/history.ts'
import { SETTINGS } from '../../support/service.ts'
import { OWNER, testWeb } from '../../support/web.ts'

const { db, request, signIn, formToken, address } = testWeb({ publicUrl: new URL('http://files.example.edu:8080') })
const FORM = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }

function form(fields: Record<string, string>): string {
  return new URLSearchParams(fields).toString()
}

test('the sign-in page works as a plain form and leads on to the page asked for', async () => {
  const page = await request('GET', '/sign-in?to=%2Fteams%2Fadmissions', { accept: 'text/html' })
  const html = await page.text()
  expect(html).toMatch(/^<!doctype html><html lang="en">/)
  expect(html).toContain('<input type="hidden" name="to" value="/teams/admissions"/>')
  const headers = { ...FORM, origin: `http://${address()}` }
  const response = await request('POST', '/sign-in', headers, form({ ...OWNER, to: '/teams/admissions' }))
  expect(response.status).toBe(303)
  expect(response.headers.get('location')).toBe('/teams/admissions')
  expect(response.headers.getSetCookie()[0]).toMatch(/^rosterport=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
})

for (const to of [
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/.//evil.example',
  'javascript:alert(1)',
])
  test(`the sign-in does not lead to ${to}`, async () => {
    const response = await request('POST', '/sign-in', FORM, form({ ...OWNER, to }))
    expect(response.headers.get('location')).toBe('/')
  })

test('a refused sign-in shows the page again with what was entered, but the password', async () => {
  const response = await request('POST', '/sign-in', FORM, form({ email: '<b>@example.edu', password: 'secret-guess' }))
  expect(response.status).toBe(401)
  const html = await response.text()
  expect(html).toContain('Wrong e-mail address or password.')
  expect(html).toContain('value="&lt;b&gt;@example.edu"')
  expect(html).not.toContain('secret-guess')
})

test('the overview lists teams in trouble first and redirects if there is only one team', async () => {
  const cookie = await signIn()
  const overview = async () => (await request('GET', '/', { cookie })).text()
  expect(await overview()).toContain('No teams yet')
  const bursar = await createTeam(db, { team: 'bursar', name: 'Bursar', timeZone: 'UTC' })
  if (!bursar) throw new Error('the team was not made')
  expect((await request('GET', '/', { cookie })).headers.get('location')).toBe('/teams/bursar/imports')
  expect(await (await request('GET', '/?all=1', { cookie })).text()).toContain('Bursar')
  const team = await createTeam(db, { team: 'registrar', name: 'Registrar <script>', timeZone: 'America/New_York' })
  if (!team) throw new Error('the team was not made')
  await saveSettings(db, team.id, 0, SETTINGS, OWNER.email)
  await insertRun(db, team.id, 1)
  const html = await overview()
  expect(html).toContain('Registrar &lt;script&gt;')
  expect([...html.matchAll(/class="rowlink" href="([^"]+)"/g)].map((match) => match[1])).toEqual([
    '/teams/registrar/imports',
    '/teams/bursar/imports',
  ])
  expect(html).toContain('2 errors')
  expect(html).toContain('Today 10:00 AM')
})

test('signing out works as a plain form', async () => {
  const cookie = await signIn()
  const response = await request(
    'POST',
    '/sign-out',
    { ...FORM, cookie, origin: `http://${address()}` },
    form({ formToken: formToken(cookie) }),
  )
  expect(response.headers.get('location')).toBe('/sign-in')
  expect((await request('GET', '/', { cookie })).status).toBe(303)
})

test('every answer carries the safety headers, a page as well as a refusal', async () => {
  for (const path of ['/sign-in', '/api/teams']) {
    const { headers } = await request('GET', path, { origin: 'https://evil.example' })
    expect(headers.get('access-control-allow-origin')).toBeNull()
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('strict-transport-security')).toBeNull()
  }
})

test('the stylesheet may be kept for good under the name that the pages give it', async () => {
  const html = await (await request('GET', '/sign-in', {})).text()
  const href = /<link rel="stylesheet" href="([^"]+)"/.exec(html)?.[1] ?? ''
  const response = await request('GET', href, {})
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/css; charset=utf-8')
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(await response.text()).toContain('--accent-fill')
  const etag = response.headers.get('etag') ?? ''
  expect((await request('GET', '/assets/style.css', { 'if-none-match': etag })).status).toBe(304)
  expect((await request('GET', '/assets/style.css', {})).headers.get('cache-control')).toBe('no-cache')
})

test('a page that does not exist is a page that says so', async () => {
  const response = await request('GET', '/nowhere', { cookie: await signIn(), accept: 'text/html' })
  expect(response.status).toBe(404)
  expect(await response.text()).toContain('There is no such page.')
})

test('without a mail server the run says that its recap was written to a file', async () => {
  const team = await createTeam(db, { team: 'advising', name: 'Advising', timeZone: 'UTC' })
  if (!team) throw new Error('the team was not made')
  const { run, batch } = await insertRun(db, team.id, 1)
  const recipients = [{ address: 'it@example.edu', state: 'sent', reason: null }]
  await db
    .insertInto('mail')
    .values({
      ...{ team_id: team.id, batch_id: batch, kind: 'recap', message_id: '<1@x>', state: 'sent' },
      recipients: JSON.stringify(recipients),
      sent_at: new Date('2026-11-22T15:00:03Z'),
    })
    .execute()
  const html = await (await request('GET', `/teams/advising/runs/${run}`, { cookie: await signIn() })).text()
  expect(html).toContain('Written to the folder outbox of DATA_DIR')
  expect(html).not.toContain('mail server answered')
  expect(html).not.toContain('Taken by')
})

test('the hours of silence are set by the form, and an empty field switches them off', async () => {
  const team = await createTeam(db, { team: 'transfer', name: 'Transfer', timeZone: 'UTC' })
  if (!team) throw new Error('the team was not made')
  await saveSettings(db, team.id, 0, SETTINGS, OWNER.email)
  const cookie = await signIn()
  const headers = { ...FORM, cookie, origin: `http://${address()}` }
  const post = (version: number, silenceHours: string) => {
    const texts = { ...flatDraft(draftOf({ ...SETTINGS, version })), version: String(version), silenceHours }
    const fields = { ...texts, save: '', formToken: formToken(cookie) }
    return request('POST', '/teams/transfer/configure', headers, form(fields))
  }
  expect(await (await request('GET', '/teams/transfer/configure', { cookie })).text()).toMatch(
    /name="silenceHours"[^>]* value="26"/,
  )
  const refused = await post(1, 'a day')
  expect(refused.status).toBe(422)
  expect(await refused.text()).toContain('Enter a whole number of hours from 1 to 8,784, or leave this empty.')
  expect((await post(1, '48')).status).toBe(303)
  expect(await currentSettings(db, team.id)).toMatchObject({ version: 2, silenceHours: 48 })
  expect((await post(2, ' ')).status).toBe(303)
  expect(await currentSettings(db, team.id)).toMatchObject({ version: 3, silenceHours: null })
})

test('the page of a run says that more records were rejected than are kept, and why a run waits', async () => {
  const team = await createTeam(db, { team: 'crowded', name: 'Crowded', timeZone: 'UTC' })
  if (!team) throw new Error('the team was not made')
  const { run, batch } = await insertRun(db, team.id, 1)
  await db
    .updateTable('batch')
    .set({
      records: 250_002,
      rejected: 250_000,
      errors_kept: 2,
      error_counts: JSON.stringify({ codes: {}, kinds: KINDS }),
    })
    .where('id', '=', batch)
    .execute()
  const headers = { cookie: await signIn(), accept: 'text/html' }
  const page = async () => (await request('GET', `/teams/crowded/runs/${run}`, headers)).text()
  const html = await page()
  expect(html).toContain('2 of the 250,000 rejected records are kept; all of them are counted.')
  expect(html).toContain('<b>250,000</b>')
  await db.updateTable('run').set({ state: 'queued', waits_for_room: true }).where('id', '=', run).execute()
  expect(await page()).toContain('waiting, as the disk of the service is full')
})

const KINDS = [{ code: 'E_MOBILE_INVALID', field: 'Mobile Number', records: 250_000 }]
