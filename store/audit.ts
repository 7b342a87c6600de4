import { sql } from 'kysely'
import type { AuditActor } from '../model/audit.ts'
import type { Database } from './postgres/database.ts'
import { type Page, pageOf } from './postgres/keyset-page.ts'
import { prepared } from './postgres/prepared.ts'
import type { TeamIds } from './teams.ts'

/** Something that was changed: `team.create`, `import-settings.save`. */
export interface AuditEvent {
  action: string
  team?: { id: number; team: string } | undefined
  subject?: string | undefined
  details?: Record<string, unknown> | undefined
}

/** One line of the audit, as the API shows it. */
export interface AuditEntry {
  id: string
  at: string
  team: string | null
  actor: string
  actorKind: AuditActor['kind']
  address: string | null
  action: string
  subject: string | null
  details: Record<string, unknown>
}

/** Keeps who did what. Call it in the transaction of the change itself. Secrets in `details` are masked. */
export async function audit(db: Database, actor: AuditActor, event: AuditEvent): Promise<void> {
  await auditTogether(db, [[actor, event]])
}

/** As `audit`, for many at once: endpoints produce many events at a time. */
export async function auditTogether(db: Database, entries: readonly [AuditActor, AuditEvent][]): Promise<void> {
  const events = entries.map(([, event]) => event)
  const actors = entries.map(([actor]) => actor)
  await keep(
    db,
    events.map(({ team }) => team?.id ?? null),
    events.map(({ team }) => team?.team ?? null),
    actors.map(({ name }) => name),
    actors.map(({ kind }) => kind),
    actors.map(({ address }) => address),
    events.map(({ action }) => action),
    events.map(({ subject }) => subject ?? null),
    events.map(({ details }) => JSON.stringify(details ?? {}, maskSecrets)),
  )
}

const keep = prepared(
  'audit',
  `insert into audit (team_id, team, actor, actor_kind, address, action, subject, details)
  select team_id, team, actor, actor_kind, address, action, subject, details::jsonb
  from unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
    with ordinality as e (team_id, team, actor, actor_kind, address, action, subject, details, number)
  order by e.number`,
)

const SECRET_NAMES = /password|secret|token/i

function maskSecrets(key: string, value: unknown): unknown {
  return SECRET_NAMES.test(key) ? '***' : value
}

/** Newest first, from before the entry `after`. Entries of no team are for those who see all teams. */
export async function listAudit(
  db: Database,
  among: TeamIds,
  {
    after,
    limit,
    actions,
    search,
    before,
  }: {
    after?: number | undefined
    limit: number
    /** Only those that begin so. */
    actions?: readonly string[] | undefined
    /** Part of who did it, of what, or of where from. */
    search?: string | undefined
    /** Only what was done earlier. */
    before?: Date | undefined
  },
): Promise<Page<AuditEntry>> {
  let query = db.selectFrom('audit').selectAll().orderBy('id', 'desc')
  if (among !== 'all') query = query.where('team_id', 'in', among.length > 0 ? [...among] : [0])
  if (after !== undefined) query = query.where('id', '<', after)
  if (actions) query = query.where((eb) => eb.or(actions.map((action) => eb('action', 'like', `${action}%`))))
  if (before !== undefined) query = query.where('at', '<', before)
  if (search)
    query = query.where(
      sql<boolean>`strpos(lower(concat_ws(' ', actor, subject, address)), ${search.toLowerCase()}) > 0`,
    )
  const rows = await query.limit(limit + 1).execute()
  return pageOf(
    rows,
    limit,
    (row) => row.id,
    (row) => ({
      id: String(row.id),
      at: row.at.toISOString(),
      team: row.team,
      actor: row.actor,
      actorKind: row.actor_kind,
      address: row.address,
      action: row.action,
      subject: row.subject,
      details: row.details,
    }),
  )
}
