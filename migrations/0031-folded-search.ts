import { type Kysely, sql } from 'kysely'

/**
 * People are found without accents, by both orders of their names, and by any four digits of their number. The folding is a
 * function of our own: `unaccent` is an extension that a managed PostgreSQL may not offer, and is not immutable.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(db)
  for (const { schema } of rows) {
    const folded = sql.table(`${schema}.folded_name`)
    await foldedName(db)
    for (const column of ['last_name', 'first_name']) {
      const index = sql.id(`contact_${column}`)
      await sql`drop index ${index}`.execute(db)
      await sql`create index ${index} on contact (team_id, ${folded}(${sql.ref(column)}) text_pattern_ops)`.execute(db)
    }
    await contactsFound(db, sql.table(`${schema}.contact`), folded, sql.id(schema))
  }
  await sql`revoke execute on function contacts_found from public`.execute(db)
}

/** The letters that Unicode does not take apart, then the marks of those that it does. Most names need neither. */
async function foldedName(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function folded_name(name text) returns text language sql immutable parallel safe return
      case when octet_length(name) = length(name) then lower(name) else
        lower(regexp_replace(normalize(
          replace(replace(replace(replace(replace(replace(replace(
            translate(name, 'øØłŁđĐħĦıŧŦðÐ’‘ʻʼ´', 'oOlLdDhHitTdD'''''''''''),
            'ß', 'ss'), 'æ', 'ae'), 'Æ', 'ae'), 'œ', 'oe'), 'Œ', 'oe'), 'þ', 'th'), 'Þ', 'th'),
        NFKD), '[\u0300-\u036f]', '', 'g'))
      end`.execute(db)
}

async function contactsFound(
  db: Kysely<unknown>,
  contact: ReturnType<typeof sql.table>,
  folded: ReturnType<typeof sql.table>,
  schema: ReturnType<typeof sql.id>,
): Promise<void> {
  const begins = (column: string, beginning: string) =>
    sql`${folded}(${sql.ref(column)}) ~>=~ ${sql.ref(beginning)} and ${folded}(${sql.ref(column)}) ~<~ (${sql.ref(beginning)} || chr(1114111))`
  await sql`drop function contacts_found`.execute(db)
  await sql`
    create function contacts_found(team integer, ids text[], name text, lasts text[], firsts text[], mobiles text[],
        digits text, opted boolean, behind text, most integer)
      returns setof text language sql stable security definer set search_path = ${schema}, pg_temp as $$
      select contact_id from (
        select contact_id, opted_out from unnest(ids) beginning cross join lateral (
          select contact_id, opted_out from ${contact}
            where team_id = team and contact_id >= beginning and contact_id < (beginning || chr(65535))
              and (opted is null or opted_out = opted) and (behind is null or contact_id > behind)
            order by contact_id limit most) of_ids
        union select contact_id, opted_out from ${contact} where team_id = team and ${begins('last_name', 'name')}
        union select contact_id, opted_out from ${contact} where team_id = team and ${begins('first_name', 'name')}
        union select contact_id, opted_out from unnest(lasts, firsts) pair (last, first) cross join lateral (
          select contact_id, opted_out from ${contact}
            where team_id = team and ${begins('last_name', 'last')} and starts_with(${folded}(first_name), first)
            offset 0) of_pairs
        union select contact_id, opted_out from unnest(mobiles) beginning cross join lateral (
          select contact_id, opted_out from ${contact}
            where team_id = team and mobile_number >= beginning and mobile_number <= (beginning || '999999999999999')
            offset 0) of_mobiles
        -- First the numbers, from their index alone.
        union select contact_id, opted_out from ${contact}
          where digits is not null and team_id = team and mobile_number = any (array(
            select distinct mobile_number from ${contact}
              where team_id = team and mobile_number like '%' || digits || '%'))
      ) found
      where (opted is null or opted_out = opted) and (behind is null or contact_id > behind)
      order by contact_id limit most
    $$`.execute(db)
}
