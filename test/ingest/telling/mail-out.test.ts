import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { MailOut } from '../../../ingest/telling/mail-out.ts'
import { createLog } from '../../../log.ts'
import { type Delivery, type Message, MessageRefused } from '../../../notify/notifier.ts'
import { mailTrouble, queueNotice, queueRecap, recapOf, repeatRecap } from '../../../store/outbox.ts'
import { insertTeam, parsingBatch } from '../../support/batches.ts'
import { testDatabase } from '../../support/database.ts'

const database = testDatabase()
const { db } = database
const TO = ['registrar@example.edu', 'gone@example.edu', 'full@example.edu']

/** A mail that goes to three people, and a mail server that says what the test tells it to. */
async function mailTo(recipients: readonly string[]) {
  const teamId = await insertTeam(database)
  const batchId = await parsingBatch(db, teamId)
  await queueRecap(db, { teamId, batchId, recipients, waitForFile: false })
  const sent: Message[] = []
  const mail = async () => {
    const row = await recapOf(db, batchId)
    if (!row) throw new Error('no mail')
    return row
  }
  return {
    batchId,
    sent,
    mail,
    /** Lets the message be due, tries once, and answers what is recorded then. */
    attempt: async (answer: (message: Message) => Delivery) => {
      await db.updateTable('mail').set({ next_attempt_at: sql<Date>`now()` }).where('batch_id', '=', batchId).execute()
      const notifier = {
        send: async (message: Message) => {
          sent.push(message)
          return answer(message)
        },
        check: async () => {},
        close: () => {},
      }
      const content = { subject: 's', text: 't', html: 'h', headers: {}, attachments: [] }
      const out = new MailOut({ db, log: createLog('silent'), notifier, recapOf: async () => content })
      out.look()
      await out.stop()
      return mail()
    },
    /** Minutes until the next try. */
    delay: async () => {
      const { rows } = await sql<{ minutes: number }>`
        select round(extract(epoch from next_attempt_at - now()) / 60)::integer as minutes
        from mail where batch_id = ${batchId}`.execute(db)
      return rows[0]?.minutes
    },
  }
}

const accepted = (message: Message): Delivery => ({ accepted: message.to, rejected: [] })
const away = (): never => {
  throw new Error('connect ECONNREFUSED')
}

test('the answer for each address is recorded, and only addresses that may still be reached are retried', async () => {
  const { attempt, sent } = await mailTo(TO)
  const first = await attempt(() => ({
    accepted: TO.slice(0, 1),
    rejected: [
      { address: 'gone@example.edu', reason: '550 no such user', final: true },
      { address: 'full@example.edu', reason: '452 mailbox full', final: false },
    ],
  }))
  expect(first.state).toBe('queued')
  expect(first.recipients).toEqual([
    { address: 'registrar@example.edu', state: 'sent', reason: null },
    { address: 'gone@example.edu', state: 'failed', reason: '550 no such user' },
    { address: 'full@example.edu', state: 'queued', reason: '452 mailbox full' },
  ])
  const second = await attempt(accepted)
  expect(sent.map(({ to }) => to)).toEqual([TO, ['full@example.edu']])
  expect(second).toMatchObject({ state: 'sent', last_error: '550 no such user' })
  expect(second.recipients.map(({ state }) => state)).toEqual(['sent', 'failed', 'sent'])
})

test('a message that nobody takes has failed', async () => {
  const { attempt } = await mailTo(['gone@example.edu'])
  const refused = { address: 'gone@example.edu', reason: '550 no such user', final: true }
  expect(await attempt(() => ({ accepted: [], rejected: [refused] }))).toMatchObject({ state: 'failed', sent_at: null })
})

test('an absent mail server is retried after a minute, then twice as long, with the same Message-ID', async () => {
  const { attempt, delay, sent } = await mailTo(TO)
  const delays: (number | undefined)[] = []
  for (let tries = 1; tries <= 3; tries++) {
    expect(await attempt(away)).toMatchObject({
      state: 'queued',
      attempts: tries,
      last_error: 'connect ECONNREFUSED',
    })
    delays.push(await delay())
  }
  expect(delays).toEqual([1, 2, 4])
  expect(await attempt(accepted)).toMatchObject({ state: 'sent', attempts: 4 })
  expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(1)
})

