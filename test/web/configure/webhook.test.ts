import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { createLog } from '../../../log.ts'
import { keyOfSecret } from '../../../model/webhook.ts'
import { type WebhookEvent, WebhookProblem } from '../../../notify/webhook.ts'
import { claimEvent, queueEvent, recordDelivery, recordFailure } from '../../../store/outbox.ts'
import { createTeam } from '../../../store/teams.ts'
import { SETTINGS } from '../../support/service.ts'
import { anyJson, OWNER, testWeb } from '../../support/web.ts'

const sent: WebhookEvent[] = []
let answer: () => Promise<{ status: number; ms: number; text: string }> = async () => ({
  status: 200,
  ms: 12,
  text: 'ok',
})
const logged: string[] = []
const web = testWeb({
  log: createLog('trace', { write: (line: string) => void logged.push(line) }),
  sendWebhook: (event) => {
    sent.push(event)
    return answer()
  },
})
const { db } = web
const SECRET = `whsec_${Buffer.from('a secret that nobody may ever read').toString('base64')}`
const NEXT = Buffer.from('the one that takes the place of it').toString('base64')
const URL = 'https://hooks.example.edu/rosterport'
let call: Awaited<ReturnType<typeof web.caller>>

const path = (team: string) => `/api/teams/${team}/import-settings`

beforeAll(async () => {
  for (const team of ['admissions', 'tested', 'none', 'formed'])
    await createTeam(db, { team, name: team, timeZone: 'UTC' })
  call = await web.caller(OWNER.email)
})

async function save(team: string, version: number, webhook: unknown) {
  const response = await call('PUT', path(team), { ...SETTINGS, webhook, version })
  return { status: response.status, body: await anyJson(response) }
}

test('the secret is answered nowhere and stands nowhere but sealed; a save without one keeps it', async () => {
  const replies: unknown[] = []
  replies.push(await save('admissions', 0, { url: URL, secret: SECRET }))
  replies.push(await save('admissions', 1, { url: `${URL}/2` }))
  replies.push(await save('admissions', 2, { url: URL, secret: NEXT }))
  expect(replies).toMatchObject([
    { status: 200, body: { webhook: { url: URL } } },
    { status: 200, body: { webhook: { url: `${URL}/2` } } },
    { status: 200, body: { webhook: { url: URL } } },
  ])
  await call('POST', '/api/teams/admissions/test-webhook')
  expect(sent.at(-1)?.keys).toEqual([keyOfSecret(NEXT), keyOfSecret(SECRET)])
  const cookie = await web.signIn()
  for (const at of [path('admissions'), '/api/audit', '/openapi.json'])
    replies.push(await (await call('GET', at)).text())
  for (const at of ['/teams/admissions/configure', '/activity'])
    replies.push(await (await web.request('GET', at, { cookie })).text())
  const refused = await call('PUT', path('admissions'), {
    ...SETTINGS,
    silenceHours: -1,
    webhook: { url: URL, secret: SECRET },
    version: 3,
  })
  replies.push(await refused.text())
  const all = JSON.stringify(replies) + logged.join('')
  const dump = await dumpOf()
  for (const secret of [SECRET, NEXT]) {
    const key = keyOfSecret(secret) as Buffer
    for (const form of [secret, secret.replace('whsec_', ''), key.toString(), key.toString('hex')]) {
      expect(all.includes(form)).toBe(false)
      expect(dump.includes(form)).toBe(false)
    }
  }
  expect(dump).toContain('webhook_secret')
  expect(all).toContain('webhook.secret')
})

/** Every row of every table as text. */
async function dumpOf(): Promise<string> {
  const { rows } = await sql<{ xml: string }>`
    select schema_to_xml(current_schema(), true, false, '')::text as xml`.execute(db)
  const [{ xml } = { xml: '' }] = rows
  return xml.replaceAll(/[A-Za-z0-9+/=]{24,}/g, (text) => `${text} ${Buffer.from(text, 'base64').toString('latin1')}`)
}

