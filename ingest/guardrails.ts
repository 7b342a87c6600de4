import type { WarningCode } from '../model/codes.ts'
import type { BatchChanges, BatchCounts, GuardrailFinding } from '../model/run.ts'
import { figure } from '../model/wording/figure.ts'
import { quoted } from './records/cell.ts'

export interface GuardrailFacts {
  counts: BatchCounts
  changes: BatchChanges
  /** How many records the last good files of this prefix had. */
  earlierRecords: readonly number[]
}

/** The median of this many files is the usual size. */
export const GOOD_FILES_COMPARED = 5

/** People can check fewer contacts or records than this one by one. */
const FLOOR = 200

const MOST_ERRORS = 0.2
const FEWEST_RECORDS = 0.5
const MOST_CHANGED = 0.75
const MOST_MOBILES_CHANGED = 0.1
const MOST_CLEARED = 0.25
const MOST_OPTED_IN = 0.01
const MOST_KNOWN_NUMBERS = 0.01
/** A damaged key hurts people who said STOP, so fewer of them count. */
const FEWEST_KNOWN_NUMBERS = 20
/** At most this many damaged Contact IDs are named. */
const NAMED = 3

/** The warning of each rule where guardrails only warn; errors speak for themselves. */
export const GUARDRAIL_WARNINGS: Record<GuardrailFinding['rule'], WarningCode | null> = {
  errors: null,
  record_count_drop: 'W_RECORD_COUNT_DROP',
  mass_change: 'W_MASS_CHANGE',
  mobiles_changed: 'W_MASS_CHANGE',
  field_cleared: 'W_FIELD_MASS_CLEARED',
  opted_in: 'W_MASS_CHANGE',
  known_numbers: 'W_MASS_CHANGE',
  // This already has a warning.
  opt_out_column_absent: null,
  unconfirmed: null,
}

/**
 * What is suspicious about a batch, measured against the database as it is. A team without contacts has nothing to
 * compare with.
 */
export function guardrailFindings({ counts, changes, earlierRecords }: GuardrailFacts): GuardrailFinding[] {
  const { contactsBefore, matched, mobilesChanged, cleared, firstFilled, knownNumbers, optedInUnasked } = changes
  const findings: GuardrailFinding[] = []
  if (optedInUnasked > 0)
    findings.push({
      rule: 'opt_out_column_absent',
      message: `The file does not have the opt-out column, and ${figure(optedInUnasked)} ${optedInUnasked === 1 ? 'contact' : 'contacts'} would be created opted in.`,
    })
  if (contactsBefore === 0) return findings
  const find = (rule: GuardrailFinding['rule'], share: number, of: number, most: number, message: string) => {
    if (share >= FLOOR && share > of * most) findings.push({ rule, message })
  }
  find(
    'errors',
    counts.rejected,
    counts.records,
    MOST_ERRORS,
    `${figure(counts.rejected)} of ${figure(counts.records)} records (${percent(counts.rejected, counts.records)}) have errors.`,
  )
  const usual = median(earlierRecords)
  if (usual !== null && counts.records < usual * FEWEST_RECORDS && usual - counts.records >= FLOOR)
    findings.push({
      rule: 'record_count_drop',
      message: `The file has ${figure(counts.records)} records; the last files had ${figure(usual)} (median).`,
    })
  // A newly mapped field changes every contact that has it.
  const changed = counts.updated - firstFilled
  find(
    'mass_change',
    changed,
    contactsBefore,
    MOST_CHANGED,
    `${figure(changed)} of the team's ${figure(contactsBefore)} contacts (${percent(changed, contactsBefore)}) would change.`,
  )
  find(
    'mobiles_changed',
    mobilesChanged,
    matched,
    MOST_MOBILES_CHANGED,
    `${figure(mobilesChanged)} of ${figure(matched)} known contacts (${percent(mobilesChanged, matched)}) would get another mobile number.`,
  )
  for (const [field, { had, cleared: lost }] of Object.entries(cleared))
    find(
      'field_cleared',
      lost,
      had,
      MOST_CLEARED,
      `${field} would be cleared for ${figure(lost)} of the ${figure(had)} contacts that have it (${percent(lost, had)}).`,
    )
  find(
    'opted_in',
    counts.optedIn,
    matched,
    MOST_OPTED_IN,
    `${figure(counts.optedIn)} of ${figure(matched)} known contacts (${percent(counts.optedIn, matched)}) would be opted in again.`,
  )
  if (knownNumbers >= FEWEST_KNOWN_NUMBERS && knownNumbers > counts.created * MOST_KNOWN_NUMBERS)
    findings.push({
      rule: 'known_numbers',
      message: `${figure(knownNumbers)} of ${figure(counts.created)} new contacts (${percent(knownNumbers, counts.created)}) have the mobile number of a known contact: the Contact IDs may be damaged.${named(changes.lookAlikes)}`,
    })
  return findings
}

function named(lookAlikes: GuardrailFacts['changes']['lookAlikes']): string {
  if (lookAlikes.length === 0) return ''
  const pairs = lookAlikes
    .slice(0, NAMED)
    .map(({ contactId, known }) => `${quoted(contactId)} is known as ${quoted(known)}`)
  return ` ${pairs.join(', ')}.`
}

function median(numbers: readonly number[]): number | null {
  if (numbers.length === 0) return null
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)] as number
  return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

function percent(share: number, of: number): string {
  return of === 0 ? 'all' : `${((100 * share) / of).toLocaleString('en-US', { maximumFractionDigits: 1 })} %`
}
