import { beforeAll, expect, test } from 'vitest'
import { createTeam } from '../../../../store/teams.ts'
import { testWeb } from '../../../support/web.ts'

const { db, request, signIn } = testWeb()
let cookie = ''

beforeAll(async () => {
  await createTeam(db, { team: 'admissions', name: 'Admissions', timeZone: 'America/New_York' })
  cookie = await signIn()
})

const packingOf = async (path: string, encodings: string, headers: Record<string, string> = {}) => {
  const answer = await request('GET', path, { cookie, accept: 'text/html', 'accept-encoding': encodings, ...headers })
  expect([path, answer.status]).toEqual([path, 200])
  expect((await answer.text()).length).toBeGreaterThan(1_000)
  return answer.headers.get('content-encoding')
}

const stylesheet = async () =>
  /\/assets\/style\.css\?v=[\w-]+/.exec(
    await (await request('GET', '/sign-in', { accept: 'text/html' })).text(),
  )?.[0] ?? ''

test('pages and the stylesheet are compressed for a browser that takes it', async () => {
  for (const path of ['/teams/admissions/imports', '/teams/admissions/configure', '/teams', await stylesheet()]) {
    expect([path, await packingOf(path, 'gzip, deflate, br')]).toEqual([path, 'gzip'])
    expect([path, await packingOf(path, 'identity')]).toEqual([path, null])
    expect([path, await packingOf(path, 'gzip;q=0, br')]).toEqual([path, null])
  }
})

test('a page that holds a secret is not, as its size would tell about it', async () => {
  expect(await packingOf('/account', 'gzip')).toBe(null)
})

test('the token of a form is another text on each page, of which each is valid', async () => {
  const tokenOf = async () =>
    /name="formToken" value="([^"]+)"/.exec(
      await (await request('GET', '/account', { cookie, accept: 'text/html' })).text(),
    )?.[1] ?? ''
  const tokens = [await tokenOf(), await tokenOf()]
  expect(new Set(tokens).size).toBe(2)
  for (const formToken of tokens) {
    const headers = { cookie, origin: 'https://files.example.edu', 'content-type': 'application/x-www-form-urlencoded' }
    const body = new URLSearchParams({ theme: 'dark', formToken }).toString()
    expect((await request('POST', '/theme', { ...headers, accept: 'text/html' }, body)).status).toBe(303)
  }
})
