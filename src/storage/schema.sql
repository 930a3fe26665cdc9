CREATE OR REPLACE FUNCTION public.refuse_audit_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the audit record is append-only: % is refused', tg_op
    using errcode = 'insufficient_privilege';
end $function$;

create table api_tokens (
  id uuid not null,
  hash bytea not null,
  name text not null,
  kind text not null,
  owner_place text,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint api_tokens_hash_check CHECK ((octet_length(hash) = 32)),
  constraint api_tokens_hash_key UNIQUE (hash),
  constraint api_tokens_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'robot'::text]))),
  constraint api_tokens_pkey PRIMARY KEY (id)
);
CREATE INDEX api_tokens_live ON public.api_tokens USING btree (created_at, id) WHERE (revoked_at IS NULL);
CREATE UNIQUE INDEX api_tokens_owner ON public.api_tokens USING btree (owner_place) WHERE ((owner_place IS NOT NULL) AND (revoked_at IS NULL));

create table audit_entry (
  sequence bigint not null,
  at timestamp with time zone not null,
  event text not null,
  actor text not null,
  charger text,
  command text,
  entry text not null,
  hash text not null,
  constraint audit_entry_pkey PRIMARY KEY (sequence),
  constraint audit_entry_sequence_check CHECK ((sequence > 0))
);
CREATE INDEX audit_entry_actor ON public.audit_entry USING btree (actor, sequence);
CREATE INDEX audit_entry_at ON public.audit_entry USING btree (at);
CREATE INDEX audit_entry_charger ON public.audit_entry USING btree (charger, sequence) WHERE (charger IS NOT NULL);
CREATE INDEX audit_entry_command ON public.audit_entry USING btree (command, sequence) WHERE (command IS NOT NULL);
CREATE INDEX audit_entry_event ON public.audit_entry USING btree (event, sequence);
CREATE TRIGGER audit_entry_append_only BEFORE DELETE OR UPDATE ON public.audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON public.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

create table audit_head (
  only_one boolean default true not null,
  sequence bigint not null,
  hash text not null,
  constraint audit_head_only_one_check CHECK (only_one),
  constraint audit_head_pkey PRIMARY KEY (only_one)
);
CREATE TRIGGER audit_head_kept BEFORE DELETE ON public.audit_head FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON public.audit_head FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

create table charger (
  identity text not null,
  group_id uuid,
  tags text[] not null,
  assume_protocol text,
  boot_policy text default 'accept'::text not null,
  credential_scheme text not null,
  credential_salt bytea not null,
  credential_hash bytea not null,
  registered_at timestamp with time zone not null,
  constraint charger_boot_policy_check CHECK ((boot_policy = ANY (ARRAY['accept'::text, 'pending'::text, 'reject'::text]))),
  constraint charger_credential_scheme_check CHECK ((credential_scheme = ANY (ARRAY['sha256'::text, 'scrypt'::text]))),
  constraint charger_group_id_fkey FOREIGN KEY (group_id) REFERENCES fleet_group(id),
  constraint charger_pkey PRIMARY KEY (identity)
);
CREATE INDEX charger_group ON public.charger USING btree (group_id);
CREATE INDEX charger_tags ON public.charger USING gin (tags);

create table charger_state (
  identity text not null,
  boot_state text default 'unknown'::text not null,
  vendor text,
  model text,
  serial_number text,
  firmware text,
  boot_reason text,
  boot_provoked boolean default false not null,
  heard_boot_at timestamp with time zone,
  heard_heartbeat_at timestamp with time zone,
  heard_status_at timestamp with time zone,
  heard_meter_values_at timestamp with time zone,
  skew_ms double precision,
  skew_samples jsonb default '[]'::jsonb not null,
  connected boolean default false not null,
  version text,
  epoch bigint default 0 not null,
  issued_epoch bigint default 0 not null,
  closed_epoch bigint default 0 not null,
  authentication smallint default 0 not null,
  displaced_at timestamp with time zone[] default '{}'::timestamp with time zone[] not null,
  connected_at timestamp with time zone,
  gateway text,
  last_seen_at timestamp with time zone,
  round_trip_ms double precision,
  violations bigint default 0 not null,
  constraint charger_state_identity_fkey FOREIGN KEY (identity) REFERENCES charger(identity) ON DELETE CASCADE,
  constraint charger_state_pkey PRIMARY KEY (identity)
) with (fillfactor=70);
CREATE INDEX charger_state_connected ON public.charger_state USING btree (gateway) WHERE connected;
CREATE INDEX charger_state_model ON public.charger_state USING btree (model);

