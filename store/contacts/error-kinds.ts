import type { PoolClient } from 'pg'
import type { ErrorKind } from '../../model/check.ts'

const SAMPLES = 3

/** The errors of a batch by what is wrong, most frequent first, each with its first records. */
export async function errorKinds(client: PoolClient, batchId: string): Promise<ErrorKind[]> {
  const { rows } = await client.query(
    `select code, field, records, line, contact_id, message, record_values from (
      select fault->>'code' as code, fault->>'field' as field, fault->>'message' as message, line, contact_id, record_values,
        (count(*) over kind)::int as records, row_number() over (kind order by line) as place
      from record_error, jsonb_array_elements(errors) fault
      where batch_id = $1
      window kind as (partition by fault->>'code', fault->>'field')
    ) numbered
    where place <= ${SAMPLES}
    order by records desc, code, field, line`,
    [batchId],
  )
  const kinds: ErrorKind[] = []
  for (const { code, field, records, line, contact_id, message, record_values } of rows) {
    let kind = kinds.at(-1)
    if (kind?.code !== code || kind?.field !== field) {
      kind = { code, field, records, samples: [] }
      kinds.push(kind)
    }
    kind?.samples.push({ line: Number(line), contactId: contact_id, message, values: record_values })
  }
  return kinds
}
