import { sql } from 'kysely'
import type { Log } from '../log.ts'
import { DAY_MS } from '../model/time.ts'
import type { Database, DatabasePool } from './postgres/database.ts'

/** The audit is kept this long. */
const AUDIT_DAYS = 400

/** Ends what the audit has held for long enough; only the owner of the tables may. */
export async function trimAudit(db: Database): Promise<void> {
  await sql`delete from audit where at < now() - make_interval(days => ${AUDIT_DAYS})`.execute(db)
}

/** Trims each day, on a connection that `open` makes for it alone. Answers how this is stopped. */
export function trimAuditDaily(
  open: () => Pick<DatabasePool, 'db' | 'close'>,
  log: Log,
  everyMs = DAY_MS,
): () => Promise<void> {
  const trim = async () => {
    const { db, close } = open()
    await trimAudit(db).finally(close)
  }
  let trimming = Promise.resolve()
  const timer = setInterval(() => {
    trimming = trim().catch((error) => log.warn({ err: error }, 'trimming the audit failed'))
  }, everyMs)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await trimming
  }
}
