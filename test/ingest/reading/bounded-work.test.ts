import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { FileContent } from '../../../ingest/formats/content.ts'
import { textEncoder } from '../../../ingest/formats/encoding.ts'
import { WORTH_A_THREAD } from '../../../ingest/reading/open-reader.ts'
import { BatchProblem } from '../../../ingest/records/batch-problem.ts'
import { DELIMITERS } from '../../../model/delimiters.ts'
import { KINDS_OF_TEXT, LongestBlock } from '../../support/longest-block.ts'
import { readFile, settingsOf } from '../../support/reading.ts'

const MOST_MS = 100
const CHUNK_BYTES = 64 * 1024
const blocks = new LongestBlock()

const HEADER = ['ID', 'First', 'Last', 'Mobile', 'Opt', 'Staff', 'Major', 'Other']
const RECORD = ['1', 'Ann', 'Lee', '716-555-0101', 'N', 's1', 'Art', 'x']
const SETTINGS = {
  optOut: { column: 'Opt', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' as const },
  additionalFields: [{ name: 'Major', column: 'Major', required: false, mergeable: true, visibleToUser: true }],
  fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Mobile', staffId: 'Staff' },
}

/** As a disk gives it: other work may be done between two chunks. */
function slowly(bytes: Buffer): FileContent {
  return {
    bytes: bytes.length,
    async *read(start = 0) {
      for (let at = start; at < bytes.length; at += CHUNK_BYTES) {
        await setImmediate()
        yield Buffer.from(bytes.subarray(at, at + CHUNK_BYTES))
      }
      await setImmediate()
    },
  }
}

const refused = (error: unknown) => {
  if (!(error instanceof BatchProblem)) throw error
}

for (const delimiter of ['comma', 'tab'] as const)
  for (const encoding of ['auto', 'utf-16', 'windows-1252'] as const)
    test(`the longest value of any column of a ${encoding} ${delimiter} file holds up nobody for ${MOST_MS} ms`, async () => {
      const { character } = DELIMITERS[delimiter]
      const encode = textEncoder(encoding)
      const settings = settingsOf({ ...SETTINGS, file: { delimiter, encoding } })
      const found: string[] = []
      // A larger file is read in a thread of its own.
      const bytes = WORTH_A_THREAD / (encoding === 'utf-16' ? 2 : 1) - 500
      for (const [kind, textOf] of Object.entries(KINDS_OF_TEXT))
        for (const [inLine, lineOf] of [
          ['header', (index: number, text: string) => [HEADER.with(index, text), RECORD]],
          ['record', (index: number, text: string) => [HEADER, RECORD.with(index, text)]],
          ['quoted record', (index: number, text: string) => [HEADER, RECORD.with(index, `"${text.slice(2)}""\n"`)]],
        ] as const)
          for (const [index, column] of HEADER.entries()) {
            // What a column means is the same in every encoding.
            if (encoding !== 'auto' && index > 0) continue
            const text = textOf(bytes).replaceAll(character, ';')
            const lines = lineOf(index, text).map((line) => line.join(character))
            const content = slowly(encode(`${lines.join('\n')}\n`))
            const milliseconds = await blocks.leastOf(() => readFile(content, settings).catch(refused), MOST_MS)
            if (milliseconds > MOST_MS)
              found.push(`${kind} in ${column} of the ${inLine}: ${Math.round(milliseconds)} ms`)
          }
      expect(found).toEqual([])
    })
