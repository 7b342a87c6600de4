import { describe, expect, test } from 'vitest'
import { runFile } from '../../../ingest/choosing/fate-words.ts'
import { type Candidate, type Earlier, selectFiles } from '../../../ingest/choosing/select-files.ts'
import { type ImportSettings, UNSAVED_SETTINGS } from '../../../model/import-settings.ts'
import type { RunTrigger } from '../../../model/run.ts'
import { nameOf, pathIn, teamPath } from '../../../model/team-path.ts'
import { settingsOf } from '../../support/reading.ts'

const folder = teamPath('/cadence/imports')

const MAPPED = { ...UNSAVED_SETTINGS, fields: settingsOf().fields }

/** A whole file, received `minute` minutes past three. */
function file(name: string, minute = 0, facts: Partial<Candidate> = {}): Candidate {
  return {
    name,
    path: pathIn(folder, name),
    state: 'ready',
    temporaryName: null,
    uploadId: name,
    receivedAt: new Date(Date.UTC(2026, 10, 22, 3, minute)),
    bytes: 100,
    verdict: 'waiting',
    verdictReason: null,
    verdictSettingsVersion: null,
    noRoom: null,
    undone: false,
    run: null,
    archivedBy: null,
    written: false,
    kept: null,
    shown: true,
    ...facts,
  }
}

function select(
  candidates: Candidate[],
  how: 'most_recent' | 'all_matching',
  trigger: RunTrigger = 'scheduled',
  earlier: Partial<Earlier> = {},
) {
  const settings: ImportSettings = {
    ...MAPPED,
    version: 3,
    file: { ...UNSAVED_SETTINGS.file, path: folder, namePrefix: 'StudentData', select: how },
  }
  return selectFiles(candidates, settings, trigger, earlier)
}

const names = (files: Candidate[]) => files.map(({ name }) => name)

const fatesOf = ({ fates }: ReturnType<typeof select>) =>
  Object.fromEntries(fates.map(({ path, fate }) => [nameOf(path), fate.kind]))

test('most recent takes the file that was received last, and the older ones wait until it is known that it can be read', () => {
  const selection = select(
    [file('StudentData_b', 1), file('StudentData_c', 3), file('StudentData_a', 2)],
    'most_recent',
  )
  expect([names(selection.take), names(selection.supersede)]).toEqual([['StudentData_c'], []])
  expect(fatesOf(selection)).toEqual({
    StudentData_a: 'newer_first',
    StudentData_b: 'newer_first',
    StudentData_c: 'taken',
  })
})

test('what the run could not read is passed over, and the next older file is taken, unless a newer one was imported', () => {
  const files = [
    file('StudentData_a', 1),
    file('StudentData_b', 2),
    file('StudentData_c', 3, { verdict: 'rejected', verdictSettingsVersion: 3 }),
  ]
  for (const trigger of ['scheduled', 'on_demand'] as const) {
    const again = select(files, 'most_recent', trigger, { tried: new Set(['StudentData_c']) })
    expect([names(again.take), names(again.supersede)]).toEqual([['StudentData_b'], []])
    expect(fatesOf(again)).toEqual({
      StudentData_a: 'newer_first',
      StudentData_b: 'taken',
      StudentData_c: 'passed_over',
    })
    const lastTakenAt = new Date(Date.UTC(2026, 10, 22, 3, 2))
    const none = select(files, 'most_recent', trigger, { tried: new Set(['StudentData_c']), lastTakenAt })
    expect([names(none.take), names(none.supersede)]).toEqual([[], ['StudentData_a', 'StudentData_b']])
  }
})

test('what is held beside and was not shown to people yet is taken, and stands in the way of no file', () => {
  const beside = file('StudentData_c', 3, { verdict: 'held', temporaryName: 'hidden', shown: false })
  const selection = select([file('StudentData_a', 1), file('StudentData_b', 2), beside], 'most_recent')
  expect(names(selection.take)).toEqual(['StudentData_b', 'StudentData_c'])
  expect(fatesOf(selection)).toMatchObject({ StudentData_a: 'newer_first' })
})

test('all matching takes every file, the oldest receipt first', () => {
  const { take, supersede } = select(
    [file('StudentData_b', 1), file('StudentData_c', 3), file('StudentData_a', 2)],
    'all_matching',
  )
  expect(names(take)).toEqual(['StudentData_b', 'StudentData_a', 'StudentData_c'])
  expect(supersede).toEqual([])
})

for (const suffix of ['done', 'ctl', 'ok', 'trg', 'flag', 'ready', 'eof', 'md5', 'sha1', 'sha256', 'sig', 'ASC'])
  test(`a .${suffix} file behind the records is neither taken nor supersedes them`, () => {
    const { take, supersede } = select(
      [file('StudentData.csv', 1), file(`StudentData.csv.${suffix}`, 2), file(`StudentData.${suffix}`, 3)],
      'most_recent',
    )
    expect(names(take)).toEqual(['StudentData.csv'])
    expect(supersede).toEqual([])
  })

