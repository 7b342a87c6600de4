import { globSync, readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { MAX_UNSENT, pageBefore, parseUnsentForm, unsentFormOf } from '../../../../web/http/sessions/unsent-form.ts'

async function unsentOf(
  fields: Record<string, string>,
  type = 'application/x-www-form-urlencoded',
  path = '/teams/a/configure?x=1',
) {
  const app = new Hono().post('*', async (c) => c.json(await unsentFormOf(c)))
  const body = new URLSearchParams(fields).toString()
  return (await app.request(path, { method: 'POST', body, headers: { 'content-type': type } })).json()
}

test('a form is kept as it was sent, without the token of the session that has ended', async () => {
  expect(await unsentOf({ 'file.path': '/in', formToken: 'abc', list: 'a\r\nb' })).toEqual({
    action: '/teams/a/configure?x=1',
    fields: [
      ['file.path', '/in'],
      ['list', 'a\r\nb'],
    ],
  })
})

test('what holds a secret, is too large or is no form of a page is not kept', async () => {
  for (const name of ['password', 'newPassword', 'code', 'webhook.secret'])
    expect([name, await unsentOf({ [name]: 'x' })]).toEqual([name, null])
  expect(await unsentOf({ 'webhook.secret': '' })).toMatchObject({ fields: [['webhook.secret', '']] })
  expect(await unsentOf({ a: 'x'.repeat(MAX_UNSENT) })).toBe(null)
  expect(await unsentOf({ a: 'x' }, 'multipart/form-data; boundary=x')).toBe(null)
})

test('no form of a page where passwords are entered is kept, whatever the name of the field', async () => {
  const paths = globSync('web/**/*.tsx')
    .map((file) => readFileSync(file, 'utf8'))
    .filter((text) => /type="password"|<PasswordField/.test(text))
    .flatMap((text) => [...text.matchAll(/action="([^"]+)"/g)].map(([, path = '']) => path))
  expect(paths).toContain('/account')
  for (const path of paths) expect([path, await unsentOf({ own: 'x' }, undefined, path)]).toEqual([path, null])
})

test('only a path of ours is taken back', () => {
  const given = (action: unknown) => parseUnsentForm(JSON.stringify({ action, fields: [['a', 'b']] }))
  expect(given('/run-import')).toEqual({ action: '/run-import', fields: [['a', 'b']] })
  for (const action of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/', '', 7])
    expect([action, given(action)]).toEqual([action, null])
  for (const text of [undefined, '', 'x', '{}', '[]', '{"action":"/a","fields":[["b"]]}'])
    expect([text, parseUnsentForm(text)]).toEqual([text, null])
})

test('the way back leads to a page of ours, wherever the browser says that it comes from', async () => {
  const app = new Hono().get('*', (c) => c.text(pageBefore(c)))
  const from = async (referer?: string) => (await app.request('/', referer ? { headers: { referer } } : {})).text()
  expect(await from('https://files.example.edu/teams/a/configure?x=1')).toBe('/teams/a/configure?x=1')
  for (const referer of [undefined, 'about:blank', 'nonsense', 'https://files.example.edu//evil.example'])
    expect([referer, await from(referer)]).toEqual([referer, '/'])
})
