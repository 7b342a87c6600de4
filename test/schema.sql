create table administrator (
  id uuid not null default gen_random_uuid(),
  email text not null,
  name text not null default ''::text,
  role text not null,
  password_hash text,
  created_at timestamp with time zone not null default clock_timestamp(),
  totp_secret bytea,
  totp_on boolean not null default false,
  totp_last_step bigint,
  second_factor_required boolean not null default false,
  claimed_at timestamp with time zone,
  must_change_password boolean not null default false,
  constraint administrator_check CHECK (((NOT totp_on) OR (totp_secret IS NOT NULL))),
  constraint administrator_pkey PRIMARY KEY (id),
  constraint administrator_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text])))
);

create table administrator_team (
  administrator_id uuid not null,
  team_id integer not null,
  constraint administrator_team_administrator_id_fkey FOREIGN KEY (administrator_id) REFERENCES administrator(id) ON DELETE CASCADE,
  constraint administrator_team_pkey PRIMARY KEY (administrator_id, team_id),
  constraint administrator_team_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE CASCADE
);

create table api_token (
  id uuid not null default gen_random_uuid(),
  name text not null,
  token_hash bytea not null,
  team_id integer,
  access text not null default 'full'::text,
  administrator_id uuid not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  last_used_at timestamp with time zone,
  constraint api_token_access_check CHECK ((access = ANY (ARRAY['full'::text, 'read_only'::text]))),
  constraint api_token_administrator_id_fkey FOREIGN KEY (administrator_id) REFERENCES administrator(id) ON DELETE CASCADE,
  constraint api_token_pkey PRIMARY KEY (id),
  constraint api_token_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE CASCADE,
  constraint api_token_token_hash_key UNIQUE (token_hash)
);

create table audit (
  id bigint not null generated always as identity,
  at timestamp with time zone not null default clock_timestamp(),
  team_id integer,
  team text,
  actor text not null,
  actor_kind text not null,
  address text,
  action text not null,
  subject text,
  details jsonb not null default '{}'::jsonb,
  constraint audit_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['administrator'::text, 'token'::text, 'ftp_account'::text, 'system'::text]))),
  constraint audit_pkey PRIMARY KEY (id),
  constraint audit_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE SET NULL
);
alter table audit enable row level security;

create table batch (
  id uuid not null default gen_random_uuid(),
  run_id uuid not null,
  team_id integer not null,
  ordinal integer not null,
  upload_id uuid,
  state text not null,
  path text not null,
  file_name text not null,
  bytes bigint not null,
  sha256 text,
  received_at timestamp with time zone,
  settings_version integer not null,
  header json,
  records bigint not null default 0,
  created bigint not null default 0,
  updated bigint not null default 0,
  unchanged bigint not null default 0,
  rejected bigint not null default 0,
  superseded bigint not null default 0,
  opted_out bigint not null default 0,
  opted_in bigint not null default 0,
  warnings jsonb not null default '{}'::jsonb,
  problem jsonb,
  after_action text,
  after_state text not null default 'none'::text,
  after_path text,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  temporary_name text,
  approved_by text,
  held jsonb,
  decision text,
  decided_by text,
  decided_at timestamp with time zone,
  undo_until timestamp with time zone,
  undone jsonb,
  undo_request jsonb,
  applied_at timestamp with time zone,
  approved jsonb,
  errors_kept integer,
  errors_bytes bigint,
  error_counts jsonb,
  constraint batch_after_action_check CHECK ((after_action = ANY (ARRAY['move'::text, 'delete'::text]))),
  constraint batch_after_state_check CHECK ((after_state = ANY (ARRAY['none'::text, 'pending'::text, 'done'::text, 'failed'::text]))),
  constraint batch_check CHECK ((records = ((((created + updated) + unchanged) + rejected) + superseded))),
  constraint batch_check1 CHECK (((state = 'undone'::text) = (undone IS NOT NULL))),
  constraint batch_decision_check CHECK ((decision = ANY (ARRAY['approved'::text, 'discarded'::text]))),
  constraint batch_pkey PRIMARY KEY (id),
  constraint batch_run_id_fkey FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE CASCADE,
  constraint batch_run_id_ordinal_key UNIQUE (run_id, ordinal),
  constraint batch_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'parsing'::text, 'applying'::text, 'imported'::text, 'imported_with_errors'::text, 'rejected'::text, 'held'::text, 'failed'::text, 'aborted'::text, 'undone'::text]))),
  constraint batch_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE CASCADE,
  constraint batch_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES upload(id) ON DELETE SET NULL
);
alter table batch enable row level security;

create table contact (
  team_id integer not null,
  contact_id text not null,
  first_name text not null,
  last_name text not null,
  mobile_number text not null,
  staff_id text,
  custom_fields jsonb not null default '{}'::jsonb,
  opted_out boolean not null default false,
  opt_out_source text not null default 'default'::text,
  opt_out_changed_at timestamp with time zone not null default now(),
  record_hash bigint,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  last_batch_id uuid,
  constraint contact_mobile_number_check CHECK ((mobile_number ~ '^\+[1-9][0-9]{4,14}$'::text)),
  constraint contact_opt_out_source_check CHECK ((opt_out_source = ANY (ARRAY['default'::text, 'import'::text, 'admin'::text, 'contact'::text]))),
  constraint contact_pkey PRIMARY KEY (team_id, contact_id)
);
alter table contact enable row level security;

