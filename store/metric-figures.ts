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
  teams: { team: string; waiting: number; held: number; missed: number }[]
  imports: { team: string; state: string; count: number }[]
  /** Of the mails in the outbox; 0 without any. */
  oldestMailSeconds: number
}

export async function figures(db: Database): Promise<Figures> {
  const count = sql<number>`count(*)`.as('count')
  const [uploads, runs, records, slots, mails, waiting, lastImports, teams, imports, oldest] = await Promise.all([
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
    db
      .selectFrom('team')
      .select([
        'team',
        sql<number>`(select count(*) from upload where team_id = team.id and state = 'ready' and gone_at is null
          and verdict = 'waiting')`.as('waiting'),
        sql<number>`(select count(*) from batch where team_id = team.id and state = 'held' and decision is null)`.as(
          'held',
        ),
        sql<number>`(select count(*) from slot where team_id = team.id and state = 'missed')`.as('missed'),
      ])
      .execute(),
    db
      .selectFrom('batch')
      .innerJoin('team', 'team.id', 'batch.team_id')
      .select(['team.team', 'batch.state', count])
      .groupBy(['team.team', 'batch.state'])
      .execute(),
    db
      .selectFrom('mail')
      .select(sql<number>`coalesce(extract(epoch from now() - min(created_at)), 0)::double precision`.as('seconds'))
      .where('state', '=', 'queued')
      .executeTakeFirstOrThrow(),
  ])
  return {
    uploads,
    runs,
    records: records as Figures['records'],
    slots,
    mails,
    runsWaiting: waiting.count,
    lastImports,
    teams,
    imports,
    oldestMailSeconds: oldest.seconds,
  }
}
