import { expect, test } from 'vitest'
import { anyJson, testWeb } from '../../support/web.ts'

let mailed = 0
const { db, asOwner, request } = testWeb({ mailLeaves: true, mailQueued: () => void mailed++ })

test('where mail leaves the machine the link is in the mail alone, and works', async () => {
  const answer = await asOwner('POST', '/api/people', { email: 'Sam.Ito@example.edu', name: 'Sam Ito' })
  expect(answer.status).toBe(201)
  expect(await anyJson(answer)).toMatchObject({ state: 'invited', invitation: { link: null } })
  expect(mailed).toBe(1)
  const { content, recipients } = await db
    .selectFrom('mail')
    .select(['content', 'recipients'])
    .executeTakeFirstOrThrow()
  expect(recipients).toMatchObject([{ address: 'Sam.Ito@example.edu' }])
  const [, token] = /\/invitation\/(\S+)/.exec(content?.text ?? '') ?? []
  const given = { token, password: 'four unlike words here' }
  expect((await request('POST', '/api/invitation', {}, given)).status).toBe(204)
})
