import { expect, test } from 'vitest'
import type { Team } from '../../../model/team.ts'
import type { AuditEntry } from '../../../store/audit.ts'
import { EntryLine, text } from '../../../web/activity/activity-entry.tsx'

const team = { id: 1, team: 'admissions', name: 'Admissions', timeZone: 'UTC' } as Team
const BATCH = '5f0c9a52-8f0e-4f0a-9d51-0e5a3d6c7b10'

const entry = (action: string, subject: string | null, details = {}): AuditEntry => ({
  id: '1',
  at: '2026-11-22T19:12:00.000Z',
  team: 'admissions',
  actor: 'dana@example.edu',
  actorKind: 'administrator',
  address: '192.0.2.7',
  action,
  subject,
  details,
})
const shown = (one: AuditEntry) => String(EntryLine({ entry: one, team, runs: new Map([[BATCH, 5]]) }))

test.each([
  { one: entry('batch.approve', BATCH), link: `/teams/admissions/batches/${BATCH}`, words: 'see the run' },
  { one: entry('recap.repeat', BATCH), link: `/teams/admissions/batches/${BATCH}`, words: 'see the run' },
  { one: entry('run.start', BATCH), link: `/teams/admissions/runs/${BATCH}`, words: 'run #5' },
  { one: entry('contact.opt-out', 'a/1'), link: '/teams/admissions/contacts/a%2F1', words: 'a/1' },
])('$one.action leads to what it is about', ({ one, link, words }) => {
  expect(shown(one)).toContain(`<a href="${link}">${words}</a>`)
})

test('what changed is told in words, not as JSON', () => {
  const html = shown(
    entry('team-users.save', null, { S12: { from: null, to: { name: 'Dana Cole', email: 'dana@example.edu' } } }),
  )
  expect(html).toContain('none → Dana Cole, dana@example.edu')
})

test.each([
  { value: true, words: 'yes' },
  { value: 12, words: '12' },
  { value: [], words: 'none' },
  { value: ['a', 'b'], words: 'a, b' },
  { value: { on: false, name: 'Major' }, words: 'on no, Major' },
])('$value is $words', ({ value, words }) => {
  expect(text(value)).toBe(words)
})
