import { expect, test } from 'vitest'
import { type ImportSettings, importSettingsBody } from '../../../model/import-settings.ts'
import { teamPath } from '../../../model/team-path.ts'
import { aliasName, bodyOfDraft, draftFromForm, draftOf, flatDraft } from '../../../web/configure/settings-draft.ts'
import { SETTINGS } from '../../support/service.ts'

/** The form as a browser sends it: no entry for a box that is not ticked. */
function sentForm(settings: ImportSettings): URLSearchParams {
  const flat = flatDraft(draftOf(settings))
  for (const [field, names] of Object.entries(settings.aliases))
    for (const [at, alias] of names.entries()) flat[aliasName(field, at)] = alias
  return new URLSearchParams(Object.entries(flat).filter(([, value]) => value !== ''))
}

const settingsOf = (changes: Partial<ImportSettings>): ImportSettings => ({ ...SETTINGS, ...changes, version: 3 })
const results = { path: teamPath('/results'), rejectedRecords: true }

for (const changes of [
  {},
  { results },
  { results: { ...results, rejectedRecords: false } },
  { optOut: null, silenceHours: null, additionalFields: [] },
  {
    additionalFields: ['constructor', '__proto__'].map((name) => ({
      ...{ name, column: `C ${name}`, required: false, mergeable: true, visibleToUser: true },
    })),
    aliases: JSON.parse('{"constructor":["X"],"mobileNumber":["CELL"]}'),
  },
  { webhook: { url: 'https://hooks.example.edu/' }, pauses: [{ from: '2026-12-21', to: '2027-01-04', why: 'break' }] },
])
  test(`a save of the untouched form changes nothing: ${JSON.stringify(changes)}`, () => {
    const { version, ...body } = settingsOf(changes)
    const saved = importSettingsBody.parse(bodyOfDraft(draftFromForm(sentForm({ ...body, version }))))
    expect(saved).toEqual(body)
  })
