import { sql } from 'kysely'
import type { Log } from '../../log.ts'
import type { Database } from './database.ts'

/** The roles the service uses after migration; null: the user that it connects as. */
export interface Roles {
  /** Imports, uploads and mail: no change of the schema, none of what the audit holds. */
  readonly run: string | null
  /** Requests of people: as `run`, limited to the teams of the person. */
  readonly web: string | null
}

export const RUN_ROLE = 'rosterport_run'
export const WEB_ROLE = 'rosterport_web'

/**
 * Makes the roles, where this user may, and gives them what they need. Where a role cannot be had the service works without
 * it and says so.
 */
export async function prepareRoles(db: Database, log: Log): Promise<Roles> {
  // COPY refuses a table with policies unless they are passed over.
  const run = await roleFor(db, RUN_ROLE, { passesPolicies: true })
  const web = await roleFor(db, WEB_ROLE, { passesPolicies: false })
  for (const role of [run, web]) if (role) await grant(db, role)
  if (web) {
    await sql`revoke all on contact_list from ${sql.id(web)}`.execute(db)
    await temporaryForImportsAlone(db, run, web, log)
  }
  const missing = [run ? [] : [RUN_ROLE], web ? [] : [WEB_ROLE]].flat()
  if (missing.length > 0)
    log.warn(
      { missing },
      'running as the owner of the tables: the user of DATABASE_URL can neither create nor assume these roles; see docs/security.md',
    )
  return { run, web }
}

async function roleFor(db: Database, role: string, { passesPolicies }: { passesPolicies: boolean }) {
  const attributes = passesPolicies ? sql`nologin bypassrls` : sql`nologin`
  if (!(await kindOf(db, role))) await unlessRefused(sql`create role ${sql.id(role)} ${attributes}`.execute(db))
  const kind = await kindOf(db, role)
  if (!kind || kind.bypasses !== passesPolicies) return null
  if (!(await mayBecome(db, role))) await unlessRefused(sql`grant ${sql.id(role)} to current_user`.execute(db))
  return (await mayBecome(db, role)) ? role : null
}

async function kindOf(db: Database, role: string): Promise<{ bypasses: boolean } | undefined> {
  const { rows } = await sql<{ bypasses: boolean }>`
    select rolbypassrls or rolsuper as bypasses from pg_roles where rolname = ${role}`.execute(db)
  return rows[0]
}

async function mayBecome(db: Database, role: string): Promise<boolean> {
  const { rows } = await sql<{ may: boolean }>`
    select pg_has_role(current_user, ${role}, case when current_setting('server_version_num')::integer >= 160000
      then 'SET' else 'MEMBER' end) as may`.execute(db)
  return rows[0]?.may === true
}

/** insufficient_privilege; duplicate_object and unique_violation when another process was faster. */
const REFUSED = ['42501', '42710', '23505']

async function unlessRefused(statement: Promise<unknown>): Promise<void> {
  await statement.catch((error: { code?: string }) => {
    if (!REFUSED.includes(error.code ?? '')) throw error
  })
}

/** History is not rewritten by the roles whose actions it records. */
const RIGHTS: Partial<Record<string, ReturnType<typeof sql>>> = {
  audit: sql`select, insert`,
  preference_change: sql`select`,
}

/** The tables are those of this program: the service leaves anything else in the schema alone. */
async function grant(db: Database, role: string): Promise<void> {
  const to = sql.id(role)
  await db.transaction().execute(async (tx) => {
    await takeTurns(tx)
    const { rows } = await sql<{ table: string; schema: string }>`
      select relname as "table", current_schema() as schema from pg_class
      where relkind in ('r', 'p', 'v') and relnamespace = current_schema()::regnamespace
        and pg_has_role(current_user, relowner, 'USAGE') and relname not like 'kysely%'`.execute(tx)
    for (const { schema } of rows.slice(0, 1)) await sql`grant usage on schema ${sql.id(schema)} to ${to}`.execute(tx)
    for (const { table } of rows) {
      await sql`grant ${RIGHTS[table] ?? sql`select, insert, update, delete`} on ${sql.table(table)} to ${to}`.execute(
        tx,
      )
    }
    for (const name of await askedFunctions(tx))
      await sql`grant execute on function ${sql.id(name)} to ${to}`.execute(tx)
  })
}

/** Two processes that start together would change the same rights at once. */
async function takeTurns(tx: Database): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('rosterport roles'))`.execute(tx)
}

/** Functions with the rights of the owner that queries call; the others are called by triggers, which need no right. */
async function askedFunctions(tx: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select proname as name from pg_proc
    where prosecdef and prorettype <> 'trigger'::regtype and pronamespace = current_schema()::regnamespace
      and pg_has_role(current_user, proowner, 'USAGE')`.execute(tx)
  return rows.map(({ name }) => name)
}

/** An import is gathered in temporary tables. In requests they would only hide the real ones; PostgreSQL allows them to everybody. */
async function temporaryForImportsAlone(db: Database, run: string | null, web: string, log: Log): Promise<void> {
  const { rows } = await sql<{ database: string }>`select current_database() as database`.execute(db)
  const database = sql.id(rows[0]?.database ?? '')
  await unlessRefused(
    db.transaction().execute(async (tx) => {
      await takeTurns(tx)
      if (run) await sql`grant temporary on database ${database} to ${sql.id(run)}`.execute(tx)
      await sql`revoke temporary on database ${database} from public, ${sql.id(web)}`.execute(tx)
    }),
  )
  const { rows: rights } = await sql<{ temporary: boolean }>`
    select has_database_privilege(${web}, current_database(), 'temporary') as temporary`.execute(db)
  if (rights[0]?.temporary)
    log.warn(
      { role: web },
      'this role may make temporary tables, which only the owner of the database can change; see docs/security.md',
    )
}