test('most recent takes nothing that came before the file that was imported last', () => {
  const settings = { ...MAPPED, file: { ...UNSAVED_SETTINGS.file, path: folder, namePrefix: 'StudentData' } }
  const last = { lastTakenAt: new Date(Date.UTC(2026, 10, 22, 3, 5)) }
  const older = selectFiles([file('StudentData_renamed', 4)], { ...settings, version: 3 }, 'scheduled', last)
  expect([names(older.take), names(older.supersede)]).toEqual([[], ['StudentData_renamed']])
  const newer = selectFiles([file('StudentData_new', 6)], { ...settings, version: 3 }, 'scheduled', last)
  expect(names(newer.take)).toEqual(['StudentData_new'])
})

test('a run takes nothing once the fields are no longer mapped', () => {
  for (const select of ['most_recent', 'all_matching'] as const) {
    const settings = { ...UNSAVED_SETTINGS, file: { ...UNSAVED_SETTINGS.file, path: folder, select } }
    const selection = selectFiles([file('a', 1), file('b', 2)], settings, 'on_demand')
    expect([selection.take, selection.supersede, fatesOf(selection)]).toEqual([
      [],
      [],
      { a: 'not_set_up', b: 'not_set_up' },
    ])
  }
})

test('accents that a Mac writes as letters of their own match the prefix', () => {
  const settings = { ...MAPPED, version: 3 }
  for (const [namePrefix, name] of [
    ['Étudiants', 'Étudiants.csv'.normalize('NFD')],
    ['Étudiants'.normalize('NFD'), 'Étudiants.csv'],
  ] as const) {
    const file_ = { ...settings.file, path: folder, namePrefix }
    expect(names(selectFiles([file(name)], { ...settings, file: file_ }, 'scheduled').take)).toEqual([name])
  }
})

describe('a file is left alone, with the reason told,', () => {
  const cases: { title: string; candidate: Candidate; verdict: string; reason: string }[] = [
    {
      title: 'when only the case of its prefix differs',
      candidate: file('studentdata.csv'),
      verdict: 'waiting',
      reason: 'upper and lower case count',
    },
    {
      title: 'when its name begins otherwise',
      candidate: file('Staff.csv'),
      verdict: 'waiting',
      reason: 'does not begin with "StudentData"',
    },
    {
      title: 'when it has the name of a temporary file',
      candidate: file('StudentData.csv.filepart'),
      verdict: 'waiting',
      reason: 'never imported',
    },
    {
      title: 'when its name begins with a dot',
      candidate: file('.StudentData.csv'),
      verdict: 'waiting',
      reason: 'never imported',
    },
    {
      title: 'while it is received',
      candidate: file('StudentData.csv', 0, { state: 'receiving' }),
      verdict: 'waiting',
      reason: 'still being received',
    },
    {
      title: 'while nobody has confirmed it',
      candidate: file('StudentData.csv', 0, { state: 'unconfirmed' }),
      verdict: 'waiting',
      reason: 'not confirmed yet',
    },
    {
      title: 'when its upload broke off',
      candidate: file('StudentData.csv', 0, { state: 'incomplete' }),
      verdict: 'waiting',
      reason: 'broke off',
    },
    {
      title: 'while a copy on the host may still grow',
      candidate: file('StudentData.csv', 0, { uploadId: null }),
      verdict: 'waiting',
      reason: '60 seconds',
    },
    {
      title: 'when it was imported before',
      candidate: file('StudentData.csv', 0, { verdict: 'imported' }),
      verdict: 'imported',
      reason: 'imported before',
    },
    {
      title: 'when a newer one was imported',
      candidate: file('StudentData.csv', 0, { verdict: 'superseded' }),
      verdict: 'superseded',
      reason: 'newer',
    },
    {
      title: 'while it is held',
      candidate: file('StudentData.csv', 0, { verdict: 'held' }),
      verdict: 'held',
      reason: 'decision',
    },
  ]
  for (const { title, candidate, verdict, reason } of cases)
    test(title, () => {
      const { take, fates } = select([candidate], 'most_recent', 'on_demand')
      expect(take).toEqual([])
      const files = fates.map(runFile)
      expect(files).toMatchObject([{ path: candidate.path, verdict }])
      expect(files[0]?.reason).toContain(reason)
    })
})

describe('a rejected file', () => {
  const rejected = file('StudentData.csv', 0, {
    verdict: 'rejected',
    verdictReason: 'It is empty.',
    verdictSettingsVersion: 3,
  })

  test('is not tried again by a window while nothing changed', () => {
    const { take, fates } = select([rejected], 'all_matching', 'scheduled')
    expect(take).toEqual([])
    const [told] = fates.map(runFile)
    expect(told).toMatchObject({ verdict: 'rejected' })
    expect(told?.reason).toMatch(/^It is empty\. .*Run Import/)
  })

  test('is tried again once the settings changed', () => {
    expect(names(select([{ ...rejected, verdictSettingsVersion: 2 }], 'all_matching', 'scheduled').take)).toEqual([
      'StudentData.csv',
    ])
  })

  test('is tried again by Run Import', () => {
    expect(names(select([rejected], 'all_matching', 'on_demand').take)).toEqual(['StudentData.csv'])
  })
})
