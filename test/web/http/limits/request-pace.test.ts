import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { requestPace } from '../../../../web/http/limits/request-pace.ts'
import { Refusal } from '../../../../web/http/refusal.ts'
import type { AnyRequest } from '../../../../web/http/request-context.ts'
import { SessionCookie } from '../../../../web/http/sessions/session-cookie.ts'

interface Asked {
  from?: string
  cookie?: string
  method?: string
  path?: string
  more?: Record<string, string>
}

/** An app whose clock stands, so that a wait says how much was asked for. */
function paced() {
  const waits: number[] = []
  const app = new Hono<AnyRequest>()
    .use(async (c, next) => {
      c.set('address', c.req.header('x-from') ?? '')
      await next()
    })
    .use(
      requestPace(
        new SessionCookie(false),
        () => 0,
        async (ms) => waits.push(ms),
      ),
    )
    .all('*', (c) => c.text('done'))
    .onError((error, c) => {
      if (error instanceof Refusal) return c.text(`${error.kind} ${error.retryAfterSeconds}`)
      throw error
    })
  const ask = async ({ from = '192.0.2.1', cookie, method = 'GET', path = '/teams/a/imports', more }: Asked) => {
    const headers = { 'x-from': from, ...(cookie && { cookie: `rosterport=${cookie}` }), ...more }
    return (await app.request(path, { method, headers })).text()
  }
  const askOften = async (times: number, asked: Asked) => {
    for (let n = 0; n < times; n++) await ask(asked)
  }
  return { ask, askOften, waits }
}

test('a thousand requests of one session go through at once, the next ones wait', async () => {
  const { askOften, waits } = paced()
  await askOften(1_000, { cookie: 'dana' })
  expect(waits).toEqual([])
  await askOften(2, { cookie: 'dana' })
  expect(waits).toEqual([10, 20])
})

test('what stands beside the session in a request makes no other person of it', async () => {
  const { ask, askOften, waits } = paced()
  await askOften(1_000, { cookie: 'dana' })
  await ask({ cookie: 'dana; theme=dark' })
  await ask({ cookie: 'dana', more: { authorization: 'Basic made-up' } })
  expect(waits).toEqual([10, 20])
})

test('another session, also one from the same network, and a stranger wait for nobody', async () => {
  const { askOften, waits } = paced()
  await askOften(1_000, { cookie: 'dana' })
  await askOften(1, { cookie: 'lee' })
  await askOften(1, {})
  expect(waits).toEqual([])
})

test('changes, files and checks cost more than looks', async () => {
  const cost = async (asked: Asked) => {
    const { ask, askOften, waits } = paced()
    await askOften(1_000, { cookie: 'dana' })
    await ask({ cookie: 'dana', ...asked })
    return (waits[0] ?? 0) / 10
  }
  expect(await cost({})).toBe(1)
  expect(await cost({ method: 'POST' })).toBe(3)
  expect(await cost({ method: 'POST', path: '/api/teams/a/check' })).toBe(30)
  expect(await cost({ method: 'PUT', path: '/api/teams/a/manual-import' })).toBe(50)
})

test('who would wait for more than ten seconds is refused, a second later, and gains nothing by trying again', async () => {
  const { ask, askOften, waits } = paced()
  await askOften(2_000, { cookie: 'dana' })
  waits.length = 0
  expect(await ask({ cookie: 'dana' })).toBe('too-many 10')
  expect(await ask({ cookie: 'dana' })).toBe('too-many 10')
  expect(waits).toEqual([1_000, 1_000])
})

test('credentials that are made up do not get round the limit of the network', async () => {
  const { ask, waits } = paced()
  for (let n = 0; n < 4_001; n++) await ask({ cookie: `made-up-${n}` })
  expect(waits).toEqual([2])
})

test('strangers of one network have less than people who are signed in', async () => {
  const { askOften, waits } = paced()
  await askOften(501, {})
  expect(waits).toEqual([20])
})
