import type { PoolClient } from 'pg'
import { giveBack } from '../../model/limits/give-back.ts'
import { TEAM } from './planning/planner.ts'

/** Records that are to be looked up: their Contact IDs as `textArray` and their hashes as `bigintArray`. */
export interface ProbeRequest {
  contactIds: Uint8Array
  hashes: Uint8Array
}

/** A plan that reads all contacts for each chunk looks cheaper than it is, and would make a large file quadratic. */
const WAYS_AROUND_THE_KEY = ['hashjoin', 'mergejoin', 'seqscan', 'bitmapscan']

/** Looks up which records are new, known, or the very ones from which their contacts were last imported. */
export class Probe {
  readonly #client: PoolClient
  readonly #teamId: number

  constructor(client: PoolClient, teamId: number) {
    this.#client = client
    this.#teamId = teamId
  }

  async open(): Promise<void> {
    for (const way of WAYS_AROUND_THE_KEY) await this.#client.query(`set local enable_${way} to off`)
  }

  async close(): Promise<void> {
    for (const way of WAYS_AROUND_THE_KEY) await this.#client.query(`set local enable_${way} to default`)
  }

  /** Uses the request up, and answers `n` (new), `u` (unchanged) or `k` (known otherwise) for each record, in their order. */
  async look({ contactIds, hashes }: ProbeRequest): Promise<string> {
    const { rows } = await this.#client.query(
      `select string_agg(
        case when c.contact_id is null then 'n' when c.record_hash = p.hash then 'u' else 'k' end, '' order by p.number
      ) as found
      from unnest($2::text[], $3::bigint[]) with ordinality p (contact_id, hash, number)
        left join contact c on c.team_id = ${TEAM} and c.contact_id = p.contact_id`,
      [this.#teamId, contactIds, hashes],
    )
    giveBack(contactIds)
    giveBack(hashes)
    return rows[0].found ?? ''
  }
}

/** Without any, nothing needs to be looked up. */
export async function hasContacts(client: PoolClient, teamId: number): Promise<boolean> {
  const { rows } = await client.query('select exists (select from contact where team_id = $1) as found', [teamId])
  return rows[0].found
}

export async function staffIdsOf(client: PoolClient, teamId: number): Promise<string[]> {
  const { rows } = await client.query('select lower(staff_id) as staff_id from team_user where team_id = $1', [teamId])
  return rows.map((row) => row.staff_id)
}