create table contact_before (
  team_id integer not null,
  batch_id uuid not null,
  contact_id text not null,
  first_name text not null,
  last_name text not null,
  mobile_number text not null,
  staff_id text,
  custom_fields jsonb not null,
  opted_out boolean not null,
  opt_out_source text not null,
  opt_out_changed_at timestamp with time zone not null,
  last_batch_id uuid
);
alter table contact_before enable row level security;

create table few_contacts (
  team_id integer not null,
  batch_id uuid not null,
  contact_ids text[] not null,
  constraint few_contacts_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id) ON DELETE CASCADE,
  constraint few_contacts_pkey PRIMARY KEY (team_id),
  constraint few_contacts_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE CASCADE
);
alter table few_contacts enable row level security;

create table ftp_account (
  username text not null,
  team_id integer not null,
  password_hmac bytea,
  public_keys text[] not null default '{}'::text[],
  allowed_addresses text[] not null default '{}'::text[],
  permissions text not null default 'upload'::text,
  enabled boolean not null default true,
  created_at timestamp with time zone not null default clock_timestamp(),
  last_login_at timestamp with time zone,
  last_login_address text,
  version uuid not null default gen_random_uuid(),
  constraint ftp_account_permissions_check CHECK ((permissions = ANY (ARRAY['upload'::text, 'full'::text]))),
  constraint ftp_account_pkey PRIMARY KEY (username),
  constraint ftp_account_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE CASCADE
);
alter table ftp_account enable row level security;

create table import_settings (
  team_id integer not null,
  version integer not null,
  settings jsonb not null,
  saved_by text not null,
  saved_at timestamp with time zone not null default clock_timestamp(),
  constraint import_settings_pkey PRIMARY KEY (team_id, version),
  constraint import_settings_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE CASCADE,
  constraint import_settings_version_check CHECK ((version > 0))
);
alter table import_settings enable row level security;

create table installation (
  sole boolean not null default true,
  second_factor text not null default 'optional'::text,
  disk_full_at timestamp with time zone,
  constraint installation_pkey PRIMARY KEY (sole),
  constraint installation_second_factor_check CHECK ((second_factor = ANY (ARRAY['optional'::text, 'required'::text]))),
  constraint installation_sole_check CHECK (sole)
);

create table invitation (
  administrator_id uuid not null,
  token_hash bytea not null,
  expires_at timestamp with time zone not null,
  constraint invitation_administrator_id_fkey FOREIGN KEY (administrator_id) REFERENCES administrator(id) ON DELETE CASCADE,
  constraint invitation_pkey PRIMARY KEY (administrator_id),
  constraint invitation_token_hash_key UNIQUE (token_hash)
);

create table mail (
  id uuid not null default gen_random_uuid(),
  team_id integer,
  batch_id uuid,
  kind text not null,
  message_id text not null,
  recipients jsonb not null,
  content jsonb,
  state text not null,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone not null default clock_timestamp(),
  last_error text,
  created_at timestamp with time zone not null default clock_timestamp(),
  sent_at timestamp with time zone,
  failed_at timestamp with time zone,
  constraint mail_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id) ON DELETE CASCADE,
  constraint mail_check CHECK (((kind = 'recap'::text) = (batch_id IS NOT NULL))),
  constraint mail_kind_check CHECK ((kind = ANY (ARRAY['recap'::text, 'missed'::text, 'silent'::text, 'held'::text, 'test'::text, 'invitation'::text, 'undone'::text, 'no_room'::text, 'pause'::text, 'removed'::text, 'webhook'::text, 'webhook_failed'::text]))),
  constraint mail_pkey PRIMARY KEY (id),
  constraint mail_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'queued'::text, 'sent'::text, 'failed'::text]))),
  constraint mail_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE CASCADE
);
alter table mail enable row level security;

create table preference_change (
  id bigint not null generated always as identity,
  team_id integer not null,
  contact_id text not null,
  at timestamp with time zone not null default clock_timestamp(),
  opted_out boolean not null,
  source text not null,
  was_opted_out boolean not null,
  was_source text not null,
  batch_id uuid,
  undone boolean not null,
  speaker text,
  constraint preference_change_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE CASCADE
);
alter table preference_change enable row level security;

create table record_error (
  batch_id uuid not null,
  line bigint not null,
  contact_id text,
  errors jsonb not null,
  record_values json not null,
  constraint record_error_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id) ON DELETE CASCADE,
  constraint record_error_pkey PRIMARY KEY (batch_id, line)
);
alter table record_error enable row level security;

create table record_warning (
  batch_id uuid not null,
  line bigint not null,
  code text not null,
  contact_id text,
  message text not null,
  constraint record_warning_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id) ON DELETE CASCADE
);
alter table record_warning enable row level security;

