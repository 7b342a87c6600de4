import { readFile, writeFile } from 'node:fs/promises'
import { type RuleOutcomes, ruleOutcomes } from '../test/support/rule-outcomes.ts'

/** Rewrites the golden file of the rules. New cases are added freely; a changed outcome needs a raised RULES_VERSION. */
const file = new URL('../test/ingest/reading/unchanged/rules.golden.json', import.meta.url)
const before: RuleOutcomes | null = await readFile(file, 'utf8').then(JSON.parse, () => null)
const now = await ruleOutcomes()
const changed = Object.keys(now.digests).filter(
  (rule) => before?.digests[rule] !== undefined && before.digests[rule] !== now.digests[rule],
)
if (
  before &&
  changed.length > 0 &&
  now.rulesVersion <= before.rulesVersion &&
  now.phoneMetadata === before.phoneMetadata
) {
  console.error(`These records mean something else now:\n  ${changed.join('\n  ')}`)
  console.error(`Raise RULES_VERSION in ingest/reading/unchanged/record-salt.ts above ${before.rulesVersion} first.`)
  process.exit(1)
}
await writeFile(file, `${JSON.stringify(now, null, 2)}\n`)
