import type { PoolClient } from 'pg'
import type { ErrorKind } from '../../model/check.ts'
import type { ErrorCounts } from '../../model/rejected-records.ts'

const SAMPLES = 3

/** The errors of a batch by what is wrong, most frequent first, each with its first records that are kept. */
export async function errorKinds(client: PoolClient, batchId: string, { kinds }: ErrorCounts): Promise<ErrorKind[]> {
  const { rows } = await client.query(
    `select code, field, line, contact_id, message, record_values from (
      select fault->>'code' as code, fault->>'field' as field, fault->>'message' as message, line, contact_id, record_values,
        row_number() over (partition by fault->>'code', fault->>'field' order by line) as place
      from record_error, jsonb_array_elements(errors) fault
      where batch_id = $1
    ) numbered
    where place <= ${SAMPLES}
    order by line`,
    [batchId],
  )
  const samplesOf = (code: string, field: string | null) =>
    rows
      .filter((row) => row.code === code && row.field === field)
      .map(({ line, contact_id, message, record_values }) => ({
        line: Number(line),
        contactId: contact_id,
        message,
        values: record_values,
      }))
  return kinds.map((kind) => ({ ...kind, samples: samplesOf(kind.code, kind.field) }))
}
