import { expect, test } from 'vitest'
import { currentSettings } from '../../../store/settings.ts'
import { teamBySlug } from '../../../store/teams.ts'
import { axeFaults, testPages } from './support.ts'

const { service, page: newPage, signIn, at } = testPages({ reducedMotion: 'reduce' })

const NOTHING_MAPPED = {
  fields: { contactId: null, firstName: null, lastName: null, mobileNumber: null, staffId: null },
  optOut: null,
  additionalFields: [],
}

async function savedSettings(slug: string) {
  const { db } = service.running()
  return currentSettings(db, (await teamBySlug(db, slug))?.id ?? 0)
}

test('the first mapping is suggested from the newest file, and nothing of it is saved unasked', async () => {
  const team = await service.makeTeam('admissions', NOTHING_MAPPED)
  await team.upload(
    '/cadence/imports/StudentData.csv',
    [
      'SPRIDEN_ID,PREF_FIRST,LAST_NAME,HOME_PHONE,CELL_PHONE,PARENT_MOBILE,TEXT_OPT_IN,EMAIL_OPT_IN,ADVISOR',
      'A00123451,Ann,Lee,585-555-0114,716-555-0101,607-555-0118,Y,N,s71',
      'A00123452,Bo,Ray,585-555-0124,716-555-0102,607-555-0128,N,N,s72',
      'A00123453,Cy,Fox,585-555-0134,716-555-0103,607-555-0138,Y,Y,s71',
    ].join('\n'),
  )
  const page = await newPage()
  await signIn(page, '/teams/admissions/configure')
  const chosen = (name: string) => page.inputValue(`[name="${name}"]`)
  expect(await chosen('fields.contactId')).toBe('SPRIDEN_ID')
  expect(await chosen('fields.firstName')).toBe('PREF_FIRST')
  expect(await chosen('fields.lastName')).toBe('LAST_NAME')
  expect(await chosen('fields.mobileNumber')).toBe('CELL_PHONE')
  expect(await page.textContent('#fields-mobileNumber-samples')).toContain('Suggested')
  expect(await chosen('optOut.column')).toBe('TEXT_OPT_IN')
  expect(await page.textContent('#optOut-suggested')).toContain('Suggested')
  // The words of an opt-in column the right way round.
  expect(await chosen('optOut.optInValue')).toBe('Y')
  expect(await chosen('optOut.optOutValue')).toBe('N')
  // What is only possible is offered, not chosen.
  expect(await chosen('fields.staffId')).toBe('')
  expect(await page.textContent('#fields-staffId-samples')).toContain('Map ADVISOR')
  expect(await axeFaults(page)).toEqual([])
  expect((await savedSettings('admissions')).fields).toEqual(NOTHING_MAPPED.fields)

  await page.click('button:has-text("Map ADVISOR")')
  await page.waitForSelector('#fields-staffId:focus')
  await page.click('text=Save changes')
  await page.waitForSelector('[data-toast]:has-text("Saved as version 2")')
  expect(await savedSettings('admissions')).toMatchObject({
    fields: { mobileNumber: 'CELL_PHONE', staffId: 'ADVISOR' },
    optOut: { column: 'TEXT_OPT_IN', optInValue: 'Y', optOutValue: 'N' },
  })
  expect(await page.textContent('#fields-mobileNumber-samples')).not.toContain('Suggested')
  await page.close()
}, 60_000)

test('a rejected file is imported by one press on the page of its run', async () => {
  const team = await service.makeTeam('bursar')
  const file = (mobile: string) =>
    [`ID,First,Last,${mobile},PARENT_CELL,Major,OptOut`]
      .concat([1, 2, 3, 4, 5].map((n) => `${n},Ann,Lee,716555010${n},585555011${n},Law,N`))
      .join('\n')
  await team.upload('/cadence/imports/StudentData.csv', file('Cell'))
  await service.runImport('bursar')
  await team.upload('/cadence/imports/StudentData.csv', file('MOBILE_PHONE'))
  const { id } = await service.runImport('bursar')
  const page = await newPage()
  await signIn(page, `/teams/bursar/runs/${id}`)
  expect(await page.textContent('#notes')).toContain('"MOBILE_PHONE" looks like the column of Mobile Number')
  expect(await axeFaults(page)).toEqual([])
  await page.click('button:has-text("Map MOBILE_PHONE and import")')
  await page.waitForSelector('h1:has-text("Run #3"):has-text("Imported")')
  expect((await savedSettings('bursar')).aliases).toEqual({ mobileNumber: ['MOBILE_PHONE'] })

  // The former run offers it no more, and Configure shows the other name, to be dropped there.
  await page.goto(at(`/teams/bursar/runs/${id}`))
  expect(await page.locator('#notes button').count()).toBe(0)
  await team.upload('/cadence/imports/StudentData.csv', file('MOBILE_PHONE'))
  await page.goto(at('/teams/bursar/configure'))
  expect(await page.textContent('#map')).toContain('Also read: MOBILE_PHONE')
  expect(await page.textContent('#unused')).not.toContain('MOBILE_PHONE')
  expect(await page.textContent('#fields-mobileNumber-samples')).toContain('7165550101')
  expect(await axeFaults(page)).toEqual([])
  await page.uncheck('input[value="MOBILE_PHONE"]')
  expect(await page.textContent('[data-changes]')).toContain('1 unsaved change')
  await page.click('text=Save changes')
  await page.waitForSelector('[data-toast]:has-text("Saved as version 3")')
  expect((await savedSettings('bursar')).aliases).toEqual({})
  await page.close()
}, 60_000)
