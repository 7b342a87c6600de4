import { beforeAll, expect, test } from 'vitest'
import { audit } from '../../store/audit.ts'
import { saveSettings } from '../../store/settings.ts'
import { teamPulses } from '../../store/team-pulse.ts'
import { createTeam, updateTeam } from '../../store/teams.ts'
import { testDatabase } from '../support/database.ts'
import { SETTINGS } from '../support/service.ts'

const { db } = testDatabase()
let id: number
let other: number

beforeAll(async () => {
  id = (await createTeam(db, { team: 'admissions', name: 'Admissions', timeZone: 'UTC' }))?.id as number
  other = (await createTeam(db, { team: 'bursar', name: 'Bursar', timeZone: 'UTC' }))?.id as number
})

const run = { trigger: 'on_demand', requested_by: 'dana@example.edu', number: 1 } as const
const upload = { path: '/in/StudentData.csv', source: 'ftps', state: 'receiving' } as const
const actor = { name: 'dana@example.edu', kind: 'administrator', address: null } as const

const happenings: Record<string, () => Promise<unknown>> = {
  'the team has another name': () => updateTeam(db, id, { name: 'Admissions Office' }),
  'settings are saved': () => saveSettings(db, id, 0, SETTINGS, 'dana@example.edu'),
  'an upload begins': () =>
    db
      .insertInto('upload')
      .values({ ...upload, team_id: id })
      .execute(),
  'an upload goes on': () => db.updateTable('upload').set({ bytes: 100 }).where('team_id', '=', id).execute(),
  'an upload is stored': () =>
    db
      .updateTable('upload')
      .set({ state: 'ready', verdict: 'waiting', received_at: new Date() })
      .where('team_id', '=', id)
      .execute(),
  'a file has a verdict': () => db.updateTable('upload').set({ verdict: 'held' }).where('team_id', '=', id).execute(),
  'a file is gone': () => db.updateTable('upload').set({ gone_at: new Date() }).where('team_id', '=', id).execute(),
  'a run is queued': () =>
    db
      .insertInto('run')
      .values({ ...run, team_id: id, state: 'queued' })
      .execute(),
  'a run ends': () => db.updateTable('run').set({ state: 'imported' }).where('team_id', '=', id).execute(),
  'somebody does something': () => audit(db, actor, { action: 'file.import', team: { id, team: 'admissions' } }),
}
for (const [title, happen] of Object.entries(happenings))
  test(`the pulse of the team alone changes when ${title}`, async () => {
    const before = await teamPulses(db, [id, other])
    expect(await teamPulses(db, [id, other])).toEqual(before)
    await happen()
    const after = await teamPulses(db, [id, other])
    expect(after.get(id)).not.toBe(before.get(id))
    expect(after.get(other)).toBe(before.get(other))
  })
