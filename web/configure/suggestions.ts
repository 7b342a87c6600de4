import { likelyName } from '../../ingest/proposing/likely-name.ts'
import { PROPOSED_FIELDS, type ProposedField } from '../../ingest/proposing/name-signs.ts'
import type { OptOutWords } from '../../ingest/proposing/opt-out-words.ts'
import { type Confidence, type Proposals, proposeColumns } from '../../ingest/proposing/propose-columns.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import { columnsOf, draftOf, flatDraft, MAPPED_FIELDS, type SettingsDraft } from './settings-draft.ts'

interface Columns {
  columns: string[]
  samples: string[][]
}

/** What the newest file offers for each standard field and for the opt-out preference. */
export function proposalsOf(newest: Columns | null): Proposals {
  if (!newest) return {}
  return proposeColumns(newest.columns.map((name, index) => ({ name, values: newest.samples[index] ?? [] })))
}

/** The form of a team that has mapped nothing yet: sure proposals are chosen in it. Nothing is saved. Null: none is sure. */
export function withProposals(draft: SettingsDraft, proposals: Proposals): SettingsDraft | null {
  if (!PROPOSED_FIELDS.some((field) => proposals[field]?.confidence === 'confident')) return null
  const sure = (field: ProposedField) =>
    proposals[field]?.confidence === 'confident' ? (proposals[field]?.column ?? '') : ''
  const { optOutWords } = proposals
  const optOut = optOutWords && sure('optOut')
  return {
    ...draft,
    fields: Object.fromEntries(MAPPED_FIELDS.map((field) => [field, sure(field)])) as SettingsDraft['fields'],
    texts: optOut
      ? {
          ...draft.texts,
          'optOut.column': optOut,
          'optOut.optInValue': optOutWords.optInValue,
          'optOut.optOutValue': optOutWords.optOutValue,
        }
      : draft.texts,
  }
}

export function hasMapping({ fields, optOut, additionalFields }: ImportSettings): boolean {
  return Object.values(fields).some((column) => column !== null) || optOut !== null || additionalFields.length > 0
}

/** The field that a setting such as `fields.mobileNumber` or `optOut.column` maps; null for an additional field. */
function fieldOf(setting: string): ProposedField | null {
  if (setting === 'optOut.column') return 'optOut'
  return MAPPED_FIELDS.find((field) => setting === `fields.${field}`) ?? null
}

/** What the page says beside the column of a setting. */
export type Suggestion =
  | { kind: 'chosen'; because: string }
  | { kind: 'offered'; column: string; confidence: Confidence | null; because: string | null }

/**
 * A column that was chosen by suggestion and is not saved yet, or one to offer: where no column is mapped, or the mapped one
 * is not in the newest file.
 */
export function suggestionFor(
  setting: string,
  column: string,
  {
    newest,
    proposals,
    saved,
    draft,
  }: { newest: Columns | null; proposals: Proposals; saved: ImportSettings; draft: SettingsDraft },
): Suggestion | null {
  if (!newest) return null
  const field = fieldOf(setting)
  const proposal = field === null ? undefined : proposals[field]
  const isSaved = (flatDraft(draftOf(saved))[setting] ?? '') !== ''
  const name = column.trim().toLowerCase()
  if (name !== '' && newest.columns.some((one) => one.toLowerCase() === name))
    return proposal?.column === column && !isSaved ? { kind: 'chosen', because: proposal.because } : null
  if (field === 'optOut' && name !== '' && !sameWords(draft, proposals.optOutWords)) return null
  const used = new Set(columnsOf(draft).map((one) => one.trim().toLowerCase()))
  const free = newest.columns.filter((one) => !used.has(one.toLowerCase()))
  if (proposal && free.includes(proposal.column)) return { kind: 'offered', ...proposal }
  const likely = name === '' ? null : likelyName(field, column, free)
  return likely === null ? null : { kind: 'offered', column: likely, confidence: null, because: null }
}

/** In the place of "SMS Opt Out" a column "SMS Opt In" would be read the wrong way round. */
function sameWords({ texts }: SettingsDraft, words: OptOutWords | undefined): boolean {
  const same = (typed: string, found: string) => typed.trim().toLowerCase() === found.trim().toLowerCase()
  return (
    words !== undefined &&
    same(texts['optOut.optInValue'], words.optInValue) &&
    same(texts['optOut.optOutValue'], words.optOutValue)
  )
}