create table recovery_code (
  administrator_id uuid not null,
  code_hash bytea not null,
  constraint recovery_code_administrator_id_fkey FOREIGN KEY (administrator_id) REFERENCES administrator(id) ON DELETE CASCADE,
  constraint recovery_code_pkey PRIMARY KEY (administrator_id, code_hash)
);

create table run (
  id uuid not null default gen_random_uuid(),
  team_id integer not null,
  number integer not null,
  trigger text not null,
  window_name text,
  window_date date,
  state text not null,
  requested_by text,
  created_at timestamp with time zone not null default clock_timestamp(),
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  files jsonb not null default '[]'::jsonb,
  lease_owner text,
  lease_until timestamp with time zone,
  abort_requested_at timestamp with time zone,
  undoing uuid,
  named boolean not null default false,
  waits_for_room boolean not null default false,
  constraint run_check CHECK (((window_name IS NULL) = (window_date IS NULL))),
  constraint run_pkey PRIMARY KEY (id),
  constraint run_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'imported'::text, 'imported_with_errors'::text, 'rejected'::text, 'failed'::text, 'nothing_to_import'::text, 'held'::text, 'aborted'::text]))),
  constraint run_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE CASCADE,
  constraint run_team_id_number_key UNIQUE (team_id, number),
  constraint run_trigger_check CHECK ((trigger = ANY (ARRAY['scheduled'::text, 'on_demand'::text, 'manual'::text]))),
  constraint run_window_name_check CHECK ((window_name = ANY (ARRAY['overnight'::text, 'morning'::text, 'afternoon'::text, 'evening'::text])))
);
alter table run enable row level security;

create table session (
  token_hash bytea not null,
  administrator_id uuid not null,
  address text,
  user_agent text,
  created_at timestamp with time zone not null default clock_timestamp(),
  last_seen_at timestamp with time zone not null default clock_timestamp(),
  id uuid not null default gen_random_uuid(),
  proven_at timestamp with time zone not null default clock_timestamp(),
  constraint session_administrator_id_fkey FOREIGN KEY (administrator_id) REFERENCES administrator(id) ON DELETE CASCADE,
  constraint session_id_key UNIQUE (id),
  constraint session_pkey PRIMARY KEY (token_hash)
);

create table slot (
  team_id integer not null,
  window_name text not null,
  local_date date not null,
  state text not null,
  opens_at timestamp with time zone not null,
  closes_at timestamp with time zone not null,
  run_id uuid,
  updated_at timestamp with time zone not null default clock_timestamp(),
  opened_at timestamp with time zone,
  blocked_by uuid,
  constraint slot_blocked_by_fkey FOREIGN KEY (blocked_by) REFERENCES run(id) ON DELETE SET NULL,
  constraint slot_pkey PRIMARY KEY (team_id, window_name, local_date),
  constraint slot_run_id_fkey FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE SET NULL,
  constraint slot_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'done'::text, 'empty'::text, 'missed'::text, 'skipped_overlap'::text]))),
  constraint slot_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE CASCADE,
  constraint slot_window_name_check CHECK ((window_name = ANY (ARRAY['overnight'::text, 'morning'::text, 'afternoon'::text, 'evening'::text])))
);
alter table slot enable row level security;

create table stopped_number (
  team text not null,
  number_hash bytea not null,
  source text not null,
  kept_at timestamp with time zone not null default clock_timestamp(),
  constraint stopped_number_pkey PRIMARY KEY (team, number_hash),
  constraint stopped_number_source_check CHECK ((source = ANY (ARRAY['contact'::text, 'admin'::text])))
);
alter table stopped_number enable row level security;

create table team (
  id integer not null generated always as identity,
  team text not null,
  name text not null,
  time_zone text not null,
  quota_bytes bigint not null default '21474836480'::bigint,
  quota_files integer not null default 10000,
  ftp_strict_close boolean not null default true,
  last_run_number integer not null default 0,
  created_at timestamp with time zone not null default clock_timestamp(),
  silence_told_since timestamp with time zone,
  quota_full_at timestamp with time zone,
  pause_told jsonb,
  constraint team_pkey PRIMARY KEY (id),
  constraint team_team_check CHECK ((team ~ '^[a-z0-9-]{1,63}$'::text)),
  constraint team_team_key UNIQUE (team)
);
alter table team enable row level security;

create table team_user (
  team_id integer not null,
  staff_id text not null,
  name text not null,
  email text not null,
  constraint team_user_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE CASCADE
);
alter table team_user enable row level security;

