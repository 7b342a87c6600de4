import { describe, expect, test } from 'vitest'
import {
  actionFor,
  type FileFacts,
  factsOf,
  fateOf,
  fateOfArrival,
  obstacleOf,
  outlookAt,
} from '../../../ingest/choosing/fate.ts'
import { fateWords, replyWords } from '../../../ingest/choosing/fate-words.ts'
import { forEachWindow } from '../../../model/daily-windows.ts'
import type { ImportSettings } from '../../../model/import-settings.ts'
import { teamPath } from '../../../model/team-path.ts'
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
}

/** A whole file whose name matches, an hour before the overnight window; a case states what differs. */
function factsIn({ path = '/imports/StudentData.csv', facts }: Case): FileFacts {
  return { ...factsOf(teamPath(path), null), uploadId: 'an id', verdict: 'waiting', ...facts }
}

function settingsIn({ settings, namePrefix = 'StudentData' }: Case): ImportSettings {
  return { ...settingsOf({ file: { namePrefix } }), version: 3, schedule: OVERNIGHT, ...settings }
}

function outlookIn(given: Case) {
  return outlookAt(settingsIn(given).schedule, TIME_ZONE, new Date(given.now ?? BEFORE_OVERNIGHT))
}

const fateIn = (given: Case) => fateOf(factsIn(given), settingsIn(given), outlookIn(given))

const rejected = { verdict: 'rejected', verdictReason: 'It is empty.' } as const
const unmapped = { fields: { ...settingsOf().fields, lastName: null } }

const cases: (Case & { title: string; fate: object; action: string; words: string })[] = [
  {
    title: 'an upload that broke off',
    facts: { state: 'incomplete' },
    fate: { kind: 'incomplete' },
    action: 'send_again',
    words: 'The upload broke off. Nothing was stored; it has to be sent again.',
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
    words: 'It is not in /imports, where files are looked for.',
  },
  {
    title: 'a matching name in another folder',
    path: '/StudentData.csv',
    fate: { kind: 'misplaced', filePath: '/imports' },
    action: 'rename',
    words: 'Its name matches, but it is not in /imports, where files are looked for.',
  },
  {
    title: 'a matching name in a folder of the File Path',
    path: '/imports/old/StudentData.csv',
    fate: { kind: 'misplaced', filePath: '/imports' },
    action: 'rename',
    words: 'Its name matches, but it is not in /imports, where files are looked for.',
  },
  {
    title: 'any name in another folder while there is no prefix',
    path: '/StudentData.csv',
    namePrefix: '',
    fate: { kind: 'other_folder', filePath: '/imports' },
    action: 'none',
    words: 'It is not in /imports, where files are looked for.',
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
    words: 'It is still being received; it is imported once it is whole.',
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
    words: 'It was copied here on the server and is imported once it has not changed for 60 seconds.',
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
    facts: { verdict: 'imported', verdictReason: '1 of 1 records were imported.' },
    fate: { kind: 'imported', why: '1 of 1 records were imported.' },
    action: 'open_batch',
    words: 'It was imported before and is not imported again. 1 of 1 records were imported.',
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
    fate: { kind: 'next_window', window: 'overnight', timeZone: TIME_ZONE, why: 'It is empty.' },
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
    fate: { kind: 'next_window', window: 'overnight', timeZone: TIME_ZONE, why: '' },
    action: 'run_import',
    words: 'It is imported in the next window, 3-5 AM (America/New_York).',
  },
  {
    title: 'a file in its window',
    now: IN_OVERNIGHT,
    settings: { schedule: forEachWindow(true) },
    fate: { kind: 'open_window', window: 'overnight', timeZone: TIME_ZONE, why: '' },
    action: 'run_import',
    words: 'It is imported in the window that is open now, 3-5 AM (America/New_York).',
  },
  {
    title: 'a file that the last run could not import',
    facts: { verdict: 'waiting', verdictReason: 'The run was aborted.' },
    fate: { kind: 'next_window', window: 'overnight', timeZone: TIME_ZONE, why: 'The run was aborted.' },
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

test('what a run may take is exactly what waits for its turn', () => {
  const turns = ['not_set_up', 'no_window', 'open_window', 'next_window']
  for (const given of cases)
    expect(obstacleOf(factsIn(given), settingsIn(given)), given.title).toEqual(
      turns.includes(fateIn(given).kind) ? null : fateIn(given),
    )
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
    ...['studentdata.csv', 'Staff.csv'].map((name) => ({
      title: `the name ${name}`,
      path: `/imports/${name}`,
      words: `${name} is not imported: its name does not begin with StudentData.`,
    })),
    {
      title: 'another extension',
      path: '/imports/StudentData.txt',
      namePrefix: 'StudentData.csv',
      words: 'StudentData.txt is not imported: its name does not begin with StudentData.csv.',
    },
    ...['/StudentData.csv', '/Staff.csv', '/a.part'].map((path) => ({
      title: `nothing of ${path}, outside the File Path`,
      path,
      words: '',
    })),
  ]
  for (const { title, words, ...given } of replies)
    test(title, () => {
      const { path } = factsIn(given)
      const fate = fateOfArrival(path, settingsIn(given), outlookIn(given))
      expect(fate).toEqual(fateIn(given))
      expect(replyWords(path.slice(path.lastIndexOf('/') + 1), fate)).toBe(words)
    })
})