test('after three days no more is tried, and sending it again begins anew as a message of its own', async () => {
  const { attempt, batchId, sent } = await mailTo(TO)
  await attempt(away)
  await db
    .updateTable('mail')
    .set({ created_at: sql<Date>`now() - interval '73 hours'` })
    .where('batch_id', '=', batchId)
    .execute()
  expect(await attempt(away)).toMatchObject({ state: 'failed' })
  await attempt(accepted)
  expect(sent).toHaveLength(2)
  expect(await repeatRecap(db, batchId)).toBe(true)
  expect(await attempt(accepted)).toMatchObject({ state: 'sent', attempts: 1 })
  expect(sent.map(({ messageId }) => messageId === sent[0]?.messageId)).toEqual([true, true, false])
  expect(sent.at(-1)?.to).toEqual(TO)
})

test('a notice without anybody to tell is no message', async () => {
  const teamId = await insertTeam(database)
  await queueNotice(db, { teamId, kind: 'missed', recipients: [], content: { subject: '', text: '', html: '' } })
  expect(await db.selectFrom('mail').select('id').where('team_id', '=', teamId).execute()).toEqual([])
})

test('a mail server that cannot be asked is known until a message gets through', async () => {
  const { attempt } = await mailTo(TO)
  await attempt(away)
  expect(await mailTrouble(db)).toBe('connect ECONNREFUSED')
  const other = await mailTo(['registrar@example.edu'])
  await other.attempt(accepted)
  expect(await mailTrouble(db)).toBeNull()
  await attempt(away)
  expect(await mailTrouble(db)).toBe('connect ECONNREFUSED')
  await attempt(accepted)
  expect(await mailTrouble(db)).toBeNull()
})

test('a recap whose error file the server does not take goes without it, in the same try', async () => {
  const teamId = await insertTeam(database)
  const batchId = await parsingBatch(db, teamId)
  await queueRecap(db, { teamId, batchId, recipients: TO, waitForFile: false })
  const sent: Message[] = []
  const notifier = {
    send: async (message: Message) => {
      sent.push(message)
      if (message.attachments.length > 0) throw new MessageRefused('552 5.3.4 Message too big')
      return accepted(message)
    },
    check: async () => {},
    close: () => {},
  }
  const file = { fileName: 'a_errors.csv', contentType: 'text/csv', content: Buffer.from('line') }
  const out = new MailOut({
    ...{ db, log: createLog('silent'), notifier },
    recapOf: async (_, attach) => ({
      ...{ subject: 's', text: attach ? 'attached' : 'at the link', html: 'h', headers: {} },
      attachments: attach ? [file] : [],
    }),
  })
  out.look()
  await out.stop()
  expect(sent.map(({ text, to }) => [text, to])).toEqual([
    ['attached', TO],
    ['at the link', TO],
  ])
  expect(await recapOf(db, batchId)).toMatchObject({ state: 'sent', attempts: 1 })
})

test('a message that takes long holds up no other', async () => {
  const teamId = await insertTeam(database)
  const content = { subject: 'slow', text: '', html: '' }
  await queueNotice(db, { teamId, kind: 'silent', recipients: ['slow@example.edu'], content })
  await queueNotice(db, { teamId, kind: 'silent', recipients: ['quick@example.edu'], content })
  const slow = Promise.withResolvers<void>()
  const quick = Promise.withResolvers<void>()
  const notifier = {
    send: async (message: Message) => {
      if (message.to.includes('slow@example.edu')) await slow.promise
      else quick.resolve()
      return accepted(message)
    },
    check: async () => {},
    close: () => {},
  }
  const out = new MailOut({ db, log: createLog('silent'), notifier, recapOf: () => Promise.reject(new Error('none')) })
  out.look()
  await quick.promise
  slow.resolve()
  await out.stop()
  const states = await db.selectFrom('mail').select('state').where('team_id', '=', teamId).execute()
  expect(states).toEqual([{ state: 'sent' }, { state: 'sent' }])
})
