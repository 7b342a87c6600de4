import { isDeepStrictEqual } from 'node:util'
import type { ImportSettings } from '../model/import-settings.ts'
import type { BatchCounts, GuardrailFinding, HeldBatch } from '../model/run.ts'
import type { Team } from '../model/team.ts'
import type { Database } from '../store/postgres/database.ts'
import { recordsOfGoodFiles } from '../store/runs/batches.ts'
import type { BatchResult } from './batch.ts'
import { GOOD_FILES_COMPARED, guardrailFindings } from './guardrails.ts'

/** What the guardrails find in a batch whose records are applied, or would be; nothing while they are off. */
export async function batchFindings(
  tx: Database,
  { team, settings }: { team: Team; settings: ImportSettings },
  { counts, changes }: Pick<BatchResult, 'counts' | 'changes'>,
): Promise<GuardrailFinding[]> {
  if (settings.guardrails === 'off') return []
  const earlierRecords = await recordsOfGoodFiles(tx, team.id, settings.file.namePrefix, GOOD_FILES_COMPARED)
  return guardrailFindings({ counts, changes, earlierRecords })
}

/**
 * The import does what the person saw who approved it. Of an upload that nobody confirmed no figures were shown, so
 * the guardrails must find nothing else.
 */
export function isAsShown(
  shown: Pick<HeldBatch, 'counts' | 'findings'>,
  now: { counts: BatchCounts; findings: readonly GuardrailFinding[] },
): boolean {
  const findings = shown.findings.filter(({ rule }) => rule !== 'unconfirmed')
  const unseen = findings.length < shown.findings.length && shown.counts.records === 0
  return isDeepStrictEqual(findings, now.findings) && (unseen || isDeepStrictEqual(shown.counts, now.counts))
}