create table upload (
  id uuid not null default gen_random_uuid(),
  team_id integer not null,
  path text not null,
  temporary_name text,
  source text not null,
  account text,
  address text,
  state text not null,
  started_at timestamp with time zone not null default clock_timestamp(),
  received_at timestamp with time zone,
  bytes bigint not null default 0,
  sha256 text,
  device text,
  inode text,
  verdict text,
  verdict_reason text,
  verdict_at timestamp with time zone,
  verdict_settings_version integer,
  gone_at timestamp with time zone,
  process text default current_setting('application_name'::text),
  changed_at timestamp with time zone,
  vanished boolean not null default false,
  no_room text,
  constraint upload_check CHECK (((state = 'ready'::text) = (verdict IS NOT NULL))),
  constraint upload_no_room_check CHECK ((no_room = ANY (ARRAY['disk_full'::text, 'quota'::text]))),
  constraint upload_pkey PRIMARY KEY (id),
  constraint upload_source_check CHECK ((source = ANY (ARRAY['ftp'::text, 'ftps'::text, 'sftp'::text, 'manual'::text, 'host'::text]))),
  constraint upload_state_check CHECK ((state = ANY (ARRAY['receiving'::text, 'incomplete'::text, 'unconfirmed'::text, 'ready'::text]))),
  constraint upload_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE CASCADE,
  constraint upload_verdict_check CHECK ((verdict = ANY (ARRAY['waiting'::text, 'claimed'::text, 'imported'::text, 'rejected'::text, 'held'::text, 'superseded'::text])))
);
alter table upload enable row level security;

create table webhook_secret (
  team_id integer not null,
  sealed bytea not null,
  former bytea,
  former_until timestamp with time zone,
  failure_told_at timestamp with time zone,
  constraint webhook_secret_pkey PRIMARY KEY (team_id),
  constraint webhook_secret_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE CASCADE
);
alter table webhook_secret enable row level security;

create table written_file (
  id uuid not null default gen_random_uuid(),
  team_id integer not null,
  kind text not null,
  path text not null,
  batch_id uuid,
  upload_id uuid,
  window_name text,
  window_date text,
  about_at timestamp with time zone not null,
  state text not null,
  revision integer not null default 1,
  attempts integer not null default 0,
  created_at timestamp with time zone not null default clock_timestamp(),
  next_attempt_at timestamp with time zone not null default clock_timestamp(),
  last_error text,
  bytes bigint,
  sha256 text,
  former_bytes bigint,
  former_sha256 text,
  device text,
  inode text,
  changed_at timestamp with time zone,
  written_at timestamp with time zone,
  constraint written_file_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id) ON DELETE CASCADE,
  constraint written_file_kind_check CHECK ((kind = ANY (ARRAY['result'::text, 'rejected_records'::text]))),
  constraint written_file_pkey PRIMARY KEY (id),
  constraint written_file_state_check CHECK ((state = ANY (ARRAY['due'::text, 'written'::text, 'failed'::text]))),
  constraint written_file_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE CASCADE,
  constraint written_file_team_id_path_key UNIQUE (team_id, path),
  constraint written_file_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES upload(id) ON DELETE CASCADE,
  constraint written_file_window_name_check CHECK ((window_name = ANY (ARRAY['overnight'::text, 'morning'::text, 'afternoon'::text, 'evening'::text])))
);
alter table written_file enable row level security;

CREATE INDEX audit_team ON audit USING btree (team_id, id);
CREATE INDEX batch_after_pending ON batch USING btree (team_id) WHERE (after_state = 'pending'::text);
CREATE INDEX batch_applied ON batch USING btree (team_id, applied_at) WHERE (applied_at IS NOT NULL);
CREATE INDEX batch_team ON batch USING btree (team_id, finished_at DESC);
CREATE INDEX batch_undo ON batch USING btree (undo_until) WHERE (undo_until IS NOT NULL);
CREATE INDEX batch_upload ON batch USING btree (upload_id);
CREATE INDEX contact_before_contact ON contact_before USING btree (batch_id, contact_id);
CREATE INDEX contact_created ON contact USING brin (created_at timestamptz_minmax_multi_ops) WITH (pages_per_range='32');
CREATE INDEX contact_first_name ON contact USING btree (team_id, folded_name(first_name) text_pattern_ops);
CREATE INDEX contact_last_name ON contact USING btree (team_id, folded_name(last_name) text_pattern_ops);
CREATE INDEX contact_mobile_number ON contact USING btree (team_id, mobile_number);
CREATE INDEX contact_stopped ON contact USING btree (team_id, mobile_number) WHERE (opted_out AND (opt_out_source = ANY (ARRAY['contact'::text, 'admin'::text])));
CREATE INDEX few_contacts_batch ON few_contacts USING btree (batch_id);
CREATE INDEX ftp_account_address ON ftp_account USING btree (last_login_address);
CREATE INDEX ftp_account_team ON ftp_account USING btree (team_id);
CREATE INDEX mail_due ON mail USING btree (next_attempt_at) WHERE (state = 'queued'::text);
CREATE INDEX preference_change_contact ON preference_change USING btree (team_id, contact_id, id);
CREATE INDEX record_warning_batch ON record_warning USING btree (batch_id, line);
CREATE INDEX run_team ON run USING btree (team_id, created_at DESC);
CREATE INDEX run_unfinished ON run USING btree (created_at) WHERE ((state = ANY (ARRAY['queued'::text, 'running'::text])) OR (undoing IS NOT NULL));
CREATE INDEX session_administrator ON session USING btree (administrator_id);
CREATE INDEX slot_waiting ON slot USING btree (team_id) WHERE (state = 'waiting'::text);
CREATE INDEX upload_gone ON upload USING btree (team_id, path, bytes) WHERE ((state = 'ready'::text) AND (gone_at IS NOT NULL));
CREATE INDEX upload_kept ON upload USING btree (team_id, path) WHERE ((state = 'incomplete'::text) AND (temporary_name IS NOT NULL));
CREATE INDEX upload_team ON upload USING btree (team_id, started_at DESC);
CREATE INDEX upload_unfinished ON upload USING btree (team_id) WHERE (state = ANY (ARRAY['receiving'::text, 'unconfirmed'::text]));
CREATE INDEX written_file_batch ON written_file USING btree (batch_id);
CREATE INDEX written_file_due ON written_file USING btree (next_attempt_at) WHERE (state = 'due'::text);
CREATE INDEX written_file_upload ON written_file USING btree (upload_id);
CREATE UNIQUE INDEX administrator_email ON administrator USING btree (lower(email));
CREATE UNIQUE INDEX mail_recap ON mail USING btree (batch_id) WHERE (kind = 'recap'::text);
CREATE UNIQUE INDEX run_at_work ON run USING btree (team_id) WHERE ((state = 'running'::text) OR (undoing IS NOT NULL));
CREATE UNIQUE INDEX team_user_staff_id ON team_user USING btree (team_id, lower(staff_id));
CREATE UNIQUE INDEX upload_present ON upload USING btree (team_id, path) WHERE ((state = 'ready'::text) AND (gone_at IS NULL));

