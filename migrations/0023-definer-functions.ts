import { type Kysely, sql } from 'kysely'

/**
 * Functions that run with the rights of the owner find the tables of this schema alone. Without `pg_temp` at the end of the
 * path the temporary tables of the caller come first, and with them triggers that the caller wrote.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(db)
  for (const { schema } of rows) {
    await ofTeamsAndBatches(db, schema)
    await preferenceChange(db, schema)
    await contactsFound(db, schema)
  }
  for (const name of [
    'delete_contacts_of_team',
    'forget_batch_of_contacts',
    'delete_contact_before',
    'keep_preference_change',
    'contacts_found',
  ])
    await sql`revoke execute on function ${sql.id(name)} from public`.execute(db)
}

async function ofTeamsAndBatches(db: Kysely<unknown>, schema: string): Promise<void> {
  const table = (name: string) => sql.table(`${schema}.${name}`)
  const path = sql`security definer set search_path = ${sql.id(schema)}, pg_temp`
  await sql`
    create or replace function delete_contacts_of_team() returns trigger language plpgsql ${path} as $$
    begin
      delete from ${table('contact')} where team_id = old.id;
      return old;
    end $$`.execute(db)
  await sql`
    create or replace function forget_batch_of_contacts() returns trigger language plpgsql ${path} as $$
    begin
      update ${table('contact')} set last_batch_id = null where team_id = old.team_id and last_batch_id = old.id;
      return null;
    end $$`.execute(db)
  await sql`
    create or replace function delete_contact_before() returns trigger language plpgsql ${path} as $$
    begin
      delete from ${table('contact_before')}
        where batch_id in (select id from ${table('batch')} where team_id = old.id);
      return old;
    end $$`.execute(db)
}

async function preferenceChange(db: Kysely<unknown>, schema: string): Promise<void> {
  await sql`
    create or replace function keep_preference_change() returns trigger language plpgsql
      security definer set search_path = ${sql.id(schema)}, pg_temp as $$
    declare
      -- Only an undo gives back the moment, too; that of an import may be earlier, as it begins before it writes.
      undone constant boolean := new.opt_out_changed_at < old.opt_out_changed_at and new.opt_out_changed_at <> now();
    begin
      insert into ${sql.table(`${schema}.preference_change`)} (team_id, contact_id, at, opted_out, source, was_opted_out,
        was_source, batch_id, undone, speaker)
      values (new.team_id, new.contact_id, case when undone then clock_timestamp() else new.opt_out_changed_at end,
        new.opted_out, new.opt_out_source, old.opted_out, old.opt_out_source,
        case when undone then old.last_batch_id when new.opt_out_source = 'import' then new.last_batch_id end, undone,
        nullif(current_setting('rosterport.speaker', true), ''));
      return null;
    end $$`.execute(db)
}

async function contactsFound(db: Kysely<unknown>, schema: string): Promise<void> {
  const contact = sql.table(`${schema}.contact`)
  await sql`
    create or replace function contacts_found(team integer, ids text[], name text, last text, first text, mobiles text[],
        opted boolean, behind text, most integer)
      returns setof text language sql stable security definer set search_path = ${sql.id(schema)}, pg_temp as $$
      select contact_id from (
        select contact_id, opted_out from unnest(ids) beginning cross join lateral (
          select contact_id, opted_out from ${contact}
            where team_id = team and contact_id >= beginning and contact_id < (beginning || chr(65535))
              and (opted is null or opted_out = opted) and (behind is null or contact_id > behind)
            order by contact_id limit most) of_ids
        union select contact_id, opted_out from ${contact}
          where team_id = team and lower(last_name) ~>=~ name and lower(last_name) ~<~ (name || chr(1114111))
        union select contact_id, opted_out from ${contact}
          where team_id = team and lower(first_name) ~>=~ name and lower(first_name) ~<~ (name || chr(1114111))
        union select contact_id, opted_out from ${contact}
          where team_id = team and lower(last_name) ~>=~ last and lower(last_name) ~<~ (last || chr(1114111))
            and starts_with(lower(first_name), first)
        union select contact_id, opted_out from unnest(mobiles) beginning cross join lateral (
          select contact_id, opted_out from ${contact}
            where team_id = team and mobile_number >= beginning and mobile_number <= (beginning || '999999999999999')
            offset 0) of_mobiles
      ) found
      where (opted is null or opted_out = opted) and (behind is null or contact_id > behind)
      order by contact_id limit most
    $$`.execute(db)
}
