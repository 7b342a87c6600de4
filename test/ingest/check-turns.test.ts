import { expect, onTestFinished, test, vi } from 'vitest'
import { CheckTurns, TooManyChecks } from '../../ingest/check-turns.ts'

const { signal } = new AbortController()
const LIMITS = { atOnce: 2, waitingPerTeam: 2, patienceMilliseconds: 60_000 }

/** A check of this team: whether it has begun, and how to end it. */
function check(turns: CheckTurns, teamId: number, until: AbortSignal = signal) {
  const { promise, resolve } = Promise.withResolvers<void>()
  const state = { begun: false, end: resolve, done: Promise.resolve() }
  state.done = turns.take(teamId, until, () => {
    state.begun = true
    return promise
  })
  return state
}

/** Everything that waits for a promise that is kept has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('one check of a team at a time, two in all, and the oldest that may begin is next', async () => {
  const turns = new CheckTurns(LIMITS)
  const checks = [1, 1, 2, 3].map((teamId) => check(turns, teamId))
  const begun = async () => {
    await settled()
    return checks.map((one) => one.begun)
  }
  expect(await begun()).toEqual([true, false, true, false])
  checks[2]?.end()
  expect(await begun()).toEqual([true, false, true, true])
  checks[0]?.end()
  expect(await begun()).toEqual([true, true, true, true])
  for (const one of checks) one.end()
  await Promise.all(checks.map(({ done }) => done))
})

test('a check that fails makes room for the next', async () => {
  const turns = new CheckTurns(LIMITS)
  const failing = turns.take(1, signal, () => Promise.reject(new Error('no such file')))
  const next = check(turns, 1)
  await expect(failing).rejects.toThrow('no such file')
  next.end()
  await next.done
})

test('more checks of a team than may wait are refused at once, those of another team wait', async () => {
  const turns = new CheckTurns({ ...LIMITS, atOnce: 1 })
  const checks = [1, 1, 1].map((teamId) => check(turns, teamId))
  await expect(check(turns, 1).done).rejects.toThrow(TooManyChecks)
  checks.push(check(turns, 2))
  for (const one of checks) one.end()
  await Promise.all(checks.map(({ done }) => done))
})

test('a check whose turn does not come in time is refused, and one whose client has gone waits no longer', async () => {
  const turns = new CheckTurns({ ...LIMITS, patienceMilliseconds: 1 })
  const first = check(turns, 1)
  await expect(check(turns, 1).done).rejects.toMatchObject({ name: 'TooManyChecks', retryAfterSeconds: 1 })
  const patient = new CheckTurns(LIMITS)
  const going = check(patient, 1)
  const client = new AbortController()
  const left = check(patient, 1, client.signal)
  client.abort(new Error('gone'))
  await expect(left.done).rejects.toThrow('gone')
  for (const one of [first, going]) one.end()
  await going.done
  expect(left.begun).toBe(false)
})

test('behind a check its team rests for as long as that took, two seconds at most, and another team does not', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const clock = { ms: 0 }
  const turns = new CheckTurns({ ...LIMITS, atOnce: 1 }, () => clock.ms)
  for (const [took, rest] of [
    [600, 600],
    [60_000, 2_000],
  ] as const) {
    const long = check(turns, 1)
    await settled()
    clock.ms += took
    const [own, other] = [check(turns, 1), check(turns, 2)]
    long.end()
    await long.done
    await settled()
    expect([own.begun, other.begun]).toEqual([false, true])
    other.end()
    vi.advanceTimersByTime(rest - 1)
    await settled()
    expect(own.begun).toBe(false)
    vi.advanceTimersByTime(1)
    await settled()
    expect(own.begun).toBe(true)
    own.end()
    await own.done
  }
})

test('a turn is never given to somebody who leaves in the same moment as the check before', async () => {
  const turns = new CheckTurns(LIMITS)
  const clients = new AbortController()
  const ended = new Promise<void>((_resolve, reject) =>
    clients.signal.addEventListener('abort', () => reject(clients.signal.reason)),
  )
  const going = turns.take(1, clients.signal, () => ended)
  const left = check(turns, 1, clients.signal)
  await settled()
  clients.abort(new Error('gone'))
  await expect(going).rejects.toThrow('gone')
  await expect(left.done).rejects.toThrow('gone')
  const next = check(turns, 1)
  await settled()
  expect(next.begun).toBe(true)
})
