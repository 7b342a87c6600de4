import type { Pool } from 'pg'

/** Where PostgreSQL expects at least so many contacts, it does not take comparing each with each for cheap. */
const ENOUGH = 1_000

/**
 * Has PostgreSQL count the contacts where it believes that there are hardly any and is wrong, as for some time after the
 * last team was removed and another begins. Call before the transaction of an import, which would hold the
 * lock of that until its end.
 */
export async function learnSize(pool: Pool): Promise<void> {
  const { rows } = await pool.query(
    `select reltuples < ${ENOUGH}
      and (select count(*) from (select from contact limit ${2 * ENOUGH}) first_ones) > 2 * greatest(reltuples, 50) as wrong
    from pg_class where oid = 'contact'::regclass`,
  )
  if (rows[0].wrong) await pool.query('analyze contact')
}
