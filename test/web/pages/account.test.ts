import { expect, test } from 'vitest'
import { setSecondFactorRule } from '../../../store/people/second-factor.ts'
import { totpCode } from '../../../web/sign-in/totp.ts'
import { axeFaults, OWNER, overflow, testPages } from './support.ts'

const { service, signIn, at, context } = testPages()

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** What an authenticator app makes of the key that it is given. */
function codeOf(key: string): string {
  const bits = [...key.replaceAll(' ', '')]
    .map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  return totpCode(secret, Math.floor(service.clock.now.getTime() / 30_000))
}

/** A browser of its own that runs no scripts. */
async function plainPage() {
  const browser = context().browser()
  if (!browser) throw new Error('no browser')
  const plain = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1024, height: 900 } })
  plain.setDefaultTimeout(8_000)
  return plain.newPage()
}

test('who must set up a second factor is led to the account, sets it up without scripts, and then gets on', async () => {
  const { db } = service.running()
  const page = await plainPage()
  await signIn(page, '/teams')
  await setSecondFactorRule(db, 'required')
  await page.goto(at('/teams'))
  expect(page.url()).toBe(at('/account'))
  expect(await page.textContent('main')).toContain('Set up a second factor first.')
  await page.fill('#own', 'not the password')
  await page.click('button[value=begin]')
  expect(await page.textContent('#faults')).toContain('This is not your password.')
  await page.fill('#own', OWNER.password)
  await page.click('button[value=begin]')
  const key = (await page.textContent('#secret')) ?? ''
  expect(key).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/)
  expect(await page.textContent('main')).toContain(`otpauth://totp/Rosterport%3A${encodeURIComponent(OWNER.email)}`)
  await page.fill('#code', '000000')
  await page.click('button[value=confirm]')
  expect(await page.textContent('#faults')).toContain('This is not the code that the app shows now.')
  expect(await page.textContent('#secret')).toBe(key)
  await page.setViewportSize({ width: 320, height: 900 })
  expect(await overflow(page)).toBe(0)
  await page.fill('#code', codeOf(key))
  await page.click('button[value=confirm]')
  expect(await page.textContent('#second-factor .badge')).toBe('On')
  expect(await page.content()).not.toContain(key)
  const codes = ((await page.textContent('#recovery-codes')) ?? '').trim().split(/\s+/)
  expect(codes).toHaveLength(10)
  expect(await overflow(page)).toBe(0)
  await page.goto(at('/teams'))
  expect(page.url()).toBe(at('/teams'))
  await setSecondFactorRule(db, 'optional')
  await page.goto(at('/account'))
  expect(await page.content()).not.toContain(codes[0])
  const elsewhere = await plainPage()
  await elsewhere.goto(at('/account'))
  for (const code of [null, codes[0]?.toUpperCase().replaceAll('-', ' ')]) {
    await elsewhere.fill('#email', OWNER.email)
    await elsewhere.fill('#password', OWNER.password)
    if (code) await elsewhere.fill('#code', code)
    await elsewhere.click('button[type=submit]')
  }
  expect(await elsewhere.textContent('#second-factor')).toContain('9 left')
  await elsewhere.context().close()
  await page.fill('#own', OWNER.password)
  await page.click('button[value=off]')
  expect(await page.textContent('#second-factor .badge')).toBe('Off')
  await page.context().close()
}, 30_000)

test('the password is changed, single sessions are ended, and everybody is signed out, all by forms', async () => {
  const [here, there] = [await plainPage(), await plainPage()]
  await signIn(here, '/account')
  await signIn(there, '/account')
  await here.reload()
  const rows = await here.locator('#sessions tbody tr').count()
  await here.click('#sessions button:has-text("End") >> nth=0')
  expect(await here.locator('#sessions tbody tr').count()).toBe(rows - 1)
  await here.fill('#current', 'not the password')
  await here.fill('#password', 'another four words here')
  await here.click('text=Change password')
  expect(await here.textContent('#faults')).toContain('This is not your password.')
  expect(await here.content()).not.toContain('another four words here')
  for (const [current, password] of [
    [OWNER.password, 'another four words here'],
    ['another four words here', OWNER.password],
  ] as const) {
    await here.fill('#current', current)
    await here.fill('#password', password)
    await here.click('text=Change password')
    expect(await here.textContent('[role=status]')).toContain('The password was changed')
  }
  await there.goto(at('/account'))
  expect(there.url()).toContain('/sign-in')
  await here.click('text=Sign out everywhere')
  expect(here.url()).toBe(at('/sign-in'))
  await here.goto(at('/account'))
  expect(here.url()).toContain('/sign-in')
  await here.context().close()
  await there.context().close()
}, 30_000)

test('the account is clean for axe while a second factor is being set up', async () => {
  const page = await context().newPage()
  await signIn(page, '/account')
  await page.fill('#own', OWNER.password)
  await page.click('button[value=begin]')
  expect(await axeFaults(page)).toEqual([])
  await page.close()
}, 30_000)

test('who signs in with the printed password sees nothing but the form for another, and then gets on', async () => {
  const { db } = service.running()
  await db.updateTable('administrator').set({ must_change_password: true }).where('email', '=', OWNER.email).execute()
  const page = await context().newPage()
  await signIn(page, '/teams')
  expect(page.url()).toBe(at('/account'))
  expect(await page.textContent('h1')).toBe('Choose a password')
  expect(await page.locator('main form').count()).toBe(1)
  await page.fill('#current', OWNER.password)
  await page.fill('#password', OWNER.password)
  await page.click('main button[type=submit]')
  expect(await page.textContent('#faults')).toContain('This is your present password. Choose another.')
  await page.setViewportSize({ width: 320, height: 900 })
  expect(await overflow(page)).toBe(0)
  expect(await axeFaults(page)).toEqual([])
  await page.fill('#current', OWNER.password)
  await page.fill('#password', 'four unlike words here')
  await page.click('main button[type=submit]')
  await page.waitForURL(({ pathname }) => pathname === '/')
  await page.goto(at('/teams'))
  expect(page.url()).toBe(at('/teams'))
  await page.close()
}, 30_000)
