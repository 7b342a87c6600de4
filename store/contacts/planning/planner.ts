import { sql } from 'kysely'

/**
 * `$1`, the team, in conditions on its contacts. For a team newer than its statistics PostgreSQL expects one contact, and
 * would compare every record with every contact; a subquery hides the id, so the planner uses the average team size.
 */
export const TEAM = '(select $1::integer)'

/** As `TEAM`, where the statement holds its values. */
export const teamLater = (teamId: number) => sql`(select ${teamId}::integer)`

/** For transactions that set many records beside many contacts. */
export const forManyContacts = sql`select
  -- The contacts that a file names are few of all, or in memory: looking one up costs as much as reading ten in a row.
  set_config('random_page_cost', '0.5', true),
  -- Comparing each with each is quickest where they are few; where they only seem few it never ends.
  set_config('enable_material', 'off', true)`