create view contact_list as
 SELECT team.team,
    contact.contact_id,
    contact.first_name,
    contact.last_name,
    contact.mobile_number,
    contact.staff_id,
    contact.opted_out,
    contact.custom_fields,
    contact.updated_at
   FROM (contact
     JOIN team ON ((team.id = contact.team_id)));

CREATE OR REPLACE FUNCTION contacts_found(team integer, ids text[], name text, lasts text[], firsts text[], mobiles text[], digits text, opted boolean, behind text, most integer)
 RETURNS SETOF text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
      select contact_id from (
        select contact_id, opted_out from unnest(ids) beginning cross join lateral (
          select contact_id, opted_out from "public"."contact"
            where team_id = team and contact_id >= beginning and contact_id < (beginning || chr(65535))
              and (opted is null or opted_out = opted) and (behind is null or contact_id > behind)
            order by contact_id limit most) of_ids
        union select contact_id, opted_out from "public"."contact" where team_id = team and "public"."folded_name"("last_name") ~>=~ "name" and "public"."folded_name"("last_name") ~<~ ("name" || chr(1114111))
        union select contact_id, opted_out from "public"."contact" where team_id = team and "public"."folded_name"("first_name") ~>=~ "name" and "public"."folded_name"("first_name") ~<~ ("name" || chr(1114111))
        union select contact_id, opted_out from unnest(lasts, firsts) pair (last, first) cross join lateral (
          select contact_id, opted_out from "public"."contact"
            where team_id = team and "public"."folded_name"("last_name") ~>=~ "last" and "public"."folded_name"("last_name") ~<~ ("last" || chr(1114111)) and starts_with("public"."folded_name"(first_name), first)
            offset 0) of_pairs
        union select contact_id, opted_out from unnest(mobiles) beginning cross join lateral (
          select contact_id, opted_out from "public"."contact"
            where team_id = team and mobile_number >= beginning and mobile_number <= (beginning || '999999999999999')
            offset 0) of_mobiles
        -- First the numbers, from their index alone.
        union select contact_id, opted_out from "public"."contact"
          where digits is not null and team_id = team and mobile_number = any (array(
            select distinct mobile_number from "public"."contact"
              where team_id = team and mobile_number like '%' || digits || '%'))
      ) found
      where (opted is null or opted_out = opted) and (behind is null or contact_id > behind)
      order by contact_id limit most
    $function$
;
CREATE OR REPLACE FUNCTION delete_contact_before()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
    begin
      delete from "public"."contact_before"
        where batch_id in (select id from "public"."batch" where team_id = old.id);
      return old;
    end $function$
;
CREATE OR REPLACE FUNCTION delete_contacts_of_team()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
    begin
      delete from "public"."contact" where team_id = old.id;
      return old;
    end $function$
