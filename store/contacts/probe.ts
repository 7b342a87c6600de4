import type { PoolClient } from 'pg'
import { copyText } from '../copy.ts'

/** Looks up which records are new, known, or the very ones from which their contacts were last imported. */
export class Probe {
  readonly #client: PoolClient
  readonly #teamId: number
  #last: Promise<unknown> = Promise.resolve()

  constructor(client: PoolClient, teamId: number) {
    this.#client = client
    this.#teamId = teamId
  }

  async open(): Promise<void> {
    await this.#client.query(
      'create temp table probe (number integer not null, contact_id text not null, hash bigint not null) on commit drop',
    )
    // A plan that reads all contacts for each chunk looks cheaper than it is, and would make a large file quadratic.
    for (const way of ['hashjoin', 'mergejoin', 'seqscan', 'bitmapscan'])
      await this.#client.query(`set local enable_${way} to off`)
  }

  async close(): Promise<void> {
    for (const way of ['hashjoin', 'mergejoin', 'seqscan', 'bitmapscan'])
      await this.#client.query(`set local enable_${way} to default`)
    await this.#client.query('drop table probe')
  }

  /** `text` holds lines (number, Contact ID, hash) for COPY; answers `n` (new), `u` (unchanged) or `k` (known otherwise) for each, in the order of the numbers. */
  look(text: Uint8Array): Promise<string> {
    // One table serves all chunks, one after the other.
    const found = this.#last.then(() => this.#look(text))
    this.#last = found.catch(() => {})
    return found
  }

  async #look(text: Uint8Array): Promise<string> {
    await this.#client.query('truncate probe')
    await copyText(this.#client, 'copy probe from stdin', text)
    const { rows } = await this.#client.query(
      `select string_agg(
        case when c.contact_id is null then 'n' when c.record_hash = p.hash then 'u' else 'k' end, '' order by p.number
      ) as found
      from probe p left join contact c on c.team_id = $1 and c.contact_id = p.contact_id`,
      [this.#teamId],
    )
    return rows[0].found ?? ''
  }
}

/** Whether nothing need be looked up. */
export async function hasContacts(client: PoolClient, teamId: number): Promise<boolean> {
  const { rows } = await client.query('select exists (select from contact where team_id = $1) as found', [teamId])
  return rows[0].found
}

export async function staffIdsOf(client: PoolClient, teamId: number): Promise<string[]> {
  const { rows } = await client.query('select lower(staff_id) as staff_id from team_user where team_id = $1', [teamId])
  return rows.map((row) => row.staff_id)
}
