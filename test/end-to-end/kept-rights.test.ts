import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { diskFileArea } from '../../files/disk-file-area.ts'
import { createLog } from '../../log.ts'
import { createSession } from '../../store/people/sessions.ts'
import { createToken } from '../../store/people/tokens.ts'
import { removeTeam, teamBySlug } from '../../store/teams.ts'
import { newSecret, secretHash } from '../../web/http/sessions/session-cookie.ts'
import { testService } from '../support/service.ts'

const log = createLog('silent')
let lastAnswered = ''
const cuts = new Map<string, () => void>()
log.info = ({ reference = '' }: { reference?: string }, words?: unknown) => {
  if (words === 'request') lastAnswered = reference
  if (words === 'request ended: the right to it has gone') cuts.get(reference)?.()
}
/** Resolves when the service ends the request that it has answered last. */
const cutOfLastAnswered = () => new Promise<void>((resolve) => cuts.set(lastAnswered, resolve))

const service = testService({}, log)
/** One second is the rule; a session that runs out by itself is noticed within five. */
const SOON_MS = 3000
const BY_ITSELF_MS = 13_000
const HOURS_MS = 3_600_000
/** More than all buffers between the service and a client that does not read. */
const ROWS_OF_8_KB = 4000

interface Given {
  team: string
  teamId: number
  personId: string
  headers: Record<string, string>
  root: string
}

let last = 0

/** An administrator of one team, signed in or with a token. */
async function given(by: 'session' | 'token' = 'session'): Promise<Given> {
  last += 1
  const { team, root } = await service.makeTeam(`team${last}`)
  const { db } = service.running()
  const { id: teamId } = (await teamBySlug(db, team)) ?? { id: 0 }
  const { id: personId } = await db
    .insertInto('administrator')
    .values({ email: `robin${last}@example.edu`, role: 'admin' } as never)
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.insertInto('administrator_team').values({ administrator_id: personId, team_id: teamId }).execute()
  const secret = newSecret()
  const tokenHash = secretHash(secret)
  const common = { team, teamId, personId, root }
  if (by === 'token') {
    await createToken(db, { name: 'sis', tokenHash, teamId: null, access: 'full', administratorId: personId })
    return { ...common, headers: { authorization: `Bearer ${secret}` } }
  }
  await createSession(
    db,
    { tokenHash, administratorId: personId, address: '127.0.0.1', userAgent: null },
    service.clock.now,
  )
  const origin = `http://${service.running().addresses.http}`
  return { ...common, headers: { cookie: `rosterport=${secret}`, origin } }
}

const asOwner = async (method: string, path: string, body?: unknown) =>
  expect((await service.call(method, path, body)).status).toBeLessThan(300)

const CHANGES: Record<string, { by?: 'token'; within?: number; make(given: Given): Promise<unknown> }> = {
  'a sign-out': {
    make: async ({ headers }) => {
      const url = `http://${service.running().addresses.http}/api/session`
      expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(204)
    },
  },
  'the end of all sessions': { make: ({ personId }) => asOwner('DELETE', `/api/people/${personId}/sessions`) },
  'the removal of the person': { make: ({ personId }) => asOwner('DELETE', `/api/people/${personId}`) },
  'the loss of the team': { make: ({ personId }) => asOwner('PATCH', `/api/people/${personId}`, { teams: [] }) },
  'the removal of the team': { make: ({ teamId }) => removeTeam(service.running().db, teamId) },
  'the removal of the token': {
    by: 'token',
    make: ({ personId }) =>
      service.running().db.deleteFrom('api_token').where('administrator_id', '=', personId).execute(),
  },
  'a session of more than 12 hours': {
    within: BY_ITSELF_MS,
    make: async () => {
      const before = service.clock.now
      onTestFinished(() => {
        service.clock.now = before
      })
      service.clock.now = new Date(before.getTime() + 13 * HOURS_MS)
    },
  },
}

type Thing = (given: Given) => Promise<IncomingMessage>

/** Begins an answer that lasts. */
const THINGS: Record<string, Thing> = {
  'the live imports page': (given) => open(given, 'GET', `/teams/${given.team}/imports/live`),
  'the live page of a run': async (given) =>
    open(given, 'GET', `/teams/${given.team}/runs/${await runningRun(given)}/live`),
  'the events of a run': async (given) => open(given, 'GET', `/api/runs/${await runningRun(given)}/events`),
  'a download of contacts': async (given) => {
    await sql`
      insert into contact (team_id, contact_id, first_name, last_name, mobile_number)
      select ${given.teamId}, n::text, repeat('x', 4000), repeat('y', 4000), '+17165550101' from generate_series(1, ${ROWS_OF_8_KB}) n`.execute(
      service.running().db,
    )
    return open(given, 'GET', `/api/teams/${given.team}/contacts.csv`)
  },
  'a download of the activity': async (given) => {
    await sql`
      insert into audit (team_id, team, actor, actor_kind, action, details)
      select ${given.teamId}, ${given.team}, 'robin', 'system', 'run.start', jsonb_build_object('a', repeat('x', 8000))
      from generate_series(1, ${ROWS_OF_8_KB})`.execute(service.running().db)
    return open(given, 'GET', `/api/audit.csv?team=${given.team}`)
  },
  // Last, as it comes to its end by itself after some seconds.
  'a check with events': async (given) => {
    await largeFile(given)
    return open(given, 'POST', `/api/teams/${given.team}/check`, { accept: 'text/event-stream' })
  },
}

