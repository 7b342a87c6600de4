import { expect, test } from 'vitest'
import { type ImportSettings, UNSAVED_SETTINGS } from '../../../model/import-settings.ts'
import { draftOf } from '../../../web/configure/settings-draft.ts'
import { proposalsOf, suggestionFor } from '../../../web/configure/suggestions.ts'

const MAPPED: ImportSettings = {
  ...UNSAVED_SETTINGS,
  optOut: { column: 'SMS Opt Out', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' },
}

function suggested(header: string, values: string[], saved: ImportSettings) {
  const newest = { columns: [header], samples: [values] }
  const view = { newest, proposals: proposalsOf(newest), saved, draft: draftOf(saved) }
  return suggestionFor('optOut.column', saved.optOut?.column ?? '', view)
}

test('a renamed opt-out column is offered', () => {
  expect(suggested('TEXT_OPT_OUT', ['Y', 'N', 'N'], MAPPED)).toMatchObject({ kind: 'offered', column: 'TEXT_OPT_OUT' })
})

test('a column that says the same words the other way round is not offered in its place', () => {
  expect(suggested('TEXT_OPT_IN', ['Y', 'N', 'N'], MAPPED)).toBeNull()
  expect(suggested('SMS Opt In', ['Y', 'N', 'N'], MAPPED)).toBeNull()
})

test('where none is mapped, either is offered', () => {
  expect(suggested('TEXT_OPT_IN', ['Y', 'N', 'N'], UNSAVED_SETTINGS)).toMatchObject({ column: 'TEXT_OPT_IN' })
})
