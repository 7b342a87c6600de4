import { type Kysely, sql } from 'kysely'

/** Which import changed a contact, found without looking through all contacts, and every change of a texting preference. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await contactsOfBatches(db)
  await lookUpBeginnings(db)
  await sql`
    create table preference_change (
      -- In the order in which they were written: a moment is that of a transaction's beginning.
      id bigint generated always as identity,
      team_id integer not null references team on delete cascade,
      contact_id text not null,
      at timestamptz not null default now(),
      opted_out boolean not null,
      source text not null,
      was_opted_out boolean not null,
      was_source text not null,
      -- The batch that changed it, or the one that was undone; null where a person spoke.
      batch_id uuid,
      undone boolean not null,
      -- The person or the token that spoke.
      speaker text
    )`.execute(db)
  await sql`create index preference_change_contact on preference_change (team_id, contact_id, id)`.execute(db)
  // A trigger, so that nothing that changes a preference can leave it out. Contacts that are created cost nothing: what they
  // began with is what they have, or what the first change says they had.
  await sql`
    create function keep_preference_change() returns trigger language plpgsql
      security definer set search_path from current as $$
    declare
      -- Only an undo gives back the moment, too; that of an import may be earlier, as it begins before it writes.
      undone constant boolean := new.opt_out_changed_at < old.opt_out_changed_at and new.opt_out_changed_at <> now();
    begin
      insert into preference_change (team_id, contact_id, opted_out, source, was_opted_out, was_source, batch_id, undone, speaker)
      values (new.team_id, new.contact_id, new.opted_out, new.opt_out_source, old.opted_out, old.opt_out_source,
        case when undone then old.last_batch_id when new.opt_out_source = 'import' then new.last_batch_id end, undone,
        nullif(current_setting('rosterport.speaker', true), ''));
      return null;
    end $$`.execute(db)
  await sql`
    create trigger contact_preference after update of opted_out, opt_out_source on contact for each row
      when (old.opted_out is distinct from new.opted_out or old.opt_out_source is distinct from new.opt_out_source)
      execute function keep_preference_change()`.execute(db)
  await wall(db)
}

/**
 * Contacts that a batch changed stand in `contact_before`; those that it created have its moment and lie side by side, so
 * that a summary of each stretch of the table finds them. It lists moments, as new contacts fill gaps among old ones. An
 * index of every contact's batch would make each change of a contact a change of all its indexes.
 */
async function contactsOfBatches(db: Kysely<unknown>): Promise<void> {
  await sql`drop index contact_before_batch`.execute(db)
  await sql`create index contact_before_contact on contact_before (batch_id, contact_id)`.execute(db)
  await sql`
    create index contact_created on contact using brin (created_at timestamptz_minmax_multi_ops)
      with (pages_per_range = 32)`.execute(db)
}

/**
 * As before, but that each beginning of a Contact ID or a number is looked up by itself: joined with the contacts, all of
 * them are read as soon as the planner knows how few have opted out.
 */
async function lookUpBeginnings(db: Kysely<unknown>): Promise<void> {
  await sql`
    create or replace function contacts_found(team integer, ids text[], name text, last text, first text, mobiles text[],
        opted boolean, behind text, most integer)
      returns setof text language sql stable security definer set search_path from current as $$
      select contact_id from (
        select contact_id, opted_out from unnest(ids) beginning cross join lateral (
          select contact_id, opted_out from contact
            where team_id = team and contact_id >= beginning and contact_id < (beginning || chr(65535))
              and (opted is null or opted_out = opted) and (behind is null or contact_id > behind)
            order by contact_id limit most) of_ids
        union select contact_id, opted_out from contact
          where team_id = team and lower(last_name) ~>=~ name and lower(last_name) ~<~ (name || chr(1114111))
        union select contact_id, opted_out from contact
          where team_id = team and lower(first_name) ~>=~ name and lower(first_name) ~<~ (name || chr(1114111))
        union select contact_id, opted_out from contact
          where team_id = team and lower(last_name) ~>=~ last and lower(last_name) ~<~ (last || chr(1114111))
            and starts_with(lower(first_name), first)
        union select contact_id, opted_out from unnest(mobiles) beginning cross join lateral (
          select contact_id, opted_out from contact
            where team_id = team and mobile_number >= beginning and mobile_number <= (beginning || '999999999999999')
            offset 0) of_mobiles
      ) found
      where (opted is null or opted_out = opted) and (behind is null or contact_id > behind)
      order by contact_id limit most
    $$`.execute(db)
}

/** As of every table that belongs to a team; the trigger alone writes. */
async function wall(db: Kysely<unknown>): Promise<void> {
  const teams = sql`(select nullif(current_setting('rosterport.teams', true), ''))`
  const seen = sql`(${teams} = 'all' or team_id = any ((select string_to_array(nullif(nullif(current_setting('rosterport.teams', true), ''), 'all'), ',')::integer[])::integer[]))`
  await sql`alter table preference_change enable row level security`.execute(db)
  await sql`create policy team_seen on preference_change for select using (${seen})`.execute(db)
}
