import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SETTINGS, type TestTeam } from '../../support/service.ts'
import { anyJson } from '../../support/web.ts'
import { axeFaults, overflow, testPages } from './support.ts'

const { service, page: newPage, signIn, at } = testPages({ reducedMotion: 'reduce' })

const PATH = '/cadence/imports/StudentData.csv'
const roster = (mobile: string) =>
  [
    'ID,First,Last,Cell,OptOut,Major',
    ...Array.from({ length: 300 }, (_, i) => `${i + 1},Ann,Lee,${mobile}${1000 + i},N,Law`),
  ]
    .join('\r\n')
    .concat('\r\n')

/** A batch that changes every mobile number, and its run. */
async function heldRun(team: TestTeam): Promise<string> {
  await team.upload(PATH, roster('716555'))
  await service.runImport(team.team)
  await team.upload(PATH, roster('716556'))
  const { id, state } = await service.runImport(team.team)
  expect(state).toBe('held')
  return id
}

test('a held batch shows its figures and what it would change, and is imported once it is approved', async () => {
  const run = await heldRun(await service.makeTeam('registrar', { notificationEmails: 'it@example.edu' }))
  const page = await newPage()
  await signIn(page, '/teams/registrar/imports')
  await page.click('#waiting a:has-text("Approve or discard")')
  await page.waitForURL(at(`/teams/registrar/runs/${run}`))
  const notes = (await page.textContent('#notes')) ?? ''
  expect(notes).toContain('300 of 300 known contacts (100 %) would get another mobile number.')
  expect(notes).toContain('Of 300 records: 0 created, 300 updated, 0 unchanged')
  const [first] = await page.locator('#notes tbody tr').allTextContents()
  expect(first).toMatch(/^1Mobile Number.*555-?1000.*556-?1000.*2$/)
  expect(await axeFaults(page)).toEqual([])
  await page.setViewportSize({ width: 320, height: 900 })
  expect(await overflow(page)).toBe(0)
  await page.click('text=Approve and import')
  await page.waitForURL((url) => /\/runs\//.test(url.pathname) && !url.pathname.endsWith(run))
  await page.waitForSelector('[aria-label=Result]')
  expect(await page.textContent('[aria-label=Result]')).toContain('300 of 300 records imported')
  await page.goto(at(`/teams/registrar/runs/${run}`))
  expect(await page.textContent('#notes')).toContain('Held, and approved by admin@localhost')
  expect(await page.locator('text=Approve and import').count()).toBe(0)
  await page.close()
}, 60_000)

test('with other settings the page of a held batch shows new figures and asks again', async () => {
  const run = await heldRun(await service.makeTeam('housing'))
  const saved = await anyJson(await service.call('GET', '/api/teams/housing/import-settings'))
  const optOut = { ...saved.optOut, optInValue: 'Y', optOutValue: 'N' }
  await service.call('PUT', '/api/teams/housing/import-settings', { ...saved, optOut })
  const page = await newPage()
  await signIn(page, `/teams/housing/runs/${run}`)
  await page.click('text=Approve and import')
  await page.waitForSelector('#notes :has-text("These are the new figures")')
  expect(await page.textContent('#notes')).toContain('version 2 of the settings')
  expect(await axeFaults(page)).toEqual([])
  await page.click('text=Approve and import')
  await page.waitForURL((url) => /\/runs\//.test(url.pathname) && !url.pathname.endsWith(run))
  await page.waitForSelector('[aria-label=Result]')
  expect(await page.textContent('[aria-label=Result]')).toContain('300 opted out')
  await page.close()
}, 60_000)

test('Manual Import says before the press that the file would be held, and why', async () => {
  const team = await service.makeTeam('dining')
  await team.upload(PATH, roster('716555'))
  await service.runImport('dining')
  const page = await newPage()
  await signIn(page, '/teams/dining/manual-import')
  const file = join(service.dataDir, 'dining.csv')
  await writeFile(file, roster('716556'))
  await page.setInputFiles('#file', file)
  await page.waitForSelector('#import .note:has-text("would be held until somebody approves it")')
  expect(await page.textContent('#import')).toContain('would get another mobile number')
  expect(await axeFaults(page)).toEqual([])
  await page.close()
}, 60_000)

test('a held batch that is discarded leaves its file in its place, and the page says what becomes of it', async () => {
  const run = await heldRun(await service.makeTeam('bursar'))
  const page = await newPage()
  await signIn(page, `/teams/bursar/runs/${run}`)
  await page.click('button:has-text("Discard")')
  await page.waitForSelector('#notes :has-text("Held, and discarded by admin@localhost")')
  await page.goto(at('/teams/bursar/imports'))
  expect(await page.textContent('#waiting tbody')).toContain('It is tried again when the file or the settings change.')
  await page.close()
}, 60_000)

test('a recap is sent again from its run', async () => {
  const team = await service.makeTeam('advising', { notificationEmails: 'it@example.edu' })
  await team.upload(PATH, roster('716555'))
  const run = await service.runImport('advising')
  const batch = run.batches[0]?.id ?? ''
  const first = await service.mailbox.recapOf(batch)
  const page = await newPage()
  await signIn(page, `/teams/advising/runs/${run.id}`)
  await page.click('text=Send again')
  await page.waitForSelector('[data-toast]:has-text("The recap will be sent again")')
  const recaps = () => service.mailbox.mails.filter(({ parsed }) => parsed.headers.get('x-rosterport-batch') === batch)
  await expect.poll(() => recaps().length, { timeout: 10_000 }).toBe(2)
  expect(recaps()[1]?.parsed.subject).toBe(first.parsed.subject)
  await page.close()
}, 60_000)

test('a superseded file is imported anyway by its button; a file in a wrong folder says so', async () => {
  const team = await service.makeTeam('transfer', { file: { ...SETTINGS.file, select: 'most_recent' } })
  await team.upload('/cadence/imports/StudentData_1.csv', roster('716555'))
  await team.upload('/cadence/imports/StudentData_2.csv', roster('716555'))
  await team.upload('/StudentData_3.csv', roster('716555'))
  await service.runImport('transfer')
  const page = await newPage()
  await signIn(page, '/teams/transfer/imports')
  const waiting = (await page.textContent('#waiting tbody')) ?? ''
  expect(waiting).toContain('Its name matches, but files are taken from /cadence/imports.')
  const { items } = (await (await service.call('GET', '/api/teams/transfer/files')).json()) as {
    items: { path: string; reason: string }[]
  }
  const passed = items.find(({ path }) => path.endsWith('_1.csv') && path.startsWith('/cadence/imports'))
  expect(waiting).toContain(passed?.reason)
  await page.click('#waiting button:has-text("Import anyway")')
  await page.waitForSelector('[aria-label=Result]')
  expect(await page.textContent('main')).toContain('StudentData_1.csv')
  await page.close()
}, 60_000)

test('an import is undone from its run, after a page that says in figures what that will do', async () => {
  const team = await service.makeTeam('alumni', { guardrails: 'off', notificationEmails: '' })
  await team.upload(PATH, roster('716555'))
  await service.runImport('alumni')
  await team.upload(PATH, `${roster('716556')}301,Cal,Lee,716-555-0103,N,Law\r\n`)
  const run = await service.runImport('alumni')
  const stop = { optOut: { state: 'opted_out', source: 'contact' } }
  await service.call('PATCH', '/api/teams/alumni/contacts/2', stop)
  const page = await newPage()
  await signIn(page, `/teams/alumni/runs/${run.id}`)
  await page.click('text=Undo import')
  const asked = (await page.textContent('main')) ?? ''
  for (const words of [
    '299 contacts that it updated',
    '1 contact that it created',
    '1 contact changed since and will stay as is',
  ])
    expect(asked).toContain(words)
  expect(await axeFaults(page)).toEqual([])
  await page.setViewportSize({ width: 320, height: 900 })
  expect(await overflow(page)).toBe(0)
  await page.click('text=Keep the import')
  await page.click('text=Undo import')
  await page.click('button:has-text("Undo the import")')
  // The page of the run shows by itself when it is done.
  await page.waitForSelector('#notes:has-text("was undone by")')
  const note = (await page.textContent('#notes')) ?? ''
  expect(note).toContain('The import of StudentData.csv was undone by admin@localhost')
  expect(note).toContain('299 contacts restored, 1 removed, 1 left as it is because it was changed since.')
  expect(note).toContain('its opt-out preference was set by the person or an administrator since')
  expect(await page.locator('text=Undo import').count()).toBe(0)
  expect(await page.textContent('h1')).toContain('Undone')
  expect(await axeFaults(page)).toEqual([])
  await page.goto(at('/teams/alumni/activity'))
  await page.click('text=Undid an import: >> a')
  await page.waitForURL(at(`/teams/alumni/runs/${run.id}`))
  await page.close()
}, 60_000)
