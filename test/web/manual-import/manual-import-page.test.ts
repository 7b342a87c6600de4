import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { currentSettings, saveSettings } from '../../../store/settings.ts'
import { createTeam } from '../../../store/teams.ts'
import { SETTINGS } from '../../support/service.ts'
import { OWNER, testWeb } from '../../support/web.ts'

const { db, importer, filesFolder, request, signIn, formToken, caller } = testWeb()
const PAGE = '/teams/admissions/manual-import'
const HTML = { accept: 'text/html', origin: 'https://files.example.edu' }
const FORM = { ...HTML, 'content-type': 'application/x-www-form-urlencoded' }
const FILE = 'ID,First,Last,Cell,OptOut,Major\r\n1,Ann,Lee,7165550101,N,Law\r\n'
let cookie: string
let teamId: number

beforeAll(async () => {
  for (const slug of ['admissions', 'bursar']) {
    const team = await createTeam(db, { team: slug, name: slug, timeZone: 'UTC' })
    if (!team) throw new Error('the team was not made')
    teamId ??= team.id
    await saveSettings(db, team.id, 0, SETTINGS, OWNER.email)
  }
  cookie = await signIn()
})
beforeEach(() => {
  importer.given.length = 0
})

const hidden = () => readdir(join(filesFolder, 'admissions', '.rosterport')).catch(() => [])

function upload(content: string, token = formToken(cookie)) {
  const part = (head: string, value: string) => `--line\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`
  const body = `${part('name="formToken"', token)}${part('name="file"; filename="a.csv"', content)}--line--\r\n`
  return request('POST', PAGE, { ...HTML, cookie, 'content-type': 'multipart/form-data; boundary=line' }, body)
}

/** Uploads a file that can be imported; answers what the page would send to have it imported. */
async function ticketOf(content: string): Promise<string> {
  const page = await (await upload(content)).text()
  return /name="file" value="([^"]+)"/.exec(page)?.[1] ?? 'none'
}

function word(act: 'confirm' | 'discard', file: string, page = PAGE) {
  const body = new URLSearchParams({ formToken: formToken(cookie), file }).toString()
  return request('POST', `${page}/${act}`, { ...FORM, cookie }, body)
}

test('a file is checked and waits, and is imported when whoever gave it says so', async () => {
  const file = await ticketOf(FILE)
  expect(await hidden()).toHaveLength(1)
  expect(importer.given).toEqual([])
  const done = await word('confirm', file)
  expect([done.status, done.headers.get('location')]).toEqual([303, `/teams/admissions/runs/${runId()}`])
  expect(importer.given).toMatchObject([{ fileName: 'a.csv', bytes: FILE.length }])
})

test('a file that is discarded is gone, and so is its ticket', async () => {
  const before = await hidden()
  const file = await ticketOf(FILE)
  expect((await word('discard', file)).status).toBe(303)
  expect(await hidden()).toEqual(before)
  const late = await word('confirm', file)
  expect([late.status, await late.text()]).toEqual([422, expect.stringContaining('no longer kept')])
  expect(importer.given).toEqual([])
})

test('of a file that cannot be imported nothing is kept, and the page says why', async () => {
  const before = await hidden()
  const answer = await upload(FILE.replace('Cell', 'Phone'))
  expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining('no column')])
  expect(await hidden()).toEqual(before)
})

test('nobody imports what another gave, nor for another team, nor with a ticket of their own making', async () => {
  const file = await ticketOf(FILE)
  const [body = '', signature = ''] = file.split('.')
  const forged = Buffer.from(Buffer.from(body, 'base64url').toString().replace('a.csv', 'b.csv')).toString('base64url')
  for (const [ticket, page] of [
    [`${forged}.${signature}`, PAGE],
    [body, PAGE],
    ['', PAGE],
    [file, '/teams/bursar/manual-import'],
  ] as const)
    expect((await word('confirm', ticket, page)).status).toBe(422)
  expect(importer.given).toEqual([])
  await db.insertInto('administrator').values({ email: 'mia@example.edu', password_hash: 'x', role: 'owner' }).execute()
  const other = await caller('mia@example.edu')
  const asked = await other('POST', `${PAGE}/confirm`, new URLSearchParams({ file }).toString(), FORM)
  expect([asked.status, importer.given]).toEqual([422, []])
})

test('a form without the token of its session is refused, and nothing of its file is kept', async () => {
  const before = await hidden()
  expect((await upload(FILE, 'wrong')).status).toBe(403)
  expect(await hidden()).toEqual(before)
})

test('when the settings changed since, the file is checked again before it is imported', async () => {
  const file = await ticketOf(FILE)
  const { version, ...body } = await currentSettings(db, teamId)
  await saveSettings(db, teamId, version, { ...body, notifyOn: 'problems' }, OWNER.email)
  const again = await word('confirm', file)
  const page = await again.text()
  expect([again.status, importer.given]).toEqual([422, []])
  expect(page).toContain('The settings have changed since the file was checked.')
  const renewed = /name="file" value="([^"]+)"/.exec(page)?.[1] ?? ''
  expect((await word('confirm', renewed)).status).toBe(303)
  expect(importer.given).toHaveLength(1)
})

function runId(): string {
  return importer.answer.runId
}
