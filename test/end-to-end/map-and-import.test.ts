import { expect, test } from 'vitest'
import type { Run } from '../../model/run.ts'
import { testService } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

const service = testService()
const PATH = '/cadence/imports/StudentData.csv'
const IDS = [1, 2, 3, 4, 5, 6]
const LAST = ['Lee', 'Ray', 'Fox', 'Kim', 'Poe', 'Day']

/** Six people under this header; `{n}` is their number, `{last}` their last name. */
function fileOf(header: string, record: string): string {
  const lines = IDS.map((n) => record.replaceAll('{n}', String(n)).replaceAll('{last}', LAST[n - 1] as string))
  return [header, ...lines].join('\n')
}

const GOOD = fileOf('ID,First,Last,Cell,Major,OptOut', 'A0{n},Ann,{last},716555010{n},Law,N')

async function teamWithContacts(slug: string) {
  const team = await service.makeTeam(slug)
  await team.upload(PATH, GOOD)
  expect(await service.runImport(slug)).toMatchObject({ state: 'imported', batches: [{ counts: { created: 6 } }] })
  return team
}

async function rejected(slug: string): Promise<Run['batches'][number]> {
  const run = await service.runImport(slug)
  expect(run.state).toBe('rejected')
  return run.batches[0] as Run['batches'][number]
}

async function press(batchId: string, field: string, column: string) {
  const answer = await service.call('POST', `/api/batches/${batchId}/map-and-import`, { field, column })
  return { status: answer.status, body: await anyJson(answer) }
}

const settingsOf = async (slug: string) => anyJson(await service.call('GET', `/api/teams/${slug}/import-settings`))

test('a file whose column was renamed is rejected, tells the likely one, and is imported by one press', async () => {
  const team = await teamWithContacts('admissions')
  const renamed = fileOf(
    'ID,First,Last,HOME_PHONE,MOBILE_PHONE,PARENT_CELL,Major,OptOut',
    'A0{n},Bea,{last},585555011{n},716555010{n},607555012{n},Law,N',
  )
  await team.upload(PATH, renamed)
  const batch = await rejected('admissions')
  const because =
    'named like Mobile Number; 100 % of its values are valid phone numbers; 6 of 6 values are those of known contacts'
  expect(batch.problem?.columns).toEqual([
    {
      field: 'mobileNumber',
      title: 'Mobile Number',
      column: 'Cell',
      likely: { column: 'MOBILE_PHONE', confidence: 'confident', because },
    },
  ])
  const words = `"MOBILE_PHONE" looks like the column of Mobile Number (${because}).`
  expect(batch.problem?.message).toContain(words)
  const { parsed } = await service.mailbox.recapOf(batch.id)
  expect(parsed.text?.replace(/\s+/g, ' ')).toContain(words)
  const { items } = await anyJson(await service.call('GET', '/api/teams/admissions/files'))
  expect(items.find(({ path }: { path: string }) => path === PATH).reason).toContain('MOBILE_PHONE')
  // Nothing is applied unasked.
  expect((await settingsOf('admissions')).aliases).toEqual({})

  expect(await press(batch.id, 'mobileNumber', 'NO_SUCH')).toMatchObject({
    status: 409,
    body: { detail: 'The file has no column "NO_SUCH". Nothing was changed.' },
  })
  expect(await press(batch.id, 'mobileNumber', 'Last')).toMatchObject({
    status: 409,
    body: { detail: 'The column "Last" is already mapped to lastName. Nothing was changed.' },
  })
  expect(await press(batch.id, 'contactId', 'MOBILE_PHONE')).toMatchObject({ status: 409 })
  expect((await settingsOf('admissions')).version).toBe(1)

  const { status, body } = await press(batch.id, 'mobileNumber', 'MOBILE_PHONE')
  expect(status).toBe(202)
  const run = await service.finishedRun(body.runId)
  expect(run).toMatchObject({ state: 'imported', batches: [{ counts: { updated: 6 }, settingsVersion: 2 }] })
  expect(run.batches[0]?.afterImport?.path).toContain('/cadence/archive/')
  const settings = await settingsOf('admissions')
  expect(settings).toMatchObject({
    version: 2,
    fields: { mobileNumber: 'Cell' },
    aliases: { mobileNumber: ['MOBILE_PHONE'] },
  })
  const audit = (await anyJson(await service.call('GET', '/api/audit?team=admissions'))).items
  expect(audit.find(({ action }: { action: string }) => action === 'batch.map-and-import')).toMatchObject({
    subject: batch.id,
    details: { runId: body.runId, field: 'mobileNumber', column: 'MOBILE_PHONE' },
  })
  expect(audit[1]).toMatchObject({ action: 'import-settings.save', subject: 'version 2' })
  expect(await press(batch.id, 'mobileNumber', 'MOBILE_PHONE')).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('was imported, replaced or removed') },
  })

  await team.upload(PATH, renamed.replaceAll('Bea', 'Cy'))
  expect(await service.runImport('admissions')).toMatchObject({
    state: 'imported',
    batches: [{ counts: { updated: 6 } }],
  })
  await team.upload(PATH, GOOD)
  expect((await service.runImport('admissions')).state).toBe('imported')
}, 60_000)

