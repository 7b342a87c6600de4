import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { forEachWindow, localDate } from '../../../model/daily-windows.ts'
import { UNSAVED_SETTINGS } from '../../../model/import-settings.ts'
import { DAY_MS } from '../../../model/time.ts'
import { instructionsText } from '../../../web/ftp-accounts/connection-instructions.tsx'
import { anyJson, SERVER_FACTS } from '../../support/web.ts'
import { axeFaults, overflow, testPages } from './support.ts'

const { service, page: newPage, signIn, at } = testPages({ reducedMotion: 'reduce' })

/** A public key as ssh-keygen writes it. */
function sshKey(): string {
  const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  const part = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
  const blob = Buffer.concat([part(Buffer.from('ssh-ed25519')), part(Buffer.from(x ?? '', 'base64url'))])
  return `ssh-ed25519 ${blob.toString('base64')}`
}

test('the zone and the quota of a team are changed, and what is no figure is told beside it', async () => {
  await service.makeTeam('registrar')
  const page = await newPage()
  await signIn(page, '/teams/registrar/settings')
  const { quotaBytes } = await anyJson(await service.call('GET', '/api/teams/registrar'))
  await page.fill('#space', 'much')
  await page.fill('#timeZone', 'America/Denver')
  await page.click('button:has-text("Save")')
  expect(await page.textContent('#space-err')).toContain('Enter an amount such as 500 MB or 20 GB.')
  expect(await page.inputValue('#timeZone')).toBe('America/Denver')
  expect(await axeFaults(page)).toEqual([])
  await page.fill('#space', '21.5 GB')
  await page.fill('#files', '42')
  await page.click('button:has-text("Save")')
  await page.waitForSelector('[data-toast]:has-text("The team was changed")')
  const saved = async () => anyJson(await service.call('GET', '/api/teams/registrar'))
  expect(await saved()).toMatchObject({ timeZone: 'America/Denver', quotaBytes, quotaFiles: 42 })
  expect(await page.inputValue('#space')).toBe('21.5 GB')
  await page.fill('#space', '250 mb')
  await page.click('button:has-text("Save")')
  await page.waitForSelector('[data-toast]')
  expect(await saved()).toMatchObject({ quotaBytes: 250_000_000, quotaFiles: 42 })
  await page.close()
}, 30_000)

test('an owner gives a person another role and other teams', async () => {
  await service.makeTeam('bursar')
  await service.asOwner('PATCH', '/api/teams/bursar', { name: 'The bursar' })
  await service.asOwner('POST', '/api/people', { email: 'mia@example.edu', teams: ['registrar'] })
  const page = await newPage()
  await signIn(page, '/people')
  const mia = page.locator('tr:has-text("mia@example.edu")')
  await mia.locator('summary').click()
  await mia.locator('label:has-text("registrar"), label:has(input[value=registrar])').first().click()
  await mia.locator('label:has(input[value=bursar])').click()
  expect(await axeFaults(page)).toEqual([])
  await page.setViewportSize({ width: 320, height: 900 })
  expect(await overflow(page)).toBe(0)
  await mia.locator('button:has-text("Save")').click()
  await page.waitForSelector('[data-toast]:has-text("The role and the teams were changed")')
  expect(await mia.textContent()).toContain('The bursar')
  const { items } = await anyJson(await service.call('GET', '/api/people'))
  const changed = items.find(({ email }: { email: string }) => email === 'mia@example.edu')
  expect(changed).toMatchObject({ role: 'admin', teams: ['bursar'] })
  await page.setViewportSize({ width: 1440, height: 900 })
  const own = page.locator('tr:has-text("admin@localhost")')
  await own.locator('summary').click()
  await own.locator('label:has-text("Admin")').click()
  await own.locator('button:has-text("Save")').click()
  await page.waitForSelector('[role=alert]:focus:has-text("This is the only owner.")')
  expect(await axeFaults(page)).toEqual([])
  await page.close()
}, 30_000)

test('the activity is searched by account and day, and the contacts by Staff ID and run', async () => {
  const page = await newPage()
  await signIn(page, '/teams/registrar/activity?kind=settings')
  const events = () => page.textContent('[aria-label=Events]')
  await page.fill('[name=search]', 'ADMIN@')
  await page.keyboard.press('Enter')
  expect(await events()).toContain('Changed the team')
  await page.fill('[name=search]', 'nobody')
  await page.keyboard.press('Enter')
  await page.waitForSelector('text=No such event')
  expect(await page.getAttribute('.seg [aria-current]', 'href')).toContain('kind=settings&search=nobody')
  await page.goto(at('/teams/registrar/activity?until=2020-01-01'))
  expect(await events()).toContain('No such event')
  await page.goto(at('/teams/registrar/contacts?staff=s1&run=7'))
  expect(await page.textContent('[aria-label=Contacts]')).toContain('No contact found')
  expect(await page.inputValue('[name=run]')).toBe('7')
  expect(await axeFaults(page)).toEqual([])
  await page.close()
}, 30_000)

