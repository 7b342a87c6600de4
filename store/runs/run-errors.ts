import { sql } from 'kysely'
import type { ErrorCode, WarningCode } from '../../model/codes.ts'
import { ErrorTally } from '../../model/rejected-records.ts'
import type { Database } from '../postgres/database.ts'
import type { MailRecipient } from '../postgres/tables.ts'

/** A rejected record as an example of what its error looks like. */
export interface ErrorSample {
  batchId: string
  line: number
  contactId: string | null
  message: string
  values: string[]
}

/** Records of a run that were rejected for the same reason. */
export interface ErrorGroup {
  code: ErrorCode
  field: string | null
  records: number
  samples: ErrorSample[]
}

const SAMPLES = 3
/** Samples are taken from so many errors of a batch: a page is no error file. */
export const ERRORS_LOOKED_AT = 5_000

/** The errors of some batches by code and field, most frequent first; all are counted, and some of those kept are samples. */
export async function errorGroups(db: Database, batchIds: readonly string[]): Promise<ErrorGroup[]> {
  if (batchIds.length === 0) return []
  const found = await groupsOfKept(db, batchIds)
  const batches = await db
    .selectFrom('batch')
    .select('error_counts')
    .where('id', '=', sql<string>`any(${[...batchIds]}::uuid[])`)
    .where('rejected', '>', 0)
    .execute()
  const tally = new ErrorTally()
  for (const { error_counts } of batches) {
    // An earlier version did not count them.
    if (!error_counts) return found
    tally.add(error_counts)
  }
  return tally.counts().kinds.map((kind) => {
    const group = found.find(({ code, field }) => code === kind.code && field === kind.field)
    return { ...kind, samples: group?.samples ?? [] }
  })
}

async function groupsOfKept(db: Database, batchIds: readonly string[]): Promise<ErrorGroup[]> {
  const { rows } = await sql<ErrorGroup>`
    with looked as (
      select record_error.* from unnest(${[...batchIds]}::uuid[]) batch (id) cross join lateral (
        select * from record_error where batch_id = batch.id order by line limit ${ERRORS_LOOKED_AT}
      ) record_error
    ), fault as (
      select batch_id, line, contact_id, fault->>'code' as code, fault->>'field' as field, fault->>'message' as message,
        row_number() over (partition by fault->>'code', fault->>'field' order by batch_id, line) as nth,
        count(*) over (partition by fault->>'code', fault->>'field') as records
      from looked, jsonb_array_elements(errors) fault
    )
    select code, field, max(fault.records)::integer as records,
      json_agg(json_build_object('batchId', batch_id, 'line', line, 'contactId', fault.contact_id, 'message', message,
        'values', (select record_values from record_error where record_error.batch_id = fault.batch_id and record_error.line = fault.line))
        order by nth) as samples
    from fault where nth <= ${SAMPLES} group by code, field order by 3 desc, code, field`.execute(db)
  return rows
}

export interface WarningGroup {
  code: WarningCode
  message: string
}

/** One sentence for each kind of warning. */
export async function warningExamples(db: Database, batchIds: readonly string[]): Promise<WarningGroup[]> {
  if (batchIds.length === 0) return []
  const { rows } = await sql<WarningGroup>`
    select distinct on (code) code, message from unnest(${[...batchIds]}::uuid[]) batch (id) cross join lateral (
      select code, message from record_warning where batch_id = batch.id order by line limit ${ERRORS_LOOKED_AT}
    ) warning order by code`.execute(db)
  return rows
}

/** The recap of a batch as it was sent, or is to be. */
export interface RecapMail {
  batchId: string
  state: 'waiting' | 'queued' | 'sent' | 'failed'
  recipients: MailRecipient[]
  attempts: number
  nextAttemptAt: Date
  lastError: string | null
  sentAt: Date | null
}

export async function recapMails(db: Database, batchIds: readonly string[]): Promise<RecapMail[]> {
  if (batchIds.length === 0) return []
  const rows = await db
    .selectFrom('mail')
    .selectAll()
    .where('kind', '=', 'recap')
    .where('batch_id', '=', sql<string>`any(${[...batchIds]}::uuid[])`)
    .execute()
  return rows.map((row) => ({
    batchId: row.batch_id as string,
    state: row.state,
    recipients: row.recipients,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    lastError: row.last_error,
    sentAt: row.sent_at,
  }))
}

/** The headers of the files of some batches, by batch. */
export async function batchHeaders(db: Database, batchIds: readonly string[]): Promise<Map<string, string[]>> {
  if (batchIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('batch')
    .select(['id', 'header'])
    .where('id', '=', sql<string>`any(${[...batchIds]}::uuid[])`)
    .execute()
  return new Map(rows.flatMap(({ id, header }) => (header ? [[id, header] as const] : [])))
}
