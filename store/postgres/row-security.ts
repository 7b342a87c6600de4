import { AsyncLocalStorage } from 'node:async_hooks'
import { Kysely, PostgresDialect } from 'kysely'
import type pg from 'pg'
import type { TeamIds } from '../teams.ts'
import type { DatabasePool } from './database.ts'
import type { Tables } from './tables.ts'

/** Queries on behalf of people, each of which PostgreSQL confines to the teams of the asker. */
export interface Wall {
  /** Sees the teams of the `within` around the call; none outside of one. */
  readonly db: Kysely<Tables>
  /** Runs `work`, with all that it awaits, for a person who may see `teams`. */
  within<T>(teams: TeamIds, work: () => T): T
  close(): Promise<void>
}

/** `pool` belongs to the wall: it is the role of its connections that the policies bind. */
export function openWall({ pool }: Pick<DatabasePool, 'pool'>): Wall {
  const asker = new AsyncLocalStorage<TeamIds>()
  /** The teams last set on each connection. */
  const told = new WeakMap<pg.PoolClient, string>()
  const connect = async () => {
    const teams = asker.getStore() ?? []
    const seen = teams === 'all' ? 'all' : teams.join(',')
    const client = await pool.connect()
    if (told.get(client) === seen) return client
    try {
      await client.query("select set_config('rosterport.teams', $1, false)", [seen])
      told.set(client, seen)
      return client
    } catch (error) {
      client.release(true)
      throw error
    }
  }
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: { connect, end: async () => {}, options: pool.options } }),
  })
  return { db, within: (teams, work) => asker.run(teams, work), close: () => pool.end() }
}
