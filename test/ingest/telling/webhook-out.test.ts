import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { seal } from '../../../files/sealed.ts'
import { WebhookOut } from '../../../ingest/telling/webhook-out.ts'
import { createLog } from '../../../log.ts'
import { type SendWebhook, type WebhookEvent, WebhookProblem } from '../../../notify/webhook.ts'
import { claimEvent, isMailStuck, mailTrouble, queueEvent } from '../../../store/outbox.ts'
import { saveSettings } from '../../../store/settings.ts'
import { setWebhookSecret } from '../../../store/webhook-secrets.ts'
import { insertTeam } from '../../support/batches.ts'
import { TEST_SECRET, testDatabase } from '../../support/database.ts'
import { SETTINGS } from '../../support/service.ts'

const database = testDatabase()
const { db } = database
const KEY = randomBytes(32)
const OK = { status: 204, ms: 1, text: '' }

beforeEach(async () => {
  await db.deleteFrom('mail').execute()
})

async function hookedTeam(url: string): Promise<number> {
  const teamId = await insertTeam(database)
  await saveSettings(db, teamId, 0, { ...SETTINGS, webhook: { url } }, 'dana@example.edu')
  await setWebhookSecret(db, teamId, seal(TEST_SECRET, 'webhook', String(teamId), KEY))
  return teamId
}

function opened(send: SendWebhook): WebhookOut {
  const out = new WebhookOut({ db, log: createLog('silent'), secret: TEST_SECRET, send })
  onTestFinished(() => out.stop())
  return out
}

/** Makes all events due, lets them be tried, and waits until each try is recorded. */
async function tried(send: SendWebhook): Promise<void> {
  await sql`update mail set next_attempt_at = now() where kind = 'webhook' and state = 'queued'`.execute(db)
  const due = await count(sql`kind = 'webhook' and state = 'queued'`)
  let sent = 0
  const out = opened((event) => send(event).finally(() => sent++))
  out.look()
  await expect.poll(() => sent).toBe(due)
  await out.stop()
}

async function count(which: ReturnType<typeof sql>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::integer as count from mail where ${which}`.execute(db)
  return rows[0]?.count ?? 0
}

const states = () =>
  db.selectFrom('mail').select(['state', 'attempts', 'last_error']).where('kind', '=', 'webhook').execute()
const away: SendWebhook = () => Promise.reject(new WebhookProblem('hooks.example.edu could not be reached.'))

test('an event is sent again with the same ID and text until it arrives', async () => {
  const teamId = await hookedTeam('https://hooks.example.edu/')
  await queueEvent(db, teamId, 'https://hooks.example.edu/', 'test', '{"type":"test"}')
  const heard: WebhookEvent[] = []
  const answers = [() => away({} as WebhookEvent), async () => ({ ...OK, status: 500 }), async () => OK]
  for (const answer of answers)
    await tried((event) => {
      heard.push(event)
      return answer()
    })
  expect(heard.map(({ id, body, url }) => ({ id, body, url }))).toEqual(
    Array(3).fill({ id: heard[0]?.id, body: '{"type":"test"}', url: 'https://hooks.example.edu/' }),
  )
  expect(heard[0]?.keys).toEqual([KEY])
  expect(await states()).toEqual([{ state: 'sent', attempts: 3, last_error: null }])
})

test('a receiver that fails is tried later and later, and is no trouble of the mail server', async () => {
  const teamId = await hookedTeam('https://hooks.example.edu/')
  await queueEvent(db, teamId, 'https://hooks.example.edu/', 'test', '{}')
  const minutes: number[] = []
  for (let attempt = 0; attempt < 3; attempt++) {
    await tried(away)
    const { rows } = await sql<{ minutes: number }>`
      select round(extract(epoch from next_attempt_at - now()) / 60)::integer as minutes from mail`.execute(db)
    minutes.push(rows[0]?.minutes as number)
  }
  expect(minutes).toEqual([1, 2, 4])
  await sql`update mail set next_attempt_at = now() - interval '1 day'`.execute(db)
  expect([await mailTrouble(db), await isMailStuck(db)]).toEqual([null, false])
})

test('an event that a process took and died with is sent by another', async () => {
  const teamId = await hookedTeam('https://hooks.example.edu/')
  await queueEvent(db, teamId, 'https://hooks.example.edu/', 'test', '{}')
  const taken = await claimEvent(db, [])
  expect(await claimEvent(db, [])).toBeNull()
  const heard: string[] = []
  await tried(async ({ id }) => {
    heard.push(id)
    return OK
  })
  expect(heard).toEqual([taken?.message_id])
})

test('a receiver that hangs delays neither the events of other teams nor those that come meanwhile', async () => {
  const slow = await hookedTeam('https://slow.example.edu/')
  const quick = await hookedTeam('https://quick.example.edu/')
  for (let number = 0; number < 40; number++) await queueEvent(db, slow, 'https://slow.example.edu/', 'test', '{}')
  const release = Promise.withResolvers<typeof OK>()
  const heard: string[] = []
  let atOnce = 0
  const out = opened((event) => {
    if (event.url.includes('slow')) {
      atOnce++
      return release.promise
    }
    heard.push(event.body)
    return Promise.resolve(OK)
  })
  onTestFinished(() => release.resolve(OK))
  out.look()
  await expect.poll(() => atOnce).toBe(1)
  for (const body of ['{"number":1}', '{"number":2}']) {
    await queueEvent(db, quick, 'https://quick.example.edu/', 'test', body)
    out.look()
    await expect.poll(() => heard.at(-1)).toBe(body)
  }
  expect(atOnce).toBe(1)
  release.resolve(OK)
  await expect.poll(() => count(sql`state = 'sent'`)).toBe(42)
})

test('after three days an event is given up, and administrators are told once until one arrives', async () => {
  await db
    .insertInto('administrator')
    .values({ email: 'owner@example.edu', role: 'owner', password_hash: null })
    .execute()
  const teamId = await hookedTeam('https://hooks.example.edu/')
  const old = async () => {
    await queueEvent(db, teamId, 'https://hooks.example.edu/', 'test', '{}')
    await sql`update mail set created_at = now() - interval '73 hours' where kind = 'webhook'`.execute(db)
  }
  await old()
  await old()
  await tried(away)
  expect((await states()).map(({ state }) => state)).toEqual(['failed', 'failed'])
  const notices = () => count(sql`kind = 'webhook_failed'`)
  expect(await notices()).toBe(1)
  await old()
  await tried(async () => OK)
  await old()
  await tried(away)
  expect(await notices()).toBe(2)
})

test('while a secret is replaced, both sign for a day', async () => {
  const teamId = await hookedTeam('https://hooks.example.edu/')
  const next = randomBytes(32)
  await setWebhookSecret(db, teamId, seal(TEST_SECRET, 'webhook', String(teamId), next))
  const keys: (readonly Buffer[])[] = []
  const send: SendWebhook = async (event) => {
    keys.push(event.keys)
    return OK
  }
  await queueEvent(db, teamId, 'https://hooks.example.edu/', 'test', '{}')
  await tried(send)
  await sql`update webhook_secret set former_until = now() - interval '1 second'`.execute(db)
  await queueEvent(db, teamId, 'https://hooks.example.edu/', 'test', '{}')
  await tried(send)
  expect(keys).toEqual([[next, KEY], [next]])
})