;
CREATE OR REPLACE FUNCTION folded_name(name text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (octet_length(name) = length(name)) THEN lower(name) ELSE lower(regexp_replace(NORMALIZE(replace(replace(replace(replace(replace(replace(replace(translate(name, 'øØłŁđĐħĦıŧŦðÐ’‘ʻʼ´'::text, 'oOlLdDhHitTdD'''''''''''::text), 'ß'::text, 'ss'::text), 'æ'::text, 'ae'::text), 'Æ'::text, 'ae'::text), 'œ'::text, 'oe'::text), 'Œ'::text, 'oe'::text), 'þ'::text, 'th'::text), 'Þ'::text, 'th'::text), NFKD), '[̀-ͯ]'::text, ''::text, 'g'::text)) END
;
CREATE OR REPLACE FUNCTION forget_batch_of_contacts()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
    begin
      update "public"."contact" set last_batch_id = null where team_id = old.team_id and last_batch_id = old.id;
      return null;
    end $function$
;
CREATE OR REPLACE FUNCTION hashed_number(number text)
 RETURNS bytea
 LANGUAGE sql
 STABLE
AS $function$
      select sha256(decode(current_setting('rosterport.number_key_outer'), 'hex')
        || sha256(decode(current_setting('rosterport.number_key_inner'), 'hex') || convert_to(number, 'UTF8')))
    $function$
;
CREATE OR REPLACE FUNCTION keep_preference_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
    declare
      -- Only an undo gives back the moment, too; that of an import may be earlier, as it begins before it writes.
      undone constant boolean := new.opt_out_changed_at < old.opt_out_changed_at and new.opt_out_changed_at <> now();
    begin
      insert into "public"."preference_change" (team_id, contact_id, at, opted_out, source, was_opted_out,
        was_source, batch_id, undone, speaker)
      values (new.team_id, new.contact_id, case when undone then clock_timestamp() else new.opt_out_changed_at end,
        new.opted_out, new.opt_out_source, old.opted_out, old.opt_out_source,
        case when undone then old.last_batch_id when new.opt_out_source = 'import' then new.last_batch_id end, undone,
        nullif(current_setting('rosterport.speaker', true), ''));
      return null;
    end $function$
;
CREATE OR REPLACE FUNCTION renew_version()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    begin
      new.version := gen_random_uuid();
      return new;
    end $function$
;
CREATE OR REPLACE FUNCTION tell_rights()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    begin
      perform pg_notify('rosterport', json_build_object('kind', 'rights', 'of', tg_table_name, 'account',
        case when tg_table_name = 'ftp_account' then to_jsonb(old) ->> 'username' end)::text);
      return null;
    end $function$
;

CREATE TRIGGER contact_before_team BEFORE DELETE ON team FOR EACH ROW EXECUTE FUNCTION delete_contact_before();
CREATE TRIGGER contact_last_batch AFTER DELETE ON batch FOR EACH ROW EXECUTE FUNCTION forget_batch_of_contacts();
CREATE TRIGGER contact_preference AFTER UPDATE OF opted_out, opt_out_source ON contact FOR EACH ROW WHEN (((old.opted_out IS DISTINCT FROM new.opted_out) OR (old.opt_out_source IS DISTINCT FROM new.opt_out_source))) EXECUTE FUNCTION keep_preference_change();
CREATE TRIGGER contact_team BEFORE DELETE ON team FOR EACH ROW EXECUTE FUNCTION delete_contacts_of_team();
CREATE TRIGGER rights_changed AFTER UPDATE ON administrator FOR EACH ROW WHEN (((to_jsonb(old.*) - ARRAY['totp_last_step'::text]) IS DISTINCT FROM (to_jsonb(new.*) - ARRAY['totp_last_step'::text]))) EXECUTE FUNCTION tell_rights();
CREATE TRIGGER rights_changed AFTER UPDATE ON administrator_team FOR EACH ROW WHEN (((to_jsonb(old.*) - ARRAY[]::text[]) IS DISTINCT FROM (to_jsonb(new.*) - ARRAY[]::text[]))) EXECUTE FUNCTION tell_rights();
CREATE TRIGGER rights_changed AFTER UPDATE ON api_token FOR EACH ROW WHEN (((to_jsonb(old.*) - ARRAY['last_used_at'::text]) IS DISTINCT FROM (to_jsonb(new.*) - ARRAY['last_used_at'::text]))) EXECUTE FUNCTION tell_rights();
CREATE TRIGGER rights_changed AFTER UPDATE ON ftp_account FOR EACH ROW WHEN (((to_jsonb(old.*) - ARRAY['last_login_at'::text, 'last_login_address'::text, 'version'::text]) IS DISTINCT FROM (to_jsonb(new.*) - ARRAY['last_login_at'::text, 'last_login_address'::text, 'version'::text]))) EXECUTE FUNCTION tell_rights();
CREATE TRIGGER rights_changed AFTER UPDATE ON installation FOR EACH ROW WHEN (((to_jsonb(old.*) - ARRAY['disk_full_at'::text]) IS DISTINCT FROM (to_jsonb(new.*) - ARRAY['disk_full_at'::text]))) EXECUTE FUNCTION tell_rights();
CREATE TRIGGER rights_changed AFTER UPDATE ON session FOR EACH ROW WHEN (((to_jsonb(old.*) - ARRAY['last_seen_at'::text, 'proven_at'::text]) IS DISTINCT FROM (to_jsonb(new.*) - ARRAY['last_seen_at'::text, 'proven_at'::text]))) EXECUTE FUNCTION tell_rights();
CREATE TRIGGER rights_changed AFTER UPDATE ON team FOR EACH ROW WHEN (((to_jsonb(old.*) - ARRAY['last_run_number'::text, 'silence_told_since'::text, 'quota_full_at'::text, 'name'::text, 'time_zone'::text, 'quota_bytes'::text, 'quota_files'::text, 'ftp_strict_close'::text]) IS DISTINCT FROM (to_jsonb(new.*) - ARRAY['last_run_number'::text, 'silence_told_since'::text, 'quota_full_at'::text, 'name'::text, 'time_zone'::text, 'quota_bytes'::text, 'quota_files'::text, 'ftp_strict_close'::text]))) EXECUTE FUNCTION tell_rights();
CREATE TRIGGER rights_removed AFTER DELETE ON administrator FOR EACH ROW EXECUTE FUNCTION tell_rights();
CREATE TRIGGER rights_removed AFTER DELETE ON administrator_team FOR EACH ROW EXECUTE FUNCTION tell_rights();
CREATE TRIGGER rights_removed AFTER DELETE ON api_token FOR EACH ROW EXECUTE FUNCTION tell_rights();
CREATE TRIGGER rights_removed AFTER DELETE ON ftp_account FOR EACH ROW EXECUTE FUNCTION tell_rights();
CREATE TRIGGER rights_removed AFTER DELETE ON installation FOR EACH ROW EXECUTE FUNCTION tell_rights();
CREATE TRIGGER rights_removed AFTER DELETE ON session FOR EACH ROW EXECUTE FUNCTION tell_rights();
CREATE TRIGGER rights_removed AFTER DELETE ON team FOR EACH ROW EXECUTE FUNCTION tell_rights();
CREATE TRIGGER rights_renewed BEFORE UPDATE ON ftp_account FOR EACH ROW WHEN (((to_jsonb(old.*) - ARRAY['last_login_at'::text, 'last_login_address'::text, 'version'::text]) IS DISTINCT FROM (to_jsonb(new.*) - ARRAY['last_login_at'::text, 'last_login_address'::text, 'version'::text]))) EXECUTE FUNCTION renew_version();

create policy team_added on audit for insert with check (((team_id IS NULL) OR ((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))));
create policy team_added on batch for insert with check (((team_id IS NULL) OR ((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))));
create policy team_added on contact for insert with check (((team_id IS NULL) OR ((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))));
create policy team_added on contact_before for insert with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_added on few_contacts for insert with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_added on ftp_account for insert with check (((team_id IS NULL) OR ((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))));
create policy team_added on import_settings for insert with check (((team_id IS NULL) OR ((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))));
create policy team_added on mail for insert with check (((team_id IS NULL) OR ((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))));
create policy team_added on record_error for insert with check ((EXISTS ( SELECT
   FROM batch
  WHERE (batch.id = record_error.batch_id))));
create policy team_added on record_warning for insert with check ((EXISTS ( SELECT
   FROM batch
  WHERE (batch.id = record_warning.batch_id))));
create policy team_added on run for insert with check (((team_id IS NULL) OR ((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))));
create policy team_added on slot for insert with check (((team_id IS NULL) OR ((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))));
create policy team_added on stopped_number for insert with check ((EXISTS ( SELECT
   FROM team
  WHERE (team.team = stopped_number.team))));
create policy team_added on team for insert with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_added on team_user for insert with check (((team_id IS NULL) OR ((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))));
create policy team_added on upload for insert with check (((team_id IS NULL) OR ((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))));
create policy team_added on webhook_secret for insert with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_added on written_file for insert with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_changed on audit for update using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))) with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_changed on batch for update using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))) with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_changed on contact for update using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))) with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_changed on contact_before for update using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))) with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_changed on few_contacts for update using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))) with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_changed on ftp_account for update using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))) with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_changed on import_settings for update using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))) with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_changed on mail for update using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))) with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_changed on record_error for update using ((EXISTS ( SELECT
   FROM batch
  WHERE (batch.id = record_error.batch_id)))) with check ((EXISTS ( SELECT
   FROM batch
  WHERE (batch.id = record_error.batch_id))));
create policy team_changed on record_warning for update using ((EXISTS ( SELECT
   FROM batch
  WHERE (batch.id = record_warning.batch_id)))) with check ((EXISTS ( SELECT
   FROM batch
  WHERE (batch.id = record_warning.batch_id))));
create policy team_changed on run for update using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))) with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_changed on slot for update using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))) with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_changed on stopped_number for update using ((EXISTS ( SELECT
   FROM team
  WHERE (team.team = stopped_number.team)))) with check ((EXISTS ( SELECT
   FROM team
  WHERE (team.team = stopped_number.team))));
create policy team_changed on team for update using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))) with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_changed on team_user for update using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))) with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_changed on upload for update using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))) with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_changed on webhook_secret for update using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))) with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_changed on written_file for update using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[])))) with check (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_removed on audit for delete using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_removed on batch for delete using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_removed on contact for delete using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_removed on contact_before for delete using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_removed on few_contacts for delete using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_removed on ftp_account for delete using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_removed on import_settings for delete using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_removed on mail for delete using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_removed on record_error for delete using ((EXISTS ( SELECT
   FROM batch
  WHERE (batch.id = record_error.batch_id))));
create policy team_removed on record_warning for delete using ((EXISTS ( SELECT
   FROM batch
  WHERE (batch.id = record_warning.batch_id))));
create policy team_removed on run for delete using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_removed on slot for delete using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_removed on stopped_number for delete using ((EXISTS ( SELECT
   FROM team
  WHERE (team.team = stopped_number.team))));
create policy team_removed on team for delete using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_removed on team_user for delete using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_removed on upload for delete using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_removed on webhook_secret for delete using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_removed on written_file for delete using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_seen on audit for select using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_seen on batch for select using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_seen on contact for select using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_seen on contact_before for select using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_seen on few_contacts for select using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_seen on ftp_account for select using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_seen on import_settings for select using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_seen on mail for select using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_seen on preference_change for select using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_seen on record_error for select using ((EXISTS ( SELECT
   FROM batch
  WHERE (batch.id = record_error.batch_id))));
create policy team_seen on record_warning for select using ((EXISTS ( SELECT
   FROM batch
  WHERE (batch.id = record_warning.batch_id))));
create policy team_seen on run for select using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_seen on slot for select using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_seen on stopped_number for select using ((EXISTS ( SELECT
   FROM team
  WHERE (team.team = stopped_number.team))));
create policy team_seen on team for select using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_seen on team_user for select using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_seen on upload for select using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_seen on webhook_secret for select using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));
create policy team_seen on written_file for select using (((( SELECT NULLIF(current_setting('rosterport.teams'::text, true), ''::text) AS "nullif") = 'all'::text) OR (team_id = ANY (( SELECT (string_to_array(NULLIF(NULLIF(current_setting('rosterport.teams'::text, true), ''::text), 'all'::text), ','::text))::integer[] AS string_to_array)::integer[]))));

grant delete, insert, select, update on administrator to rosterport_run;
grant delete, insert, select, update on administrator to rosterport_web;
grant delete, insert, select, update on administrator_team to rosterport_run;
grant delete, insert, select, update on administrator_team to rosterport_web;
grant delete, insert, select, update on api_token to rosterport_run;
grant delete, insert, select, update on api_token to rosterport_web;
grant delete, insert, select, update on batch to rosterport_run;
grant delete, insert, select, update on batch to rosterport_web;
grant delete, insert, select, update on contact to rosterport_run;
grant delete, insert, select, update on contact to rosterport_web;
grant delete, insert, select, update on contact_before to rosterport_run;
grant delete, insert, select, update on contact_before to rosterport_web;
grant delete, insert, select, update on contact_list to rosterport_run;
grant delete, insert, select, update on few_contacts to rosterport_run;
grant delete, insert, select, update on few_contacts to rosterport_web;
grant delete, insert, select, update on ftp_account to rosterport_run;
grant delete, insert, select, update on ftp_account to rosterport_web;
grant delete, insert, select, update on import_settings to rosterport_run;
grant delete, insert, select, update on import_settings to rosterport_web;
grant delete, insert, select, update on installation to rosterport_run;
grant delete, insert, select, update on installation to rosterport_web;
grant delete, insert, select, update on invitation to rosterport_run;
grant delete, insert, select, update on invitation to rosterport_web;
grant delete, insert, select, update on mail to rosterport_run;
grant delete, insert, select, update on mail to rosterport_web;
grant delete, insert, select, update on record_error to rosterport_run;
grant delete, insert, select, update on record_error to rosterport_web;
grant delete, insert, select, update on record_warning to rosterport_run;
grant delete, insert, select, update on record_warning to rosterport_web;
grant delete, insert, select, update on recovery_code to rosterport_run;
grant delete, insert, select, update on recovery_code to rosterport_web;
grant delete, insert, select, update on run to rosterport_run;
grant delete, insert, select, update on run to rosterport_web;
grant delete, insert, select, update on session to rosterport_run;
grant delete, insert, select, update on session to rosterport_web;
grant delete, insert, select, update on slot to rosterport_run;
grant delete, insert, select, update on slot to rosterport_web;
grant delete, insert, select, update on stopped_number to rosterport_run;
grant delete, insert, select, update on stopped_number to rosterport_web;
grant delete, insert, select, update on team to rosterport_run;
grant delete, insert, select, update on team to rosterport_web;
grant delete, insert, select, update on team_user to rosterport_run;
grant delete, insert, select, update on team_user to rosterport_web;
grant delete, insert, select, update on upload to rosterport_run;
grant delete, insert, select, update on upload to rosterport_web;
grant delete, insert, select, update on webhook_secret to rosterport_run;
grant delete, insert, select, update on webhook_secret to rosterport_web;
grant delete, insert, select, update on written_file to rosterport_run;
grant delete, insert, select, update on written_file to rosterport_web;
grant insert, select on audit to rosterport_run;
grant insert, select on audit to rosterport_web;
grant select on preference_change to rosterport_run;
grant select on preference_change to rosterport_web;
