import { CompiledQuery, type Kysely } from 'kysely'
import pg from 'pg'
import type { Tables } from './tables.ts'

/** Sends a statement with its parameters; answers its rows. */
export type Prepared<Row> = (db: Kysely<Tables>, ...parameters: readonly unknown[]) => Promise<Row[]>

/**
 * A hot statement, prepared once per connection.
 */
export function prepared<Row>(name: string, text: string): Prepared<Row> {
  const marked = `/* prepared ${name} */ ${text}`
  return async (db, ...parameters) => (await db.executeQuery<Row>(CompiledQuery.raw(marked, [...parameters]))).rows
}

const MARK = /^\/\* prepared (\w+) \*\//

/** A connection that prepares the statements that `prepared` has marked. */
export class PreparingClient extends pg.Client {
  override query = ((first: unknown, ...rest: unknown[]) => {
    const name = typeof first === 'string' ? MARK.exec(first)?.[1] : undefined
    if (name === undefined) return this.#send(first, ...rest)
    const [values, ...others] = rest
    return this.#send({ name, text: first, values }, ...others)
  }) as pg.Client['query']

  #send(...given: unknown[]): unknown {
    return Reflect.apply(pg.Client.prototype.query, this, given)
  }
}
