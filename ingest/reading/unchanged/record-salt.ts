import { createHash } from 'node:crypto'
import type { ColumnMapping } from '../../records/column-mapping.ts'
import { PHONE_METADATA_VERSION } from '../../records/mobile-number.ts'
import type { ReadingJob } from '../reading-job.ts'

/**
 * Raise it whenever the same record under the same settings has a new meaning; `npm run golden` then records the
 * new outcomes. A test fails where the outcomes change and this does not.
 */
export const RULES_VERSION = 7

/**
 * Everything beside the bytes of a record that decides what an import makes of it: were any of it to change, an unchanged
 * record would still need a look.
 */
export function recordSalt(
  { settings, staffIds }: Pick<ReadingJob, 'settings' | 'staffIds'>,
  mapping: ColumnMapping,
): string {
  const { width, fields, staffId, optOut, customFields } = mapping
  const facts = [
    RULES_VERSION,
    settings.version,
    settings.mobileCountries,
    PHONE_METADATA_VERSION,
    [width, fields, staffId, optOut, customFields],
    [...staffIds].sort(),
  ]
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex')
}