create table command (
  id uuid not null,
  operation text not null,
  params jsonb not null,
  reason text not null,
  actor jsonb not null,
  origin jsonb not null,
  max_running integer not null,
  per_minute integer,
  next_turn_at bigint default 0 not null,
  total integer not null,
  submitted_at bigint not null,
  not_after bigint not null,
  cancelled_at bigint,
  idempotency_key text,
  digest text not null,
  constraint command_max_running_check CHECK ((max_running > 0)),
  constraint command_per_minute_check CHECK ((per_minute > 0)),
  constraint command_pkey PRIMARY KEY (id),
  constraint command_total_check CHECK ((total > 0))
);
CREATE UNIQUE INDEX command_idempotency ON public.command USING btree (((actor ->> 'id'::text)), idempotency_key) WHERE (idempotency_key IS NOT NULL);

create table connection (
  charger text not null,
  epoch bigint not null,
  opened_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  reason text,
  detail text,
  protocol text not null,
  remote_address text not null,
  gateway text not null,
  constraint connection_charger_fkey FOREIGN KEY (charger) REFERENCES charger(identity) ON DELETE CASCADE,
  constraint connection_pkey PRIMARY KEY (charger, epoch)
);
CREATE INDEX connection_opened ON public.connection USING btree (opened_at);

create table connector (
  charger text not null,
  evse integer not null,
  connector integer not null,
  status text not null,
  error text,
  reported_at timestamp with time zone,
  at timestamp with time zone,
  received_at timestamp with time zone not null,
  constraint connector_charger_fkey FOREIGN KEY (charger) REFERENCES charger(identity) ON DELETE CASCADE,
  constraint connector_pkey PRIMARY KEY (charger, evse, connector)
) with (fillfactor=80);

create table dispatch (
  id uuid not null,
  command uuid not null,
  charger text not null,
  ordinal bigint generated always as identity not null,
  operation text not null,
  scope text,
  exclusive boolean not null,
  state text not null,
  step smallint default 0 not null,
  ready boolean not null,
  calling boolean default false not null,
  holding boolean default false not null,
  attempts smallint default 0 not null,
  not_after bigint not null,
  call_id uuid,
  call jsonb,
  epoch bigint,
  fenced_at bigint,
  sent_at bigint,
  answer_by bigint,
  answer jsonb,
  result jsonb,
  detail text,
  outcome text,
  settle_by bigint,
  updated_at bigint not null,
  constraint dispatch_command_fkey FOREIGN KEY (command) REFERENCES command(id),
  constraint dispatch_pkey PRIMARY KEY (id)
) with (fillfactor=70);
CREATE INDEX dispatch_answer_by ON public.dispatch USING btree (answer_by) WHERE calling;
CREATE INDEX dispatch_call ON public.dispatch USING btree (call_id) WHERE (call_id IS NOT NULL);
CREATE INDEX dispatch_charger ON public.dispatch USING btree (charger, ordinal);
CREATE INDEX dispatch_command ON public.dispatch USING btree (command, ordinal);
CREATE UNIQUE INDEX dispatch_exclusive ON public.dispatch USING btree (charger, operation, scope) WHERE (exclusive AND (state = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'accepted'::text])));
CREATE INDEX dispatch_expiry ON public.dispatch USING btree (not_after) WHERE (state = 'queued'::text);
CREATE INDEX dispatch_holding ON public.dispatch USING btree (charger) WHERE holding;
CREATE UNIQUE INDEX dispatch_one_call ON public.dispatch USING btree (charger) WHERE calling;
CREATE INDEX dispatch_ready ON public.dispatch USING btree (charger, ordinal) WHERE ready;
CREATE INDEX dispatch_running ON public.dispatch USING btree (command) WHERE (state = ANY (ARRAY['sending'::text, 'sent'::text, 'accepted'::text]));
CREATE INDEX dispatch_settle_by ON public.dispatch USING btree (settle_by) WHERE (settle_by IS NOT NULL);
CREATE INDEX dispatch_watched ON public.dispatch USING btree (charger) WHERE (settle_by IS NOT NULL);

create table fault (
  id uuid not null,
  charger text not null,
  evse integer not null,
  connector integer not null,
  code text not null,
  source text not null,
  blocking boolean not null,
  info text,
  vendor_code text,
  since timestamp with time zone not null,
  cleared_at timestamp with time zone,
  constraint fault_pkey PRIMARY KEY (id),
  constraint fault_source_check CHECK ((source = ANY (ARRAY['status'::text, 'event'::text])))
);
CREATE INDEX fault_cleared ON public.fault USING btree (cleared_at) WHERE (cleared_at IS NOT NULL);
CREATE INDEX fault_of_charger ON public.fault USING btree (charger, id);
CREATE UNIQUE INDEX fault_open ON public.fault USING btree (charger, evse, connector, source, code) WHERE (cleared_at IS NULL);
CREATE INDEX fault_open_id ON public.fault USING btree (id) WHERE (cleared_at IS NULL);

