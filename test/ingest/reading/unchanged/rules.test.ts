import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type RuleOutcomes, ruleOutcomes } from '../../../support/rule-outcomes.ts'

/**
 * A contact whose record has the hash that it had before is not looked at again, and keeps what the rules made of it then.
 * So a rule that changes must change the salt of the hash.
 */
const golden: RuleOutcomes = JSON.parse(readFileSync(join(import.meta.dirname, 'rules.golden.json'), 'utf8'))
const outcomes = await ruleOutcomes()

test('the golden file was written by these rules and this release of the phone metadata (npm run golden)', () => {
  const { rulesVersion, phoneMetadata } = outcomes
  expect({ rulesVersion, phoneMetadata }).toEqual({
    rulesVersion: golden.rulesVersion,
    phoneMetadata: golden.phoneMetadata,
  })
})

test.each(Object.keys(outcomes.digests))('%s: means what it meant, or RULES_VERSION is raised', (rule) => {
  expect(
    outcomes.digests[rule],
    `records mean something else now: raise RULES_VERSION above ${golden.rulesVersion}, then npm run golden`,
  ).toBe(golden.digests[rule])
})
