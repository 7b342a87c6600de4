import { expect, test } from 'vitest'
import { MatchingFiles } from '../../../web/configure/matching-files.tsx'
import type { ConfigureView } from '../../../web/configure/view.ts'

/** The card, with one file of this name. */
function cardOf(name: string, prefix: string): string {
  const view = {
    team: { timeZone: 'UTC' },
    now: new Date(0),
    draft: { texts: { 'file.namePrefix': prefix, 'file.path': '/in' } },
    files: [{ candidate: { name, state: 'ready', receivedAt: new Date(0), bytes: 1 }, fate: { kind: 'taken' } }],
  } as unknown as ConfigureView
  return String(<MatchingFiles view={view} />)
}

test('a file matches whether its accents are letters of their own or not, as for a run', () => {
  for (const name of ['Étudiants_1.csv', 'Étudiants_1.csv'.normalize('NFD')])
    for (const prefix of ['Étudiants', 'Étudiants'.normalize('NFD')]) {
      const card = cardOf(name, prefix)
      expect(card).toContain('1 waiting')
      expect(card).toContain('<mark>Étudiants</mark>_1.csv')
    }
  expect(cardOf('Autres.csv', 'Étudiants')).toContain('0 waiting')
})
