import { expect, test } from 'vitest'
import { type ImportSettings, importSettingsBody } from '../../../model/import-settings.ts'
import { teamPath } from '../../../model/team-path.ts'
import { bodyOfDraft, draftFromForm, draftOf, flatDraft } from '../../../web/configure/settings-draft.ts'
import { SETTINGS } from '../../support/service.ts'

/** The form as a browser sends it: no entry for a box that is not ticked. */
function sentForm(settings: ImportSettings): URLSearchParams {
  return new URLSearchParams(Object.entries(flatDraft(draftOf(settings))).filter(([, value]) => value !== ''))
}

const settingsOf = (changes: Partial<ImportSettings>): ImportSettings => ({ ...SETTINGS, ...changes, version: 3 })
const results = { path: teamPath('/results'), rejectedRecords: true }

for (const changes of [
  {},
  { results },
  { results: { ...results, rejectedRecords: false } },
  { optOut: null, silenceHours: null, additionalFields: [] },
  { webhook: { url: 'https://hooks.example.edu/' }, pauses: [{ from: '2026-12-21', to: '2027-01-04', why: 'break' }] },
])
  test(`a save of the untouched form changes nothing: ${JSON.stringify(changes)}`, () => {
    const { version, ...body } = settingsOf(changes)
    const saved = importSettingsBody.parse(bodyOfDraft(draftFromForm(sentForm({ ...body, version }))))
    expect(saved).toEqual(body)
  })