/** As if the test were a process that imports. */
async function runningRun({ teamId }: Given): Promise<string> {
  const { db, processName } = service.database
  const { rows } = await sql<{ id: string }>`
    insert into run (team_id, number, trigger, state, lease_owner, lease_until)
    values (${teamId}, 1, 'on_demand', 'running', ${processName}, clock_timestamp() + interval '1 hour') returning id`.execute(
    db,
  )
  return rows[0]?.id ?? ''
}

async function largeFile({ root }: Given): Promise<void> {
  const folder = join(root, 'cadence', 'imports')
  await mkdir(folder, { recursive: true })
  const records = Array.from({ length: 600_000 }, (_, n) => `${n},Ann,Lee,716-555-0101,N,Law\n`)
  await writeFile(join(folder, 'StudentData.csv'), `ID,First,Last,Cell,OptOut,Major\n${records.join('')}`)
}

async function open({ headers }: Given, method: string, path: string, more = {}): Promise<IncomingMessage> {
  const sent = request(`http://${service.running().addresses.http}${path}`, {
    method,
    headers: { ...headers, ...more },
    agent: false,
  })
  onTestFinished(() => void sent.destroy())
  sent.on('error', () => {})
  sent.end(method === 'POST' ? JSON.stringify({ path: '/cadence/imports/StudentData.csv' }) : undefined)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  answer.on('error', () => {})
  expect(answer.statusCode).toBe(200)
  return answer
}

/** However it came about: `once` would reject where the connection is cut. */
function closed(emitter: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => emitter.once('close', () => resolve()))
}

interface Begun {
  title: string
  given: Given
  cut: Promise<void>
  /** Reads what had been sent before the cut; answers whether it was all. */
  isWhole(): Promise<boolean>
}

async function beginAnswer(title: string, by: 'session' | 'token' | undefined): Promise<Begun> {
  const made = await given(by)
  const answer = await (THINGS[title] as Thing)(made)
  return {
    title,
    given: made,
    cut: cutOfLastAnswered(),
    isWhole: async () => {
      // The cut may have come before the answer to the change.
      if (!answer.closed) await closed(answer.resume())
      return answer.complete
    },
  }
}

async function beginUpload(by: 'session' | 'token' | undefined): Promise<Begun> {
  const made = await given(by)
  const sent = request(
    `http://${service.running().addresses.http}/api/teams/${made.team}/manual-import?fileName=a.csv`,
    { method: 'PUT', headers: made.headers, agent: false },
  )
  onTestFinished(() => void sent.destroy())
  sent.on('error', () => {})
  const cut = closed(sent)
  sent.write('ID,First,Last,Cell,OptOut,Major\n')
  // It has been let in once its bytes have a file.
  await expect.poll(() => diskFileArea(made.root).pending()).toHaveLength(1)
  return { title: 'an upload of a manual import', given: made, cut, isWhole: async () => false }
}

/** Each thing is done by a person of its own, and all at the same time, as a change takes effect after a second. */
test.each(Object.entries(CHANGES))(
  '%s ends all that lasts',
  {
    timeout: 120_000,
  },
  async (_change, { by, within = SOON_MS, make }) => {
    const all = [await beginUpload(by)]
    for (const title of Object.keys(THINGS)) all.push(await beginAnswer(title, by))
    const outcomes = all.map(async ({ title, given, cut, isWhole }) => {
      await make(given)
      const soon = Promise.race([cut.then(() => true), delay(within, false)])
      return { title, endedSoon: await soon, whole: (await soon) && (await isWhole()) }
    })
    expect(await Promise.all(outcomes)).toEqual(all.map(({ title }) => ({ title, endedSoon: true, whole: false })))
  },
)

test('a page that stays open is no use of the session', async () => {
  const made = await given('session')
  const answer = await open(made, 'GET', `/teams/${made.team}/imports/live`)
  const ended = closed(answer.resume())
  const before = service.clock.now
  onTestFinished(() => {
    service.clock.now = before
  })
  service.clock.now = new Date(before.getTime() + HOURS_MS / 2 + 1000)
  await ended
})

test('what adds rights and what concerns others ends nothing', async () => {
  const made = await given('session')
  const other = await given('session')
  const answer = await open(made, 'GET', `/teams/${made.team}/imports/live`)
  const theirs = await open(other, 'GET', `/teams/${other.team}/imports/live`)
  const ended = closed(theirs.resume())
  await asOwner('PATCH', `/api/people/${made.personId}`, { teams: [made.team, other.team] })
  await asOwner('DELETE', `/api/people/${other.personId}`)
  await ended
  expect(answer.resume().destroyed).toBe(false)
})
