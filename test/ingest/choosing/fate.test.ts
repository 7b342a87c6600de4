import { describe, expect, test } from 'vitest'
import { type FileFacts, factsOf, fateOf, fateOfArrival, obstacleOf } from '../../../ingest/choosing/fate.ts'
import { actionFor, waitsForTurn } from '../../../ingest/choosing/fate-uses.ts'
import { fateWords, replyWords } from '../../../ingest/choosing/fate-words.ts'
import { rivalsAmong } from '../../../ingest/choosing/rivals.ts'
import { outlookAt } from '../../../ingest/schedule/outlook.ts'
import { slotOn } from '../../../ingest/schedule/windows.ts'
import { forEachWindow, type WindowName } from '../../../model/daily-windows.ts'
import type { ImportSettings } from '../../../model/import-settings.ts'
import type { Pause } from '../../../model/pauses.ts'
import { teamPath } from '../../../model/team-path.ts'
import type { SlotAhead } from '../../../store/runs/slots-ahead.ts'
import { settingsOf } from '../../support/reading.ts'

const TIME_ZONE = 'America/New_York'
const BEFORE_OVERNIGHT = '2026-11-22T07:00:00Z'
const IN_OVERNIGHT = '2026-11-22T09:00:00Z'
const OVERNIGHT = { ...forEachWindow(false), overnight: true }

interface Case {
  path?: string
  facts?: Partial<FileFacts>
  settings?: Partial<Omit<ImportSettings, 'file'>>
  namePrefix?: string
  now?: string
  /** Seconds from the opening of a window to the first run of the team. */
  offset?: number
  /** The overnight slot of the day, which is open. */
  slot?: Partial<SlotAhead>
  going?: boolean
  choosing?: boolean
  pauses?: Pause[]
  /** Other files of the File Path, and when the last imported one came. */
  others?: { name: string; receivedAt: Date; verdict?: FileFacts['verdict'] }[]
  lastImportedAt?: Date
}

/** A whole file whose name matches, an hour before the overnight window; a case states what differs. */
function factsIn({ path = '/imports/StudentData.csv', facts }: Case): FileFacts {
  const receivedAt = new Date(BEFORE_OVERNIGHT)
  return { ...factsOf(teamPath(path), null), uploadId: 'an id', verdict: 'waiting', receivedAt, ...facts }
}

function settingsIn({ settings, namePrefix = 'StudentData' }: Case): ImportSettings {
  return { ...settingsOf({ file: { namePrefix } }), version: 3, schedule: OVERNIGHT, ...settings }
}

function outlookIn(given: Case) {
  const { schedule, file } = settingsIn(given)
  const { slot, going = false, choosing = false, offset = 0, pauses = [] } = given
  const { name, date, opensAt, closesAt } = slotOn('overnight', '2026-11-22', TIME_ZONE)
  const row: SlotAhead = {
    ...{ window_name: name, local_date: date, state: 'waiting', opens_at: opensAt, closes_at: closesAt },
    ...{ opened_at: opensAt, blocked_by: null, imported: false, tried: [] },
  }
  const slots = slot ? [{ ...row, ...slot }] : []
  const timing = { schedule, timeZone: TIME_ZONE, offset: offset * 1000, pauses }
  return outlookAt({ going, choosing, slots }, timing, file.select, nowIn(given))
}

const nowIn = (given: Case) => new Date(given.now ?? BEFORE_OVERNIGHT)

function fateIn(given: Case) {
  const [file, settings] = [factsIn(given), settingsIn(given)]
  const others = (given.others ?? []).map(({ name, ...facts }) => ({
    ...factsIn({ path: `/imports/${name}` }),
    ...{ uploadId: name, ...facts },
  }))
  const rivals = rivalsAmong([file, ...others], settings, given.lastImportedAt ?? null)
  return fateOf(file, settings, outlookIn(given), rivals, nowIn(given))
}

/** As it is told of the window of a date. */
function turnOn(date: string, window: WindowName = 'overnight') {
  const { opensAt, closesAt } = slotOn(window, date, TIME_ZONE)
  return { window, date, timeZone: TIME_ZONE, opensAt, closesAt, startsAt: null }
}
const OVERNIGHT_TURN = turnOn('2026-11-22')
const NEXT = { ...OVERNIGHT_TURN, kind: 'next_window', had: null, pause: null }
const TOMORROW = { ...NEXT, ...turnOn('2026-11-23') }

const rejected = { verdict: 'rejected', verdictReason: 'It is empty.' } as const
const unmapped = { fields: { ...settingsOf().fields, lastName: null } }

