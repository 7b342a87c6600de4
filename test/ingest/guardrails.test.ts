import { describe, expect, test } from 'vitest'
import { type GuardrailFacts, guardrailFindings } from '../../ingest/guardrails.ts'
import { NO_CHANGES, NO_COUNTS } from '../../model/run.ts'

/** A team of 10,000 contacts, a file of as many, nothing unusual about it. */
function facts(counts: Partial<GuardrailFacts['counts']>, more: Partial<GuardrailFacts> = {}): GuardrailFacts {
  return {
    counts: { ...NO_COUNTS, records: 10_000, ...counts },
    changes: { ...NO_CHANGES, contactsBefore: 10_000, matched: 10_000 },
    earlierRecords: [10_000, 9_900, 10_100],
    ...more,
  }
}
const changes = (more: Partial<GuardrailFacts['changes']>) => ({ changes: { ...facts({}).changes, ...more } })

describe('what guardrails find', () => {
  const cases: { title: string; facts: GuardrailFacts; rules: string[] }[] = [
    { title: 'nothing in a usual file', facts: facts({ updated: 7_500, rejected: 2_000 }), rules: [] },
    { title: 'errors in more than 20 % of the records', facts: facts({ rejected: 2_001 }), rules: ['errors'] },
    {
      title: 'nothing in errors that a person could look through',
      facts: facts({ records: 300, rejected: 199 }, { earlierRecords: [] }),
      rules: [],
    },
    {
      title: 'fewer than half the records of the last files',
      facts: facts({ records: 4_999 }),
      rules: ['record_count_drop'],
    },
    { title: 'nothing in half the records', facts: facts({ records: 5_000 }), rules: [] },
    {
      title: 'nothing in fewer records where no file came before',
      facts: facts({ records: 10 }, { earlierRecords: [] }),
      rules: [],
    },
    {
      title: 'a median that is not led astray by one file',
      facts: facts({ records: 500 }, { earlierRecords: [800, 900, 1_000_000, 850, 870] }),
      rules: [],
    },
    { title: 'more than 75 % of the contacts changed', facts: facts({ updated: 7_501 }), rules: ['mass_change'] },
    {
      title: 'mobile numbers changed for more than 10 %',
      facts: facts({}, changes({ mobilesChanged: 1_001 })),
      rules: ['mobiles_changed'],
    },
    {
      title: 'a field cleared for more than 25 % of those that had it',
      facts: facts(
        {},
        changes({ cleared: { Major: { had: 1_000, cleared: 251 }, Dorm: { had: 1_000, cleared: 250 } } }),
      ),
      rules: ['field_cleared'],
    },
    {
      title: 'more than 1 % opted in again',
      facts: facts({ optedIn: 201 }, changes({ matched: 20_000 })),
      rules: ['opted_in'],
    },
    {
      title: 'nothing in a field that is mapped for the first time',
      facts: facts({ updated: 9_000 }, changes({ firstFilled: 1_500 })),
      rules: [],
    },
    {
      title: 'changes beside a field that is mapped for the first time',
      facts: facts({ updated: 10_000 }, changes({ firstFilled: 2_000 })),
      rules: ['mass_change'],
    },
    {
      title: 'more than 1 % of the new contacts with the number of a known one',
      facts: facts({ created: 2_000 }, changes({ knownNumbers: 21 })),
      rules: ['known_numbers'],
    },
    { title: 'nothing in 1 % of them', facts: facts({ created: 2_000 }, changes({ knownNumbers: 20 })), rules: [] },
    {
      title: 'all of 20 new contacts',
      facts: facts({ created: 20 }, changes({ knownNumbers: 20 })),
      rules: ['known_numbers'],
    },
    {
      title: 'nothing in fewer than 20 that a person could look through',
      facts: facts({ created: 19 }, changes({ knownNumbers: 19 })),
      rules: [],
    },
    {
      title: 'a new contact opted in without its opt-out column, also in the first import of a team',
      facts: facts({ created: 1 }, changes({ contactsBefore: 0, matched: 0, optedInUnasked: 1 })),
      rules: ['opt_out_column_absent'],
    },
    {
      title: 'nothing in the first import of a team',
      facts: facts({ rejected: 9_000 }, { ...changes({ contactsBefore: 0, matched: 0 }), earlierRecords: [] }),
      rules: [],
    },
  ]
  for (const { title, facts, rules } of cases)
    test(title, () => expect(guardrailFindings(facts).map(({ rule }) => rule)).toEqual(rules))
})

test('a damaged Contact ID is named beside the known one', () => {
  const lookAlikes = ['9000', '9001', '9002', '9003'].map((contactId) => ({ contactId, known: `00${contactId}` }))
  const [finding] = guardrailFindings(facts({ created: 300 }, changes({ knownNumbers: 300, lookAlikes })))
  expect(finding?.message).toBe(
    '300 of 300 new contacts (100 %) have the mobile number of a known contact: the Contact IDs may be damaged. "9000" is known as "009000", "9001" is known as "009001", "9002" is known as "009002".',
  )
})

test('a finding tells the figures', () => {
  expect(guardrailFindings(facts({ rejected: 2_500 }))[0]?.message).toBe('2,500 of 10,000 records (25 %) have errors.')
})
