import { expect, test } from 'vitest'
import { checkLines } from '../../../ingest/telling/check-lines.ts'
import type { FileCheck } from '../../../model/check.ts'
import { NO_CHANGES, NO_COUNTS } from '../../../model/run.ts'

const CHECK: FileCheck = {
  ...{ path: '/imports/a.csv', fileName: 'a.csv', bytes: 1, settingsVersion: 1, problem: null, sha256: null },
  counts: { ...NO_COUNTS, records: 1250, created: 1249, rejected: 1, imported: 1249 },
  ...{
    warnings: {},
    changes: NO_CHANGES,
    guardrails: { findings: [], held: false },
    samples: [],
    errors: [],
    columns: [],
  },
  ...{ optOutValues: null, otherOptOutValues: 0, counted: { records: 1250, each: 1 } },
}
const COUNTS = 'records=1250 imported=1249 created=1249 updated=0 unchanged=0 rejected=1 superseded=0'
const SENTENCE = '1,249 of 1,250 records would be imported; 1 has errors.'
const sample = (line: number) => ({ line, contactId: null, message: `It is wrong on ${line}.`, values: [] })

const cases: { title: string; check: Partial<FileCheck>; lines: string[] }[] = [
  { title: 'counts', check: {}, lines: [`would_be_imported ${COUNTS}`, SENTENCE] },
  {
    title: 'a file that cannot be imported',
    check: { problem: { code: 'F_EMPTY', message: 'The file is empty.' } },
    lines: ['rejected code=F_EMPTY', 'The file is empty.'],
  },
  {
    title: 'an import that would be held',
    check: {
      guardrails: { findings: [{ rule: 'errors', message: 'Half of the records have errors.' }], held: true },
    },
    lines: [
      `would_be_held ${COUNTS}`,
      SENTENCE,
      'The import would be held for approval. Half of the records have errors.',
    ],
  },
  {
    title: 'warnings and the first errors by line',
    check: {
      warnings: { W_NO_RECORDS: 1 },
      errors: [
        { code: 'E_QUOTE', field: null, records: 1, samples: [sample(9)] },
        { code: 'E_MOBILE_INVALID', field: 'Mobile Number', records: 12, samples: [sample(3), sample(20)] },
      ],
    },
    lines: [
      ...[`would_be_imported ${COUNTS}`, SENTENCE, 'W_NO_RECORDS 1 (the file holds a header and no records)'],
      ...['E_QUOTE: 1', 'E_MOBILE_INVALID Mobile Number: 12', 'Line 3: E_MOBILE_INVALID It is wrong on 3.'],
      ...['Line 9: E_QUOTE It is wrong on 9.', 'Line 20: E_MOBILE_INVALID It is wrong on 20.'],
    ],
  },
]
for (const { title, check, lines } of cases)
  test(`a check tells ${title}`, () => expect(checkLines({ ...CHECK, ...check })).toEqual(lines))