const cases: (Case & { title: string; fate: object; action: string; words: string })[] = [
  {
    title: 'an upload that broke off',
    facts: { state: 'incomplete' },
    fate: { kind: 'incomplete', kept: null },
    action: 'send_again',
    words: 'The upload broke off. Nothing was stored; it has to be sent again.',
  },
  {
    title: 'an upload that broke off and can be continued',
    facts: { state: 'incomplete', kept: 1234 },
    fate: { kind: 'incomplete', kept: 1234 },
    action: 'send_again',
    words:
      'The upload broke off. Its first 1,234 bytes are kept for 24 hours: continue it with REST, or send it again.',
  },
  {
    title: 'a file that an import moved away',
    path: '/archive/StudentData_2026-11-22.csv',
    facts: { uploadId: null, verdict: null, archivedBy: 2 },
    fate: { kind: 'archived', run: 2 },
    action: 'open_batch',
    words: 'Run 2 imported it and moved it here.',
  },
  {
    title: 'an upload without room',
    facts: { state: 'incomplete', noRoom: 'disk_full' },
    fate: { kind: 'no_room', noRoom: 'disk_full' },
    action: 'send_again',
    words:
      'The disk of the service is full, so nothing of the upload was stored. Free space or enlarge the disk, then have the file sent again.',
  },
  {
    title: 'a temporary name',
    path: '/imports/StudentData.csv.filepart',
    fate: { kind: 'never_imported', inFilePath: true },
    action: 'rename',
    words: 'Hidden and temporary names, markers and checksums are never imported; rename it if it holds records.',
  },
  {
    title: 'a hidden name in another folder',
    path: '/.StudentData.csv',
    fate: { kind: 'never_imported', inFilePath: false },
    action: 'rename',
    words: 'Hidden and temporary names, markers and checksums are never imported; rename it if it holds records.',
  },
  {
    title: 'another file of another folder',
    path: '/Staff.csv',
    fate: { kind: 'other_folder', filePath: '/imports' },
    action: 'none',
    words: 'It is not imported: files are taken from /imports.',
  },
  {
    title: 'a matching name in another folder',
    path: '/StudentData.csv',
    fate: { kind: 'misplaced', filePath: '/imports', namePrefix: 'StudentData', nameMatches: true },
    action: 'rename',
    words: 'Its name matches, but files are taken from /imports.',
  },
  {
    title: 'a matching name in a folder of the File Path',
    path: '/imports/old/StudentData.csv',
    fate: { kind: 'misplaced', filePath: '/imports', namePrefix: 'StudentData', nameMatches: true },
    action: 'rename',
    words: 'Its name matches, but files are taken from /imports.',
  },
  {
    title: 'a name that almost matches in another folder',
    path: '/cadence/studentdata.csv',
    fate: { kind: 'misplaced', filePath: '/imports', namePrefix: 'StudentData', nameMatches: false },
    action: 'rename',
    words: 'Files are taken from /imports, and names have to begin with "StudentData".',
  },
  {
    title: 'any name in another folder while there is no prefix',
    path: '/StudentData.csv',
    namePrefix: '',
    fate: { kind: 'other_folder', filePath: '/imports' },
    action: 'none',
    words: 'It is not imported: files are taken from /imports.',
  },
  {
    title: 'a name in other case',
    path: '/imports/studentdata.csv',
    fate: { kind: 'other_case', namePrefix: 'StudentData' },
    action: 'rename',
    words: 'Its name has to begin with "StudentData": upper and lower case count.',
  },
  {
    title: 'a name with another extension',
    path: '/imports/StudentData.txt',
    namePrefix: 'StudentData.csv',
    fate: { kind: 'other_extension', namePrefix: 'StudentData.csv' },
    action: 'rename',
    words: 'Its name begins almost like "StudentData.csv": the extension differs.',
  },
  {
    title: 'another name',
    path: '/imports/Staff.csv',
    fate: { kind: 'other_name', namePrefix: 'StudentData' },
    action: 'none',
    words: 'Its name does not begin with "StudentData".',
  },
  {
    title: 'a name that differs by what cannot be seen',
    path: '/imports/\u200bStudentData.csv',
    fate: { kind: 'other_name', namePrefix: 'StudentData', invisible: 'U+200B, a zero-width space' },
    action: 'none',
    words: 'Its name does not begin with "StudentData". It holds U+200B, a zero-width space.',
  },
  {
    title: 'an upload in progress',
    facts: { state: 'receiving', verdict: null },
    fate: { kind: 'receiving' },
    action: 'wait',
    words: 'It is still being received. It can be imported once it is whole.',
  },
  {
    title: 'an upload in progress that no run would take',
    path: '/imports/Staff.csv',
    facts: { state: 'receiving', verdict: null },
    fate: { kind: 'other_name', namePrefix: 'StudentData' },
    action: 'none',
    words: 'Its name does not begin with "StudentData".',
  },
  {
    title: 'an upload that its sender has not confirmed',
    facts: { state: 'unconfirmed', verdict: null },
    fate: { kind: 'unconfirmed' },
    action: 'wait',
    words: 'The upload is not confirmed yet; that takes a few seconds.',
  },
  {
    title: 'a copy on the host that may still grow',
    facts: { uploadId: null, verdict: null },
    fate: { kind: 'settling' },
    action: 'wait',
    words: 'It was copied here on the server. It can be imported once it has not changed for 60 seconds.',
  },
  {
    title: 'a file that a run has claimed',
    facts: { verdict: 'claimed', verdictReason: 'Run 2 imports it.' },
    fate: { kind: 'claimed' },
    action: 'wait',
    words: 'A run is importing it.',
  },
  {
    title: 'an imported file',
    facts: { verdict: 'imported', verdictReason: '1 of 1 records were imported.', run: 2 },
    fate: { kind: 'imported', run: 2, why: '1 of 1 records were imported.' },
    action: 'open_batch',
    words: 'It was imported by run 2 and is not imported again. 1 of 1 records were imported.',
  },
  {
    title: 'a file whose import was undone',
    facts: { verdict: 'imported', verdictReason: 'It was imported, and undone by Dana.', undone: true },
    fate: { kind: 'undone', why: 'It was imported, and undone by Dana.' },
    action: 'import_anyway',
    words: 'It is not imported again by itself. It was imported, and undone by Dana.',
  },
  {
    title: 'a superseded file',
    facts: { verdict: 'superseded', verdictReason: 'Run 2 took the newer file b.csv instead.' },
    fate: { kind: 'superseded', why: 'Run 2 took the newer file b.csv instead.' },
    action: 'import_anyway',
    words: 'Run 2 took the newer file b.csv instead.',
  },
  {
    title: 'a held file',
    facts: { verdict: 'held' },
    fate: { kind: 'held', why: '' },
    action: 'approve_or_discard',
    words: 'It waits for a decision.',
  },
  {
    title: 'a file rejected under these settings',
    facts: { ...rejected, verdictSettingsVersion: 3 },
    fate: { kind: 'rejected', why: 'It is empty.' },
    action: 'run_import',
    words: 'It is empty. It is tried again when the file or the settings change. Run Import tries it at once.',
  },
  {
    title: 'a file rejected under earlier settings',
    facts: { ...rejected, verdictSettingsVersion: 2 },
    fate: { ...NEXT, why: 'It is empty.' },
    action: 'run_import',
    words: 'It is imported in the next window, 3-5 AM (America/New_York). It is empty.',
  },
  {
    title: 'a file of a team that has not mapped its fields',
    settings: unmapped,
    fate: { kind: 'not_set_up' },
    action: 'none',
    words: 'It waits: the import of this team is not set up yet.',
  },
  {
    title: 'a file while every window is off',
    settings: { schedule: forEachWindow(false) },
    fate: { kind: 'no_window', why: '' },
    action: 'run_import',
    words: 'It waits until somebody presses Run Import: no window is switched on.',
  },
  {
    title: 'a file before its window',
    fate: { ...NEXT, why: '' },
    action: 'run_import',
    words: 'It is imported in the next window, 3-5 AM (America/New_York).',
  },
  {
    title: 'a file in its window',
    now: IN_OVERNIGHT,
    settings: { schedule: forEachWindow(true) },
    fate: { ...OVERNIGHT_TURN, kind: 'open_window', why: '' },
    action: 'run_import',
    words: 'It is imported in the window that is open now, 3-5 AM (America/New_York).',
  },
  {
    title: 'a file before the start of its window, which other teams begin',
    offset: 513,
    fate: { ...NEXT, startsAt: new Date('2026-11-22T08:08:33Z'), why: '' },
    action: 'run_import',
    words: 'It is imported in the next window, 3-5 AM (America/New_York), which starts at 3:08 AM.',
  },
  {
    title: 'a file in its window, before the start',
    now: '2026-11-22T08:02:00Z',
    offset: 513,
    fate: { ...OVERNIGHT_TURN, kind: 'open_window', startsAt: new Date('2026-11-22T08:08:33Z'), why: '' },
    action: 'run_import',
    words: 'It is imported in the window that is open now, 3-5 AM (America/New_York), which starts at 3:08 AM.',
  },
  {
    title: 'a file in a window that has had its file',
    now: IN_OVERNIGHT,
    slot: { state: 'done' },
    settings: { schedule: { ...OVERNIGHT, morning: true } },
    fate: { ...NEXT, ...turnOn('2026-11-22', 'morning'), had: 'overnight', why: '' },
    action: 'run_import',
    words: 'The Overnight window has run today. It is imported in the next window, 10 AM-12 PM (America/New_York).',
  },
  {
    title: 'a file in a window whose run has just imported the most recent one',
    now: IN_OVERNIGHT,
    slot: { imported: true, tried: ['another'] },
    fate: { ...TOMORROW, had: 'overnight', why: '' },
    action: 'run_import',
    words: 'The Overnight window has run today. It is imported in the next window, 3-5 AM (America/New_York).',
  },
  {
    title: 'a file that the open window has tried',
    now: IN_OVERNIGHT,
    slot: { tried: ['an id'] },
    facts: { verdictReason: 'The import failed.' },
    fate: { ...TOMORROW, why: 'The import failed.' },
    action: 'run_import',
    words: 'It is imported in the next window, 3-5 AM (America/New_York). The import failed.',
  },
  {
    title: 'a file in an open window while a run is in progress',
    now: IN_OVERNIGHT,
    going: true,
    fate: { ...turnOn('2026-11-23'), kind: 'by_next_window', afterRun: true, why: '' },
    action: 'wait',
    words:
      'It is imported when the run in progress ends, or in the next window, 3-5 AM (America/New_York), at the latest.',
  },
  {
    title: 'a file in front of a run that has just begun',
    going: true,
    choosing: true,
    fate: { kind: 'run_begun', why: '' },
    action: 'wait',
    words: 'It is imported by the run that has just begun.',
  },
  {
    title: 'a file in a window that closes in a moment',
    now: '2026-11-22T09:59:30Z',
    fate: { ...turnOn('2026-11-23'), kind: 'by_next_window', afterRun: false, why: '' },
    action: 'wait',
    words: 'It is imported in the next window, 3-5 AM (America/New_York), at the latest.',
  },
  {
    title: 'a file in a window that was open when the time zone changed',
    now: '2026-11-22T11:30:00Z',
    slot: { opens_at: new Date('2026-11-22T11:00:00Z'), closes_at: new Date('2026-11-22T13:00:00Z') },
    fate: {
      ...OVERNIGHT_TURN,
      ...{ kind: 'open_window', why: '' },
      opensAt: new Date('2026-11-22T11:00:00Z'),
      closesAt: new Date('2026-11-22T13:00:00Z'),
    },
    action: 'run_import',
    words: 'It is imported in the window that is open now, 6:00 AM-8:00 AM (America/New_York).',
  },
  {
    title: 'a file in a pause',
    now: IN_OVERNIGHT,
    pauses: [{ from: '2026-11-20', to: '2026-11-27', why: 'fall break' }],
    fate: {
      ...NEXT,
      ...turnOn('2026-11-28'),
      pause: { from: '2026-11-20', to: '2026-11-27', why: 'fall break' },
      why: '',
    },
    action: 'run_import',
    words:
      'Windows are paused until Nov 27, 2026 (fall break). It is imported in the next window, 3-5 AM (America/New_York).',
  },
  {
    title: 'a file while a newer one waits',
    others: [{ name: 'StudentData_b.csv', receivedAt: new Date('2026-11-22T07:00:01Z') }],
    fate: { kind: 'newer_first', newer: 'StudentData_b.csv' },
    action: 'import_anyway',
    words:
      'A newer file, StudentData_b.csv, is imported instead. This one is imported only if that one cannot be read.',
  },
  {
    title: 'a file while a run imports a newer one',
    others: [{ name: 'StudentData_b.csv', receivedAt: new Date('2026-11-22T07:00:01Z'), verdict: 'claimed' }],
    going: true,
    fate: { kind: 'newer_first', newer: 'StudentData_b.csv' },
    action: 'import_anyway',
    words:
      'A newer file, StudentData_b.csv, is imported instead. This one is imported only if that one cannot be read.',
  },
  {
    title: 'a file before the window while a run reads an older one',
    others: [{ name: 'StudentData_b.csv', receivedAt: new Date('2026-11-22T06:59:59Z'), verdict: 'claimed' }],
    going: true,
    fate: { ...OVERNIGHT_TURN, kind: 'by_next_window', afterRun: true, why: '' },
    action: 'wait',
    words:
      'It is imported when the run in progress ends, or in the next window, 3-5 AM (America/New_York), at the latest.',
  },
  {
    title: 'a file that came before the last imported one',
    lastImportedAt: new Date('2026-11-22T07:30:00Z'),
    fate: { kind: 'superseded', why: 'A newer file was imported or held before.' },
    action: 'import_anyway',
    words: 'A newer file was imported or held before.',
  },
  {
    title: 'a file that the last run could not import',
    facts: { verdict: 'waiting', verdictReason: 'The run was aborted.' },
    fate: { ...NEXT, why: 'The run was aborted.' },
    action: 'run_import',
    words: 'It is imported in the next window, 3-5 AM (America/New_York). The run was aborted.',
  },
]

