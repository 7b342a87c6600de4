import { Agent, request as httpRequest } from 'node:http'
import { expect, test } from 'vitest'
import { OWNER, testWeb } from '../../support/web.ts'

const { address } = testWeb()
const ADDRESSES = 100
const AT_ONCE = 30
const RIGHT_ONES = 6
const WITHIN_MS = 2000

/** Signs in from a loopback address of its own; answers the status. */
function signIn(from: string, body: { email: string; password: string }, agent?: Agent): Promise<number> {
  const [host = '', port] = address().split(':')
  return new Promise((resolve, reject) => {
    const options = { host, port, localAddress: from, method: 'POST', path: '/api/session', ...(agent && { agent }) }
    const sent = httpRequest(options, (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode ?? 0))
    })
    sent.once('error', reject)
    sent.end(JSON.stringify(body))
  })
}

test('the right person signs in at once during thousands of wrong passwords a minute', async () => {
  const agent = new Agent({ keepAlive: true })
  const answers = new Map<number, number>()
  let storming = true
  let sent = 0
  const guess = async () => {
    while (storming) {
      const number = sent++
      const from = `127.0.1.${1 + (number % ADDRESSES)}`
      // Half of them at the very account of the right person.
      const email = number % 2 ? OWNER.email : `guess${number}@example.edu`
      const status = await signIn(from, { email, password: 'wrong' }, agent)
      answers.set(status, (answers.get(status) ?? 0) + 1)
    }
  }
  const begun = performance.now()
  const storm = Promise.all(Array.from({ length: AT_ONCE }, guess))
  const took: number[] = []
  for (let right = 0; right < RIGHT_ONES; right++) {
    // Well into the storm.
    while (sent < (right + 1) * 100) await new Promise((resolve) => setImmediate(resolve))
    const started = performance.now()
    expect(await signIn('127.0.2.1', OWNER)).toBe(204)
    took.push(performance.now() - started)
  }
  storming = false
  await storm
  agent.destroy()
  const perMinute = (sent / (performance.now() - begun)) * 60_000
  expect(perMinute).toBeGreaterThan(2000)
  expect(Math.max(...took), `${Math.round(perMinute)} a minute, ${JSON.stringify([...answers])}`).toBeLessThan(
    WITHIN_MS,
  )
  expect(answers.get(204)).toBeUndefined()
})
