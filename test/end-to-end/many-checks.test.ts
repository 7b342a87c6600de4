import { expect, test } from 'vitest'
import type { FileCheck } from '../../model/check.ts'
import { testService } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

const service = testService()
const PATH = '/cadence/imports/StudentData.csv'
const RECORDS = 40_000

/** Ascending numbers, all of them valid. */
const roster = [
  'ID,First,Last,Cell,OptOut,Major',
  ...Array.from({ length: RECORDS }, (_, i) => `${i + 1},Ann,Lee,716555${1000 + (i % 9000)},N,Law`),
  '',
].join('\r\n')

test('thirty checks of one administrator leave the logins of other teams alone', { timeout: 120_000 }, async () => {
  const [busy, other] = [await service.makeTeam('busy'), await service.makeTeam('other')]
  await busy.upload(PATH, roster)
  const first = Promise.withResolvers<void>()
  const checks = Array.from({ length: 30 }, async () => {
    const answer = await service.call('POST', '/api/teams/busy/check', { path: PATH })
    first.resolve()
    return answer
  })
  // Most are refused at once, and the first goes on.
  await first.promise
  let ended = false
  const all = Promise.all(checks).finally(() => {
    ended = true
  })
  expect(await other.upload(PATH, 'ID,First,Last,Cell,OptOut,Major\r\n1,Ann,Lee,7165550101,N,Law\r\n')).toMatch(/^226/)
  const own = await service.call('POST', '/api/teams/other/check', { path: PATH })
  expect(((await anyJson(own)) as FileCheck).counts).toMatchObject({ records: 1 })
  expect(ended).toBe(false)

  const answers = await all
  const refused = answers.filter(({ status }) => status === 429)
  expect(answers.filter(({ status }) => status !== 200 && status !== 429)).toEqual([])
  expect(answers.length - refused.length).toBeGreaterThan(0)
  expect(refused.length).toBeGreaterThanOrEqual(24)
  for (const answer of refused) {
    expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect((await anyJson(answer)).detail).toBe('Other checks are in progress. Try again in a moment.')
  }
})
