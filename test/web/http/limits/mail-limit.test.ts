import { expect, test } from 'vitest'
import { MailLimit, MOST_INVITATIONS, MOST_MAILS } from '../../../../web/http/limits/mail-limit.ts'

const refusal = { kind: 'too-many', retryAfterSeconds: 3600 }

function send(limit: MailLimit, count: number, mail: (at: number) => [person: string, teamId: number]): void {
  for (let at = 0; at < count; at += 1) limit.list(...mail(at))
}

test('one person sends ten mails an hour, to whichever teams', () => {
  const limit = new MailLimit(() => new Date(0))
  send(limit, MOST_MAILS, (at) => ['ann@example.edu', at])
  expect(() => limit.list('ann@example.edu', 99)).toThrow(expect.objectContaining(refusal))
  limit.list('lee@example.edu', 99)
})

test('one team is sent ten mails an hour, by whichever people', () => {
  const limit = new MailLimit(() => new Date(0))
  send(limit, MOST_MAILS, (at) => [`person-${at}@example.edu`, 1])
  expect(() => limit.list('ann@example.edu', 1)).toThrow(expect.objectContaining(refusal))
  // What is refused does not count.
  send(limit, MOST_MAILS, (at) => ['ann@example.edu', at + 2])
})

test('an hour later the first of them counts no more', () => {
  let now = 0
  const limit = new MailLimit(() => new Date(now))
  send(limit, MOST_MAILS, () => {
    now += 1000
    return ['ann@example.edu', 1]
  })
  expect(() => limit.list('ann@example.edu', 1)).toThrow(expect.objectContaining({ retryAfterSeconds: 3591 }))
  now += 3591 * 1000
  limit.list('ann@example.edu', 1)
  expect(() => limit.list('ann@example.edu', 1)).toThrow(
    '10 such e-mails were sent within an hour. Try again in 1 min.',
  )
})

test('invitations have a limit of their own', () => {
  const limit = new MailLimit(() => new Date(0))
  for (let count = 0; count < MOST_INVITATIONS; count += 1) limit.invitation('ann@example.edu')
  expect(() => limit.invitation('ann@example.edu')).toThrow(expect.objectContaining(refusal))
  limit.list('ann@example.edu', 1)
})