test('a webhook needs a secret, of a length that cannot be guessed', async () => {
  for (const secret of [
    undefined,
    '',
    'short',
    Buffer.alloc(23, 'k').toString('base64'),
    Buffer.alloc(65).toString('base64'),
    `${'k'.repeat(40)}!`,
  ]) {
    const { status, body } = await save('none', 0, { url: URL, secret })
    expect([secret, status, body.errors?.[0]?.path]).toEqual([secret, 422, 'webhook.secret'])
  }
  for (const url of [
    '',
    'ftp://hooks.example.edu/',
    'hooks.example.edu',
    'https://user:pass@hooks.example.edu/',
    'javascript:1',
  ])
    expect((await save('none', 0, { url, secret: SECRET })).status).toBe(422)
})

test('a webhook that is removed takes its secret along', async () => {
  await save('formed', 0, { url: URL, secret: SECRET })
  await save('formed', 1, null)
  expect((await save('formed', 2, { url: URL })).status).toBe(422)
})

test('a test shows what the receiver answers, on the page too, ten times an hour', async () => {
  expect((await call('POST', '/api/teams/tested/test-webhook')).status).toBe(422)
  await save('tested', 0, { url: URL, secret: SECRET })
  const at = '/api/teams/tested/test-webhook'
  web.clock.now = new Date('2026-11-23T15:00:00Z')
  expect(await anyJson(await call('POST', at))).toEqual({ delivered: true, status: 200, ms: 12, text: 'ok' })
  expect(JSON.parse(sent.at(-1)?.body ?? '')).toMatchObject({ type: 'test', data: { team: 'tested' } })
  answer = async () => ({ status: 500, ms: 3, text: '<b>no</b>' })
  const cookie = await web.signIn()
  const form = { cookie, origin: 'https://files.example.edu', 'content-type': 'application/x-www-form-urlencoded' }
  const pressed = await web.request('POST', '/teams/tested/test-webhook', form, `formToken=${web.formToken(cookie)}`)
  const page = await pressed.text()
  expect(page).toContain('The test has not arrived: status 500 after 3 ms')
  expect(page).toContain('&lt;b&gt;no&lt;/b&gt;')
  answer = () => Promise.reject(new WebhookProblem('No answer within 10 seconds.'))
  for (let pressed = 2; pressed < 10; pressed++)
    expect(await anyJson(await call('POST', at))).toMatchObject({
      delivered: false,
      status: null,
      text: 'No answer within 10 seconds.',
    })
  expect((await call('POST', at)).status).toBe(429)
})

test('the page says how events fare: what waits and why, when one arrived, how many were given up', async () => {
  await createTeam(db, { team: 'followed', name: 'followed', timeZone: 'UTC' })
  await save('followed', 0, { url: URL, secret: SECRET })
  const cookie = await web.signIn()
  const said = async () => {
    const text = await (await web.request('GET', '/teams/followed/configure', { cookie })).text()
    return /<p class="small (?:soft|t-warn)">((?:The last event arrived|No event).*?)<\/p>/.exec(text)?.[1]
  }
  expect(await said()).toBe('No event has arrived yet.')
  const { id } = await db.selectFrom('team').select('id').where('team', '=', 'followed').executeTakeFirstOrThrow()
  for (let event = 0; event < 2; event++) await queueEvent(db, id, URL, 'test', '{}')
  expect(await said()).toBe('No event has arrived yet. 2 events wait.')
  const [first, second] = [await claimEvent(db, []), await claimEvent(db, [])]
  if (!first || !second) throw new Error('no event is due')
  await recordFailure(db, first, 'HTTP 503')
  expect(await said()).toMatch(/^No event has arrived yet\. 2 events wait: HTTP 503\. The next try is .*\.$/)
  await sql`update mail set created_at = now() - interval '4 days' where id = ${first.id}`.execute(db)
  await recordFailure(db, first, 'HTTP 503')
  expect(await said()).toBe('No event has arrived yet. 1 event waits. 1 event was given up after three days.')
  await recordDelivery(db, second, [{ address: URL, state: 'sent', reason: null }])
  expect(await said()).toMatch(/^The last event arrived [^.]*\.$/)
})
