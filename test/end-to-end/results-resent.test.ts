import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ImportSettingsBody } from '../../model/import-settings.ts'
import { SETTINGS, testService } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

const service = testService()

const RESULTS = { path: '/results' as ImportSettingsBody['file']['path'], rejectedRecords: true }
const RIGHT = '7165550102'
const WRONG = 'none'
/** Values that a spreadsheet would run, drop or divide, that have to arrive as they were sent. */
const MAJORS = ['=1+1', "'-5", '@law', 'Ökonomie', 'a;=b', ' \u00a0Law ', '00123', '1, 2', `He said "yes"`, '-', 'C\\D']

interface Case {
  delimiter: 'comma' | 'tab'
  encoding: ImportSettingsBody['file']['encoding']
  /** Of the file, as the student information system writes it. */
  as: 'utf8' | 'latin1' | 'utf16le'
}
const cases: Case[] = [
  { delimiter: 'comma', encoding: 'auto', as: 'utf8' },
  { delimiter: 'comma', encoding: 'auto', as: 'latin1' },
  { delimiter: 'comma', encoding: 'utf-16', as: 'utf16le' },
  { delimiter: 'tab', encoding: 'auto', as: 'utf16le' },
  { delimiter: 'tab', encoding: 'windows-1252', as: 'latin1' },
]

function fileOf({ delimiter, as }: Case, mobile: string): Buffer {
  const separator = delimiter === 'comma' ? ',' : '\t'
  const cell = (value: string) => (delimiter === 'comma' ? `"${value.replaceAll('"', '""')}"` : value)
  const records = MAJORS.map((major, n) => [`0${n}`, 'José', "O'Neil", mobile, 'N', major])
  const lines = [['ID', 'First', 'Last', 'Cell', 'OptOut', 'Major'], ...records].map((record) =>
    record.map(cell).join(separator),
  )
  return Buffer.from(`${as === 'utf16le' ? '\ufeff' : ''}${lines.join('\r\n')}\r\n`, as)
}

/** Byte by byte, as somebody who corrects nothing else. */
function corrected(file: Buffer, { encoding }: Case): Buffer {
  const as = encoding === 'utf-16' ? 'utf16le' : 'latin1'
  return Buffer.from(file.toString(as).replaceAll(WRONG, RIGHT), as)
}

for (const [index, one] of cases.entries())
  test(`the rejected records of a ${one.delimiter} file in ${one.as} (${one.encoding}), corrected, are what the file would have been`, async () => {
    const { delimiter, encoding } = one
    const file = { ...SETTINGS.file, delimiter, encoding, select: 'all_matching' as const }
    const settings = { file, results: RESULTS, guardrails: 'off' as const, schedule: SETTINGS.schedule }
    const contactsOf = async (team: string) => {
      const { items } = await anyJson(await service.call('GET', `/api/teams/${team}/contacts`))
      return items.map(({ contactId, firstName, lastName, mobileNumber, customFields }: Record<string, unknown>) => ({
        ...{ contactId, firstName, lastName, mobileNumber, customFields },
      }))
    }
    const right = await service.makeTeam(`right-${index}`, settings)
    await right.upload('/cadence/imports/StudentData.csv', fileOf(one, RIGHT))
    await service.runImport(right.team)

    const wrong = await service.makeTeam(`wrong-${index}`, settings)
    await wrong.upload('/cadence/imports/StudentData.csv', fileOf(one, WRONG))
    const first = await service.runImport(wrong.team)
    expect(first.batches[0]?.counts).toMatchObject({ records: MAJORS.length, rejected: MAJORS.length })
    const at = join(wrong.root, 'results/StudentData_errors.csv')
    await expect.poll(() => readFile(at).catch(() => null), { timeout: 10_000 }).not.toBeNull()
    await wrong.upload('/cadence/imports/StudentData_errors.csv', corrected(await readFile(at), one))
    const again = await service.runImport(wrong.team)
    expect(again.batches[0]).toMatchObject({ state: 'imported', counts: { created: MAJORS.length, rejected: 0 } })
    expect(await contactsOf(wrong.team)).toEqual(await contactsOf(right.team))
  })