create table fleet_group (
  id uuid not null,
  path text not null,
  name text not null,
  kind text not null,
  parent uuid,
  constraint fleet_group_kind_check CHECK ((kind = ANY (ARRAY['organisation'::text, 'region'::text, 'site'::text]))),
  constraint fleet_group_parent_fkey FOREIGN KEY (parent) REFERENCES fleet_group(id),
  constraint fleet_group_path_key UNIQUE (path),
  constraint fleet_group_pkey PRIMARY KEY (id)
);
CREATE INDEX fleet_group_parent ON public.fleet_group USING btree (parent);

create table meter_reading (
  charger text not null,
  evse integer not null,
  connector integer not null,
  measurand text not null,
  phase text not null,
  value double precision not null,
  unit text not null,
  at timestamp with time zone not null,
  constraint meter_reading_charger_fkey FOREIGN KEY (charger) REFERENCES charger(identity) ON DELETE CASCADE,
  constraint meter_reading_pkey PRIMARY KEY (charger, evse, connector, measurand, phase)
) with (fillfactor=70);

create table notice (
  id uuid not null,
  charger text not null,
  source text not null,
  kind text not null,
  at timestamp with time zone,
  received_at timestamp with time zone not null,
  detail jsonb not null,
  constraint notice_charger_fkey FOREIGN KEY (charger) REFERENCES charger(identity) ON DELETE CASCADE,
  constraint notice_pkey PRIMARY KEY (id)
);
CREATE INDEX notice_of_charger ON public.notice USING btree (charger, id);
CREATE INDEX notice_received ON public.notice USING btree (received_at);
CREATE UNIQUE INDEX notice_source ON public.notice USING btree (charger, source);

create table session (
  id uuid not null,
  charger text not null,
  start_key text not null,
  stop_key text,
  transaction_id text not null,
  evse integer not null,
  connector integer not null,
  token text,
  token_seq integer,
  remote_start_id bigint,
  state text not null,
  started_at timestamp with time zone not null,
  start_received_at timestamp with time zone not null,
  start_seen boolean not null,
  ended_at timestamp with time zone,
  end_received_at timestamp with time zone,
  end_seen boolean not null,
  stop_reason text,
  meter_start_wh double precision,
  meter_stop_wh double precision,
  seq_first integer,
  seq_last integer,
  seq_seen integer[] not null,
  complete boolean not null,
  constraint session_pkey PRIMARY KEY (id),
  constraint session_state_check CHECK ((state = ANY (ARRAY['running'::text, 'ended'::text])))
) with (fillfactor=80);
CREATE INDEX session_of_charger ON public.session USING btree (charger, id);
CREATE INDEX session_recent ON public.session USING btree (charger, end_received_at) WHERE (state = 'ended'::text);
CREATE INDEX session_running ON public.session USING btree (charger) WHERE (state = 'running'::text);
CREATE INDEX session_running_id ON public.session USING btree (id) WHERE (state = 'running'::text);
CREATE UNIQUE INDEX session_start_key ON public.session USING btree (charger, start_key);
CREATE INDEX session_stop_key ON public.session USING btree (charger, stop_key) WHERE (stop_key IS NOT NULL);
CREATE INDEX session_transaction ON public.session USING btree (charger, transaction_id);

create table storage_committer (
  id uuid not null,
  batch bigint not null,
  at timestamp with time zone not null,
  constraint storage_committer_pkey PRIMARY KEY (id)
) with (fillfactor=20);

create table storage_migration (
  number integer not null,
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone default now() not null,
  constraint storage_migration_pkey PRIMARY KEY (number)
);

create table violation (
  id bigint generated always as identity not null,
  charger text not null,
  source text not null,
  at timestamp with time zone not null,
  kind text not null,
  action text,
  path text,
  detail text not null,
  frame text not null,
  constraint violation_charger_fkey FOREIGN KEY (charger) REFERENCES charger(identity) ON DELETE CASCADE,
  constraint violation_pkey PRIMARY KEY (id)
);
CREATE INDEX violation_of_charger ON public.violation USING btree (charger, id);
CREATE UNIQUE INDEX violation_source ON public.violation USING btree (charger, source);

create table waiting (
  identity text not null,
  first_seen_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  attempts integer not null,
  remote_address text not null,
  offered_protocols text[] not null,
  constraint waiting_pkey PRIMARY KEY (identity)
);
CREATE INDEX waiting_last_seen ON public.waiting USING btree (last_seen_at);
