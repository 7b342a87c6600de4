import { expect, test } from 'vitest'
import { MatchingFiles } from '../../../../web/configure/sections/matching-files.tsx'
import type { ConfigureView } from '../../../../web/configure/view.ts'

/** The card, with one file of this name. */
function cardOf(name: string, prefix: string, path = '/in'): string {
  const view = {
    team: { timeZone: 'UTC' },
    now: new Date(0),
    draft: { texts: { 'file.namePrefix': prefix, 'file.path': path } },
    files: [
      { candidate: { name, state: 'ready', receivedAt: new Date(0), bytes: 1 }, fate: { kind: 'no_window', why: '' } },
    ],
  } as unknown as ConfigureView
  return String(<MatchingFiles view={view} />)
}

test('a file matches whether its accents are letters of their own or not, as for a run', () => {
  for (const name of ['Étudiants_1.csv', 'Étudiants_1.csv'.normalize('NFD')])
    for (const prefix of ['Étudiants', 'Étudiants'.normalize('NFD')]) {
      const card = cardOf(name, prefix)
      expect(card).toContain('<mark>Étudiants</mark>_1.csv')
    }
  expect(cardOf('Autres.csv', 'Étudiants')).not.toContain('<mark>')
})

test('a path that ends like a file and an empty prefix are doubted, other ones are not', () => {
  for (const path of ['/in/Data.csv', '/Data.txt', '/a/b.TSV'])
    expect([path, cardOf('a.csv', 'a', path)]).toEqual([path, expect.stringContaining('This looks like a file name.')])
  expect(cardOf('a.csv', 'a', '/in/Data.csv')).toContain('Did you mean <code>/in</code>?')
  expect(cardOf('a.csv', 'a', '/Data.csv')).toContain('Did you mean <code>/</code>?')
  for (const path of ['/in', '/', '/2026.10.14', '/in.d/.csv', ''])
    expect([path, cardOf('a.csv', 'a', path)]).not.toEqual([path, expect.stringContaining('looks like a file name')])
  expect(cardOf('a.csv', '')).toContain('Every file in <code>/in</code> will be imported.')
  expect(cardOf('a.csv', 'a')).not.toContain('no File Name Prefix')
})