describe('one fate, one action and one sentence for', () => {
  for (const { title, fate, action, words, ...given } of cases)
    test(title, () => {
      const found = fateIn(given)
      expect(found).toEqual(fate)
      expect(actionFor(found)).toBe(action)
      expect(fateWords(found)).toBe(words)
    })
})

test('what waits for its turn has no obstacle', () => {
  for (const given of cases) {
    const fate = fateIn(given)
    const expected = waitsForTurn(fate) || given.others || given.lastImportedAt ? null : fate
    expect(obstacleOf(factsIn(given), settingsIn(given)), given.title).toEqual(expected)
  }
})

describe('the reply to an upload tells of', () => {
  const hours = '3-5 AM (America/New_York)'
  const replies: (Case & { title: string; words: string })[] = [
    { title: 'the next window', words: `StudentData.csv will be imported in the next window, ${hours}.` },
    {
      title: 'the open window',
      now: IN_OVERNIGHT,
      words: `StudentData.csv will be imported in the window that is open now, ${hours}.`,
    },
    {
      title: 'no window',
      settings: { schedule: forEachWindow(false) },
      words: 'StudentData.csv waits until somebody presses Run Import: no window is switched on.',
    },
    {
      title: 'a missing mapping',
      settings: unmapped,
      words: 'StudentData.csv waits: the import of this team is not set up yet.',
    },
    {
      title: 'a temporary name',
      path: '/imports/a.part',
      words: 'a.part has the name of a temporary file, a marker or a checksum and is not imported until it is renamed.',
    },
    {
      title: 'another name',
      path: '/imports/Staff.csv',
      words: 'Staff.csv is not imported: its name does not begin with StudentData.',
    },
    {
      title: 'a name in other case',
      path: '/imports/studentdata.csv',
      words: 'studentdata.csv is not imported: its name does not begin with StudentData; upper and lower case count.',
    },
    ...['/StudentData.csv', '/cadence/studentdata.csv', '/imports/old/Staff.csv'].map((path) => ({
      title: `the folder of ${path}`,
      path,
      words: `${path.slice(path.lastIndexOf('/') + 1)} is not imported: files are taken from /imports.`,
    })),
    {
      title: 'the start of the next window',
      offset: 513,
      words: `StudentData.csv will be imported in the next window, ${hours}, which starts at 3:08 AM.`,
    },
    {
      title: 'a window that has run',
      now: IN_OVERNIGHT,
      slot: { state: 'done' },
      words: `The Overnight window has run today. StudentData.csv will be imported in the next window, ${hours}.`,
    },
    {
      title: 'a run that has just begun',
      going: true,
      choosing: true,
      words: `StudentData.csv will be imported when the run in progress ends, or in the next window, ${hours}, at the latest.`,
    },
    {
      title: 'a run in progress',
      now: IN_OVERNIGHT,
      going: true,
      words: `StudentData.csv will be imported when the run in progress ends, or in the next window, ${hours}, at the latest.`,
    },
    {
      title: 'another extension',
      path: '/imports/StudentData.txt',
      namePrefix: 'StudentData.csv',
      words: 'StudentData.txt is not imported: its name does not begin with StudentData.csv.',
    },
    { title: 'nothing of a temporary name outside the File Path', path: '/a.part', words: '' },
  ]
  for (const { title, words, ...given } of replies)
    test(title, () => {
      const { path } = factsIn(given)
      const fate = fateOfArrival(path, settingsIn(given), outlookIn(given), nowIn(given))
      if (!given.choosing) expect(fate).toEqual(fateIn(given))
      expect(replyWords(path.slice(path.lastIndexOf('/') + 1), fate)).toBe(words)
    })
})
