import { describe, expect, test } from 'vitest'
import { guardrailFindings } from '../../ingest/guardrails.ts'
import { setOptOut } from '../../store/contacts/contact-list.ts'
import { importBytes, insertTeam, warningsOf } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { settingsOf } from '../support/reading.ts'
import { MAPPED, major, withHeader } from '../support/rules.ts'

const database = testDatabase()
const HEADER = 'ID,First,Last,Mobile,Advisor,Out,Major'
const PEOPLE = 25
const people = Array.from({ length: PEOPLE }, (_, at) => String(at).padStart(2, '0'))
const file = (idOf: (two: string) => string, area = '716') =>
  withHeader(HEADER, ...people.map((two) => `${idOf(two)},Ann,Lee,${area}-555-01${two},,N,Art`))
const known = file((two) => `00A${two}`)

/** What the guardrails say of the file, by both ways of an import. */
async function findings(teamId: number, bytes: string, settings = settingsOf(MAPPED)) {
  const [result, staged] = [
    await importBytes(database, teamId, bytes, { settings }),
    await importBytes(database, await copied(teamId), bytes, { settings, options: { stageAll: true } }),
  ]
  expect(staged.changes).toEqual(result.changes)
  return guardrailFindings({ ...result, earlierRecords: [] })
}

/** Another team with the same contacts as `teamId` had before the file. */
const copies = new Map<number, number>()
async function copied(teamId: number) {
  return copies.get(teamId) as number
}

async function teamWith(bytes: string) {
  const [teamId, copy] = [await insertTeam(database), await insertTeam(database)]
  for (const team of [teamId, copy]) await importBytes(database, team, bytes, { settings: settingsOf(MAPPED) })
  copies.set(teamId, copy)
  return teamId
}

describe('everybody comes back under an ID', () => {
  const damages: [title: string, id: (two: string) => string, named: boolean][] = [
    ['without its leading zeros', (two) => `A${two}`, true],
    ['as a decimal number', (two) => `00A${two}.0`, true],
    ['with an apostrophe in front', (two) => `'00A${two}`, true],
    ['in another case', (two) => `00a${two}`, true],
    ['of another kind', (two) => `S-${two}`, false],
  ]
  for (const [title, id, named] of damages)
    test(`${title}: a finding${named ? ' that names some' : ''}`, async () => {
      const found = await findings(await teamWith(known), file(id))
      expect(found.map(({ rule }) => rule)).toEqual(['known_numbers'])
      expect(found[0]?.message).toContain('25 of 25 new contacts')
      if (named) expect(found[0]?.message).toContain(`"${id('00')}" is known as "00A00"`)
      else expect(found[0]?.message).not.toContain('is known as')
    })
})

test('new people with numbers of their own are no finding', async () => {
  expect(
    await findings(
      await teamWith(known),
      file((two) => `B${two}`, '585'),
    ),
  ).toEqual([])
})

test('contacts that share a number among themselves are known by none before', async () => {
  const shared = withHeader(HEADER, ...people.map((two) => `B${two},Ann,Lee,585-555-0100,,N,Art`))
  expect(await findings(await teamWith(known), shared)).toEqual([])
})

describe('fields that are mapped for the first time', () => {
  const year = { ...major, name: 'Year', column: 'Year' }
  const more = { ...MAPPED, version: 2, additionalFields: [major, year] }
  const withYear = (majorOf: string) =>
    withHeader(`${HEADER},Year`, ...people.map((two) => `00A${two},Ann,Lee,716-555-01${two},,N,${majorOf},2027`))

  test('change everybody, and that counts for nothing', async () => {
    const teamId = await teamWith(known)
    const { counts, changes } = await importBytes(database, teamId, withYear('Art'), { settings: settingsOf(more) })
    expect(counts.updated).toBe(PEOPLE)
    expect(changes.firstFilled).toBe(PEOPLE)
  })

  test('do not hide another change, nor do they count as first the next time', async () => {
    const teamId = await teamWith(known)
    const settings = settingsOf(more)
    expect((await importBytes(database, teamId, withYear('Law'), { settings })).changes.firstFilled).toBe(0)
    const later = await importBytes(database, teamId, withYear('Law').replaceAll('2027', '2028'), { settings })
    expect(later.counts.updated).toBe(PEOPLE)
    expect(later.changes.firstFilled).toBe(0)
  })
})

describe('a file without the opt-out column', () => {
  const renamed = (id: string) =>
    withHeader('ID,First,Last,Mobile,Advisor,Out Sms,Major', `${id},Ann,Lee,585-555-0199,,Y,`)
  for (const emptyMeans of ['keep', 'opt_in', 'opt_out'] as const)
    test(`is held where it would opt in new contacts: an empty value is ${emptyMeans}`, async () => {
      const settings = settingsOf({ ...MAPPED, optOut: { ...MAPPED.optOut, emptyMeans } })
      const rules = emptyMeans === 'opt_out' ? [] : ['opt_out_column_absent']
      const first = await importBytes(database, await insertTeam(database), renamed('1'), { settings })
      expect(guardrailFindings({ ...first, earlierRecords: [] }).map(({ rule }) => rule)).toEqual(rules)
      expect(await warningsOf(database, first.batchId)).toMatchObject([
        { code: 'W_OPTOUT_COLUMN_ABSENT', message: expect.stringContaining('nearest: "Out Sms"') },
      ])
      const found = await findings(await teamWith(known), renamed('1'), settings)
      expect(found.map(({ rule }) => rule)).toEqual(rules)
    })

  test('is not held where it creates nobody, or only people who are opted out by their number', async () => {
    const teamId = await teamWith(known)
    for (const team of [teamId, await copied(teamId)])
      await setOptOut(database.db, team, '00A00', 'opted_out', 'contact')
    const twin = renamed('1').replace('585-555-0199', '716-555-0100')
    expect(await findings(teamId, renamed('00A01'))).toEqual([])
    expect(await findings(teamId, twin)).toEqual([])
  })
})
