import { once } from 'node:events'
import { createServer } from 'node:net'
import { beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../../support/database.ts'
import { FREE_PORTS, printedPassword, ready, signIn, stop, testProcesses } from '../../support/machine/process.ts'

const { db, url } = testDatabase()
const { run } = testProcesses()
const ENV = { ...FREE_PORTS, DATABASE_URL: url }

beforeEach(() => db.deleteFrom('administrator').execute())

const OWN_PASSWORD = 'four unlike words here'

const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0] ?? ''

test('a first start with a taken port prints no password, whichever port it is; the next one prints one that leads in', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const taken = String(typeof address === 'object' && address ? address.port : 0)
  for (const variable of ['HTTP_PORT', 'FTP_PORT', 'FTPS_PORT', 'SFTP_PORT']) {
    const { code, said } = await run({ ...ENV, [variable]: taken }).ended
    expect([variable, code, printedPassword(said)]).toEqual([variable, 1, null])
    expect(said).toContain(`${variable}: port ${taken} cannot be listened on`)
  }
  other.close()
  expect(await db.selectFrom('administrator').select('id').execute()).toEqual([])
  const service = run(ENV)
  const { http } = await ready(service)
  const password = printedPassword(await service.line('one-time password')) ?? ''
  expect((await signIn(http, password)).status).toBe(204)
})

test('three starts before the first sign-in print three passwords, of which the last leads in; after it they are silent', async () => {
  const passwords: string[] = []
  for (let starts = 0; starts < 3; starts++) {
    const service = run(ENV)
    await ready(service)
    passwords.push(printedPassword(await stop(service)) ?? '')
  }
  expect(new Set(passwords).size).toBe(3)
  const service = run({ ...ENV, ADMIN_EMAIL: 'dana@example.edu' })
  const { http } = await ready(service)
  const last = printedPassword(await service.line('one-time password')) ?? ''
  for (const password of passwords) expect((await signIn(http, password, 'dana@example.edu')).status).toBe(401)
  const entered = await signIn(http, last, 'dana@example.edu')
  expect(entered.status).toBe(204)
  const session = { cookie: cookieOf(entered), origin: `http://${http}` }
  expect((await fetch(`http://${http}/api/teams`, { headers: session })).status).toBe(403)
  const body = JSON.stringify({ current: last, password: OWN_PASSWORD })
  expect((await fetch(`http://${http}/api/password`, { method: 'PUT', headers: session, body })).status).toBe(204)
  expect((await fetch(`http://${http}/api/teams`, { headers: session })).status).toBe(200)
  await stop(service)

  const later = run({ ...ENV, ADMIN_PASSWORD: 'another of the operator' })
  const again = await ready(later)
  expect((await signIn(again.http, OWN_PASSWORD, 'dana@example.edu')).status).toBe(204)
  expect((await signIn(again.http, 'another of the operator', 'dana@example.edu')).status).toBe(401)
  const said = await stop(later)
  expect(printedPassword(said)).toBeNull()
  expect(said).toMatch(/"level":"warn".*ADMIN_PASSWORD is set and not used/)
})

test('ADMIN_PASSWORD is taken at every start before the first sign-in, and need not be changed', async () => {
  const first = run(ENV)
  await ready(first)
  const printed = printedPassword(await stop(first)) ?? ''
  const second = run({ ...ENV, ADMIN_PASSWORD: OWN_PASSWORD })
  const { http } = await ready(second)
  expect((await signIn(http, printed)).status).toBe(401)
  const entered = await signIn(http, OWN_PASSWORD)
  expect((await fetch(`http://${http}/api/teams`, { headers: { cookie: cookieOf(entered) } })).status).toBe(200)
  expect(printedPassword(await stop(second))).toBeNull()
  const third = run(ENV)
  expect((await signIn((await ready(third)).http, OWN_PASSWORD)).status).toBe(204)
  expect(printedPassword(await stop(third))).toBeNull()
})
