import { CompiledQuery } from 'kysely'
import pg from 'pg'
import type { Database } from './database.ts'

/** Sends a statement with its parameters; answers its rows. */
export type Prepared<Row> = (db: Database, ...parameters: readonly unknown[]) => Promise<Row[]>

/**
 * A statement that is sent so often that to build, parse and plan it anew each time would show: each connection does so
 * once, under this name.
 */
export function prepared<Row>(name: string, text: string): Prepared<Row> {
  const marked = `/* prepared ${name} */ ${text}`
  return async (db, ...parameters) => (await db.executeQuery<Row>(CompiledQuery.raw(marked, [...parameters]))).rows
}

const MARK = /^\/\* prepared (\w+) \*\//

/** A connection that keeps what `prepared` marks. */
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