test('a Contact ID under a name that says nothing is told by the contacts; a column of other people is not', async () => {
  const team = await teamWithContacts('registrar')
  await team.upload(
    PATH,
    fileOf('ROOMMATE_ID,PERSON_NO,QXJ,First,Last,Cell,Major,OptOut', 'A0{n},P9{n},A0{n},Ann,{last},716555010{n},Law,N'),
  )
  const told = (await rejected('registrar')).problem?.columns
  expect(told?.map(({ field }) => field)).toEqual(['contactId'])
  expect(told?.[0]?.likely?.column).not.toBe('ROOMMATE_ID')
  expect(told?.[0]?.likely).toMatchObject({ column: 'QXJ', confidence: 'possible' })
}, 60_000)

test('decoys are not offered as the mobile number', async () => {
  const team = await teamWithContacts('bursar')
  const header = 'ID,First,Last,HOME_PHONE,PARENT_CELL,EMERGENCY_CONTACT,Major,OptOut'
  await team.upload(PATH, fileOf(header, 'A0{n},Ann,{last},585555011{n},607555012{n},607555013{n},Law,N'))
  const batch = await rejected('bursar')
  expect(batch.problem?.columns).toMatchObject([{ field: 'mobileNumber', likely: null }])
  expect(batch.problem?.message).not.toContain('nearest')
}, 60_000)

test('two missing columns are mapped one after the other, and only by people with the right to it', async () => {
  const team = await teamWithContacts('advising')
  await service.makeTeam('other')
  await team.upload(PATH, fileOf('STU_ID,PREF_FIRST,Last,Cell,Major,OptOut', 'A0{n},Bea,{last},716555010{n},Law,N'))
  const batch = await rejected('advising')
  const at = `/api/batches/${batch.id}/map-and-import`
  const choice = { field: 'contactId', column: 'STU_ID' }
  const as = async (token: Record<string, unknown>) => {
    const made = await anyJson(await service.asOwner('POST', '/api/tokens', { name: 'test', ...token }))
    const answer = await fetch(`http://${service.running().addresses.http}${at}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${made.token}` },
      body: JSON.stringify(choice),
    })
    return answer.status
  }
  expect(await as({ team: 'other' })).toBe(404)
  expect(await as({ team: 'advising', access: 'read_only' })).toBe(403)
  const first = await service.finishedRun((await press(batch.id, 'contactId', 'STU_ID')).body.runId)
  expect(first.batches[0]?.problem?.columns).toMatchObject([{ field: 'firstName', likely: { column: 'PREF_FIRST' } }])
  const second = await service.finishedRun(
    (await press(first.batches[0]?.id ?? '', 'firstName', 'PREF_FIRST')).body.runId,
  )
  expect(second).toMatchObject({ state: 'imported', batches: [{ counts: { updated: 6 } }] })
}, 60_000)

test('the API proposes columns for a file and changes nothing', async () => {
  const team = await service.makeTeam('housing')
  await team.upload(PATH, fileOf('STU_ID,PREF_FIRST,Last,Cell,PARENT_CELL,TEXT_OK', 'A0{n},Ann,{last},716555010{n},,Y'))
  const propose = (path: string) => service.call('POST', '/api/teams/housing/proposals', { path })
  expect(await anyJson(await propose(PATH))).toMatchObject({
    columns: ['STU_ID', 'PREF_FIRST', 'Last', 'Cell', 'PARENT_CELL', 'TEXT_OK'],
    fields: { contactId: { column: 'STU_ID', confidence: 'confident' }, optOut: { column: 'TEXT_OK' } },
    optOutWords: { optInValue: 'Y', optOutValue: 'N' },
  })
  expect((await propose('/cadence/imports/none.csv')).status).toBe(409)
  expect((await settingsOf('housing')).version).toBe(1)
}, 60_000)