test('addresses and keys of an FTP account are changed, and a wrong one is told where it stands', async () => {
  await service.makeTeam('transfer')
  const page = await newPage()
  await signIn(page, '/teams/transfer/ftp-accounts')
  await page.click('#accounts summary')
  await page.fill('#allowedAddresses-transfer-sis', '10.20.4.0/24\nnowhere')
  await page.click('#accounts button:has-text("Save")')
  expect(await page.textContent('#allowedAddresses-transfer-sis-err')).toContain('not an IP address or a network')
  expect(await page.inputValue('#allowedAddresses-transfer-sis')).toBe('10.20.4.0/24\nnowhere')
  expect(await axeFaults(page)).toEqual([])
  const key = sshKey()
  await page.fill('#allowedAddresses-transfer-sis', '10.20.4.0/24')
  await page.fill('#publicKeys-transfer-sis', key)
  await page.click('#accounts button:has-text("Save")')
  await page.waitForSelector('[data-toast]:has-text("The account was changed")')
  const { items } = await anyJson(await service.call('GET', '/api/teams/transfer/ftp-accounts'))
  expect(items).toMatchObject([{ allowedAddresses: ['10.20.4.0/24'], publicKeys: [key] }])
  await page.close()
}, 30_000)

test('a test e-mail goes to the addresses that are saved', async () => {
  await service.makeTeam('advising', { notificationEmails: 'it@example.edu' })
  const page = await newPage()
  await signIn(page, '/teams/advising/configure')
  await page.click('button:has-text("Send a test e-mail")')
  await page.waitForSelector('[data-toast]:has-text("The test e-mail is on its way")')
  await expect
    .poll(() => service.mailbox.mails.map(({ to }) => to), { timeout: 10_000 })
    .toContainEqual(['it@example.edu'])
  await service.makeTeam('library', { notificationEmails: '' })
  await page.goto(at('/teams/library/configure'))
  expect(await page.isDisabled('button:has-text("Send a test e-mail")')).toBe(true)
  await page.close()
}, 30_000)

test('a pause is entered on the settings page, and the pages say until when no window runs', async () => {
  await service.makeTeam('bookstore', { schedule: { ...forEachWindow(false), overnight: true } })
  const page = await newPage()
  await signIn(page, '/teams/bookstore/configure')
  const day = (days: number) => localDate(new Date(service.clock.now.getTime() + days * DAY_MS), 'America/New_York')
  await page.click('#add-pause')
  await page.fill('#pauses-0-from', day(-1))
  await page.fill('#pauses-0-to', day(-2))
  await page.fill('#pauses-0-why', 'winter break')
  await page.click('text=Save changes')
  expect(await page.textContent('#pauses-0-to-err')).toContain('cannot be before its first day')
  expect(await axeFaults(page)).toEqual([])
  await page.fill('#pauses-0-to', day(2))
  await page.click('text=Save changes')
  await page.waitForSelector('[data-toast]:has-text("Saved as version 2")')
  expect(await page.textContent('#pauses')).toContain('Windows are paused until')
  expect(await axeFaults(page)).toEqual([])
  await page.setViewportSize({ width: 320, height: 900 })
  expect(await overflow(page)).toBe(0)
  const { pauses } = await anyJson(await service.call('GET', '/api/teams/bookstore/import-settings'))
  expect(pauses).toEqual([{ from: day(-1), to: day(2), why: 'winter break' }])
  const { items } = await anyJson(await service.call('GET', '/api/teams/bookstore/windows'))
  expect(items[0]).toMatchObject({ name: 'overnight', date: day(3) })
  await page.goto(at('/teams/bookstore/imports'))
  expect(await page.textContent('.figs')).toContain('paused until then')
  await page.goto(at('/?all'))
  expect(await page.textContent('tr:has(a[href="/teams/bookstore/imports"])')).toContain('paused until then')
  await page.goto(at('/teams/bookstore/configure'))
  await page.click('#remove-pause-0')
  await page.waitForSelector('#pauses-0-from', { state: 'detached' })
  await page.close({ runBeforeUnload: false })
}, 30_000)

test('the connection instructions list every SSH host key', () => {
  const hostKeys = ['SHA256:first', 'SHA256:second']
  const server = { ...SERVER_FACTS, sftpPort: 2022, hostKeys }
  const team = { id: 1, team: 'library', name: 'Library', timeZone: 'UTC', quotaBytes: 0, quotaFiles: 0 }
  const text = instructionsText({
    server,
    settings: UNSAVED_SETTINGS,
    username: null,
    team: { ...team, ftpStrictClose: true, createdAt: new Date(0) },
  })
  expect(text.split('\n').slice(-2)).toEqual(['SSH host key    SHA256:first', 'or              SHA256:second'])
})
