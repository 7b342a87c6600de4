import type { WarningCode } from '../../model/codes.ts'
import { KEPT_WARNINGS, type Stage } from './stage.ts'

/** Gives a warning to each row (line, contact_id, message) of the query `from`, whose parameters are `values`. */
export async function warnFrom(stage: Stage, code: WarningCode, from: string, values: unknown[]): Promise<void> {
  const [batch, kind] = [`$${values.length + 1}`, `$${values.length + 2}`]
  // Counted by a window over all, so that the cut does not make the count wrong.
  const { rows } = await stage.client.query(
    `with said as (select *, count(*) over () as n from (${from}) found order by line limit ${KEPT_WARNINGS}),
      kept as (
        insert into record_warning (batch_id, line, code, contact_id, message)
          select ${batch}, line, ${kind}, contact_id, message from said
      )
    select coalesce(max(n), 0)::int as n from said`,
    [...values, stage.batchId, code],
  )
  stage.count(code, rows[0].n)
}
