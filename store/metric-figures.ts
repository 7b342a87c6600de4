import { sql } from 'kysely'
import type { Database } from './postgres/database.ts'

/** For monitoring; covers every team that the caller may see. */
export interface Figures {
  uploads: { source: string; state: string; count: number }[]
  runs: { state: string; count: number }[]
  records: Record<'created' | 'updated' | 'unchanged' | 'rejected' | 'superseded', number>
  slots: { state: string; count: number }[]
  mails: { state: string; count: number }[]
  runsWaiting: number
  /** Null for a team that never had an import. */
  lastImports: { team: string; seconds: number | null }[]
}

export async function figures(db: Database): Promise<Figures> {
  const count = sql<number>`count(*)`.as('count')
  const [uploads, runs, records, slots, mails, waiting, lastImports] = await Promise.all([
    db
      .selectFrom('upload')
      .select(['source', sql<string>`coalesce(no_room, state)`.as('state'), count])
      .groupBy(['source', sql`coalesce(no_room, state)`])
      .execute(),
    db.selectFrom('run').select(['state', count]).groupBy('state').execute(),
    db
      .selectFrom('batch')
      .select(
        (['created', 'updated', 'unchanged', 'rejected', 'superseded'] as const).map((outcome) =>
          sql<number>`coalesce(sum(${sql.ref(outcome)}), 0)::bigint`.as(outcome),
        ),
      )
      .where('state', 'in', ['imported', 'imported_with_errors', 'undone'])
      .executeTakeFirstOrThrow(),
    db.selectFrom('slot').select(['state', count]).groupBy('state').execute(),
    db.selectFrom('mail').select(['state', count]).groupBy('state').execute(),
    db
      .selectFrom('run')
      .select(count)
      .where('state', '=', 'queued')
      .where('waits_for_room', '=', true)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('team')
      .select([
        'team',
        sql<number | null>`extract(epoch from now() - (select max(finished_at) from batch
          where team_id = team.id and state in ('imported', 'imported_with_errors')))::double precision`.as('seconds'),
      ])
      .orderBy('team')
      .execute(),
  ])
  return {
    uploads,
    runs,
    records: records as Figures['records'],
    slots,
    mails,
    runsWaiting: waiting.count,
    lastImports,
  }
}
