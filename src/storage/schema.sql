CREATE OR REPLACE FUNCTION public.refuse_audit_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the audit record is append-only: % is refused', tg_op
    using errcode = 'insufficient_privilege';
end $function$;

CREATE OR REPLACE FUNCTION public.refuse_policy_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'versions of the policy are append-only: % is refused', tg_op
    using errcode = 'insufficient_privilege';
end $function$;

CREATE OR REPLACE FUNCTION public.refuse_shut_out(actors text[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  why text;
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('command shut out', 91));
  select because into why from command_shut_out where actor = any (actors) limit 1;
  if why is not null then
    raise exception '%', why using errcode = 'OT001';
  end if;
end $function$;

create table access_revision (
  only_one boolean default true not null,
  revision bigint not null,
  constraint access_revision_only_one_check CHECK (only_one),
  constraint access_revision_pkey PRIMARY KEY (only_one)
);

create table alert (
  id uuid not null,
  detector text not null,
  key text not null,
  mode text not null,
  actor_id text not null,
  actor_name text not null,
  operation text not null,
  sentence text not null,
  observed double precision not null,
  baseline jsonb not null,
  window_ms bigint not null,
  chargers text[] not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  times integer not null,
  closed_at timestamp with time zone,
  closed_by text,
  verdict text,
  finding text,
  constraint alert_pkey PRIMARY KEY (id),
  constraint alert_verdict_check CHECK ((verdict = ANY (ARRAY['misuse'::text, 'mistake'::text, 'legitimate'::text, 'unclear'::text])))
);
CREATE INDEX alert_closed ON public.alert USING btree (closed_at);
CREATE UNIQUE INDEX alert_open ON public.alert USING btree (detector, key, actor_id) WHERE (closed_at IS NULL);

create table api_tokens (
  id uuid not null,
  hash bytea not null,
  name text not null,
  owner_place text,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  grants jsonb default '[]'::jsonb not null,
  budgets jsonb,
  made_by jsonb,
  constraint api_tokens_expire CHECK (((owner_place IS NOT NULL) OR (expires_at IS NOT NULL))),
  constraint api_tokens_hash_check CHECK ((octet_length(hash) = 32)),
  constraint api_tokens_hash_key UNIQUE (hash),
  constraint api_tokens_pkey PRIMARY KEY (id)
);
CREATE INDEX api_tokens_live ON public.api_tokens USING btree (created_at, id) WHERE (revoked_at IS NULL);
CREATE UNIQUE INDEX api_tokens_owner ON public.api_tokens USING btree (owner_place) WHERE ((owner_place IS NOT NULL) AND (revoked_at IS NULL));

create table approval_decision (
  request uuid not null,
  person text not null,
  deed text not null,
  name text not null,
  at bigint not null,
  digest text not null,
  comment text,
  roles text[] not null,
  strong_at bigint,
  signature jsonb,
  constraint approval_decision_deed_check CHECK ((deed = ANY (ARRAY['approve'::text, 'veto'::text]))),
  constraint approval_decision_pkey PRIMARY KEY (request, person, deed),
  constraint approval_decision_request_fkey FOREIGN KEY (request) REFERENCES approval_request(id)
);

create table approval_request (
  id uuid not null,
  kind text not null,
  document text not null,
  digest text not null,
  plan text,
  origin jsonb not null,
  authentication jsonb,
  summary text not null,
  requester text not null,
  requested_by jsonb not null,
  requested_at bigint not null,
  reason text not null,
  ticket text,
  needs jsonb not null,
  execution text not null,
  edits_rules boolean not null,
  state text not null,
  expires_at bigint not null,
  executes_at bigint,
  execute_before bigint,
  look_at bigint,
  detail text,
  ended_at bigint,
  groups text[] default '{}'::text[] not null,
  idempotency_key text,
  asked_digest text,
  constraint approval_request_check CHECK (((state = ANY (ARRAY['waiting'::text, 'approved'::text])) = (ended_at IS NULL))),
  constraint approval_request_check1 CHECK (((state <> 'approved'::text) OR ((executes_at IS NOT NULL) AND (execute_before IS NOT NULL)))),
  constraint approval_request_check2 CHECK (((idempotency_key IS NULL) OR (asked_digest IS NOT NULL))),
  constraint approval_request_execution_check CHECK ((execution = ANY (ARRAY['automatic'::text, 'by-hand'::text]))),
  constraint approval_request_pkey PRIMARY KEY (id),
  constraint approval_request_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'approved'::text, 'executed'::text, 'vetoed'::text, 'withdrawn'::text, 'expired'::text, 'void'::text])))
);
CREATE INDEX approval_request_edits ON public.approval_request USING btree (ended_at) WHERE (edits_rules AND (state = 'executed'::text));
CREATE UNIQUE INDEX approval_request_key ON public.approval_request USING btree (requester, idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE INDEX approval_request_look ON public.approval_request USING btree (look_at) WHERE (look_at IS NOT NULL);
CREATE INDEX approval_request_requester ON public.approval_request USING btree (requester, id);
CREATE INDEX approval_request_state ON public.approval_request USING btree (state, id);

create table attempt_tally (
  key text not null,
  piece bigint not null,
  allowed bigint not null,
  refused bigint not null,
  constraint attempt_tally_pkey PRIMARY KEY (key, piece)
);
CREATE INDEX attempt_tally_piece ON public.attempt_tally USING btree (piece);

create table audit_checkpoint (
  log text not null,
  size bigint not null,
  at timestamp with time zone not null,
  note text not null,
  constraint audit_checkpoint_pkey PRIMARY KEY (log, size),
  constraint audit_checkpoint_size_check CHECK ((size > 0))
);
CREATE INDEX audit_checkpoint_at ON public.audit_checkpoint USING btree (at);

create table audit_cosignature (
  log text not null,
  size bigint not null,
  witness text not null,
  at timestamp with time zone not null,
  line text not null,
  constraint audit_cosignature_log_size_fkey FOREIGN KEY (log, size) REFERENCES audit_checkpoint(log, size) ON DELETE CASCADE,
  constraint audit_cosignature_pkey PRIMARY KEY (log, size, witness)
);

create table audit_entry (
  sequence bigint not null,
  at timestamp with time zone not null,
  event text not null,
  actor text not null,
  charger text,
  command text,
  entry text not null,
  leaf bytea not null,
  constraint audit_entry_pkey PRIMARY KEY (sequence),
  constraint audit_entry_sequence_check CHECK ((sequence > 0))
);
CREATE INDEX audit_entry_actor ON public.audit_entry USING btree (actor, sequence);
CREATE INDEX audit_entry_at ON public.audit_entry USING btree (at);
CREATE INDEX audit_entry_changes ON public.audit_entry USING btree (charger, at, sequence) WHERE ((charger IS NOT NULL) AND (event !~~ 'command.%'::text));
CREATE INDEX audit_entry_charger ON public.audit_entry USING btree (charger, sequence) WHERE (charger IS NOT NULL);
CREATE INDEX audit_entry_command ON public.audit_entry USING btree (command, sequence) WHERE (command IS NOT NULL);
CREATE INDEX audit_entry_event ON public.audit_entry USING btree (event, sequence);
CREATE INDEX audit_entry_not_well ON public.audit_entry USING btree (sequence) WHERE ("substring"(event, '[^.]*$'::text) = ANY (ARRAY['accepted-unverified'::text, 'unverified'::text, 'unknown'::text, 'failed'::text, 'change-failed'::text, 'step-up-failed'::text, 'expired'::text, 'not-following'::text, 'fork-refused'::text, 'refused'::text, 'request-refused'::text, 'unsupported'::text, 'rejected'::text, 'vetoed'::text, 'denied'::text, 'locked-out'::text, 'reconciled'::text]));
CREATE TRIGGER audit_entry_append_only BEFORE DELETE OR UPDATE ON public.audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON public.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

create table audit_head (
  only_one boolean default true not null,
  size bigint not null,
  frontier bytea not null,
  constraint audit_head_only_one_check CHECK (only_one),
  constraint audit_head_pkey PRIMARY KEY (only_one)
);
CREATE TRIGGER audit_head_kept BEFORE DELETE ON public.audit_head FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON public.audit_head FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

create table audit_log (
  only_one boolean default true not null,
  key text not null,
  asking text,
  asking_until timestamp with time zone,
  constraint audit_log_only_one_check CHECK (only_one),
  constraint audit_log_pkey PRIMARY KEY (only_one)
);

create table audit_node (
  level smallint not null,
  index bigint not null,
  hash bytea not null,
  constraint audit_node_index_check CHECK ((index >= 0)),
  constraint audit_node_level_check CHECK ((level > 0)),
  constraint audit_node_pkey PRIMARY KEY (level, index)
);
CREATE TRIGGER audit_node_append_only BEFORE DELETE OR UPDATE ON public.audit_node FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_node_no_truncate BEFORE TRUNCATE ON public.audit_node FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

create table audit_opening (
  commitment text not null,
  kind text not null,
  at timestamp with time zone not null,
  sequences bigint[] not null,
  subject text not null,
  salt bytea not null,
  value text not null,
  constraint audit_opening_pkey1 PRIMARY KEY (commitment),
  constraint audit_opening_salt_check1 CHECK ((octet_length(salt) = 32))
);
CREATE INDEX audit_opening_kept ON public.audit_opening USING btree (kind, at);
CREATE INDEX audit_opening_subject ON public.audit_opening USING btree (subject);
CREATE TRIGGER audit_opening_no_truncate BEFORE TRUNCATE ON public.audit_opening FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_opening_unchanged BEFORE UPDATE ON public.audit_opening FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();

create table break_glass_account (
  id uuid not null,
  name text not null,
  grants jsonb not null,
  minutes integer not null,
  chargers integer not null,
  code_hash bytea,
  sealed_at timestamp with time zone,
  sealed_by jsonb,
  prepared_at timestamp with time zone not null,
  prepared_by jsonb not null,
  retired_at timestamp with time zone,
  constraint break_glass_account_chargers_check CHECK ((chargers >= 1)),
  constraint break_glass_account_code_hash_check CHECK ((octet_length(code_hash) = 32)),
  constraint break_glass_account_minutes_check CHECK (((minutes >= 5) AND (minutes <= 1440))),
  constraint break_glass_account_name_key UNIQUE (name),
  constraint break_glass_account_pkey PRIMARY KEY (id)
);

create table break_glass_use (
  id uuid not null,
  account uuid not null,
  account_name text not null,
  person uuid not null,
  person_name text not null,
  session uuid not null,
  reason text not null,
  grants jsonb not null,
  chargers integer not null,
  opened_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  reviewed_at timestamp with time zone,
  reviewed_by jsonb,
  verdict text,
  comment text,
  constraint break_glass_use_account_fkey FOREIGN KEY (account) REFERENCES break_glass_account(id),
  constraint break_glass_use_check CHECK (((reviewed_at IS NULL) = (verdict IS NULL))),
  constraint break_glass_use_person_fkey FOREIGN KEY (person) REFERENCES person(id),
  constraint break_glass_use_pkey PRIMARY KEY (id),
  constraint break_glass_use_verdict_check CHECK ((verdict = ANY (ARRAY['justified'::text, 'not-justified'::text])))
);
CREATE UNIQUE INDEX break_glass_use_unreviewed ON public.break_glass_use USING btree (account) WHERE (reviewed_at IS NULL);

create table budget (
  key text not null,
  taken jsonb not null,
  kept_until timestamp with time zone not null,
  constraint budget_pkey PRIMARY KEY (key)
) with (fillfactor=70);
CREATE INDEX budget_kept ON public.budget USING btree (kept_until);

create table budget_member (
  key text not null,
  member text not null,
  at bigint not null,
  kept_until timestamp with time zone not null,
  constraint budget_member_pkey PRIMARY KEY (key, member)
) with (fillfactor=70);
CREATE INDEX budget_member_at ON public.budget_member USING btree (key, at);
CREATE INDEX budget_member_kept ON public.budget_member USING btree (kept_until);

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
  trace_until timestamp with time zone,
  trace_reason text,
  next_credentials jsonb default '[]'::jsonb not null,
  credential_proven_at timestamp with time zone,
  lowest_profile smallint default 1 not null,
  constraint charger_boot_policy_check CHECK ((boot_policy = ANY (ARRAY['accept'::text, 'pending'::text, 'reject'::text]))),
  constraint charger_credential_scheme_check CHECK ((credential_scheme = ANY (ARRAY['sha256'::text, 'scrypt'::text]))),
  constraint charger_group_id_fkey FOREIGN KEY (group_id) REFERENCES fleet_group(id),
  constraint charger_lowest_profile_check CHECK (((lowest_profile >= 1) AND (lowest_profile <= 3))),
  constraint charger_pkey PRIMARY KEY (identity)
);
CREATE INDEX charger_group ON public.charger USING btree (group_id);
CREATE INDEX charger_tags ON public.charger USING gin (tags);
CREATE INDEX charger_traced ON public.charger USING btree (trace_until) WHERE (trace_until IS NOT NULL);

create table charger_authority (
  id uuid not null,
  fingerprint text not null,
  chain text not null,
  origin text not null,
  added_at timestamp with time zone not null,
  constraint charger_authority_fingerprint_key UNIQUE (fingerprint),
  constraint charger_authority_origin_check CHECK ((origin = ANY (ARRAY['made'::text, 'given'::text]))),
  constraint charger_authority_pkey PRIMARY KEY (id)
);

create table charger_certificate (
  id uuid not null,
  charger text not null,
  registered text,
  state text not null,
  requested_at timestamp with time zone,
  request text,
  request_digest text,
  request_number integer,
  authority uuid,
  issued_at timestamp with time zone,
  certificate text,
  fingerprint text,
  serial text,
  not_before timestamp with time zone,
  not_after timestamp with time zone,
  handed_over_at timestamp with time zone,
  shown_at timestamp with time zone,
  revoked_at timestamp with time zone,
  revoked_by text,
  revoked_reason text,
  renewal_asked_at timestamp with time zone,
  constraint charger_certificate_authority_fkey FOREIGN KEY (authority) REFERENCES charger_authority(id),
  constraint charger_certificate_fingerprint_key UNIQUE (fingerprint),
  constraint charger_certificate_pkey PRIMARY KEY (id),
  constraint charger_certificate_registered_fkey FOREIGN KEY (registered) REFERENCES charger(identity) ON DELETE SET NULL,
  constraint charger_certificate_state_check CHECK ((state = ANY (ARRAY['requested'::text, 'issued'::text, 'replaced'::text, 'revoked'::text]))),
  constraint charger_certificate_whole CHECK (((state = ANY (ARRAY['requested'::text, 'replaced'::text])) = (certificate IS NULL)))
);
CREATE INDEX charger_certificate_charger ON public.charger_certificate USING btree (charger, id);
CREATE INDEX charger_certificate_expiry ON public.charger_certificate USING btree (not_after) WHERE (state = 'issued'::text);
CREATE UNIQUE INDEX charger_certificate_pending ON public.charger_certificate USING btree (charger) WHERE (state = 'requested'::text);
CREATE INDEX charger_certificate_undelivered ON public.charger_certificate USING btree (id) WHERE ((state = 'issued'::text) AND (authority IS NOT NULL) AND (handed_over_at IS NULL));

create table charger_condition (
  id uuid not null,
  charger text not null,
  kind text not null,
  since timestamp with time zone not null,
  raised_at timestamp with time zone not null,
  cleared_at timestamp with time zone,
  evidence jsonb not null,
  constraint charger_condition_charger_fkey FOREIGN KEY (charger) REFERENCES charger(identity) ON DELETE CASCADE,
  constraint charger_condition_pkey PRIMARY KEY (id)
);
CREATE INDEX charger_condition_cleared ON public.charger_condition USING btree (cleared_at) WHERE (cleared_at IS NOT NULL);
CREATE INDEX charger_condition_kind ON public.charger_condition USING btree (kind) WHERE (cleared_at IS NULL);
CREATE INDEX charger_condition_of_charger ON public.charger_condition USING btree (charger, raised_at);
CREATE UNIQUE INDEX charger_condition_open ON public.charger_condition USING btree (charger, kind) WHERE (cleared_at IS NULL);

create table charger_link (
  charger text not null,
  observed jsonb not null,
  quiet_ms integer,
  round_trip_median_ms double precision,
  round_trip_p95_ms double precision,
  round_trip_samples integer default 0 not null,
  constraint charger_link_charger_fkey FOREIGN KEY (charger) REFERENCES charger(identity) ON DELETE CASCADE,
  constraint charger_link_pkey PRIMARY KEY (charger)
) with (fillfactor=70);

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
  capabilities jsonb default '{}'::jsonb not null,
  jobs jsonb default '{}'::jsonb not null,
  reports jsonb default '[]'::jsonb not null,
  uploads jsonb default '[]'::jsonb not null,
  local_list jsonb,
  maintenance jsonb,
  heard_meters jsonb default '{}'::jsonb not null,
  weekly_limits jsonb default '[]'::jsonb not null,
  asked jsonb default '{}'::jsonb not null,
  reservations jsonb default '[]'::jsonb not null,
  certificate text,
  certificate_at timestamp with time zone,
  constraint charger_state_identity_fkey FOREIGN KEY (identity) REFERENCES charger(identity) ON DELETE CASCADE,
  constraint charger_state_pkey PRIMARY KEY (identity)
) with (fillfactor=70);
CREATE INDEX charger_state_connected ON public.charger_state USING btree (gateway) WHERE connected;
CREATE INDEX charger_state_model ON public.charger_state USING btree (model);
CREATE INDEX charger_state_weekly ON public.charger_state USING btree (identity) WHERE (weekly_limits <> '[]'::jsonb);

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
  jitter double precision,
  watts_per_minute double precision,
  approval uuid,
  acknowledges text[] default '{}'::text[] not null,
  constraint command_jitter_check CHECK (((jitter >= (0)::double precision) AND (jitter <= (1)::double precision))),
  constraint command_max_running_check CHECK ((max_running > 0)),
  constraint command_per_minute_check CHECK ((per_minute > 0)),
  constraint command_pkey PRIMARY KEY (id),
  constraint command_total_check CHECK ((total > 0)),
  constraint command_watts_per_minute_check CHECK ((watts_per_minute > (0)::double precision))
);
CREATE UNIQUE INDEX command_approval ON public.command USING btree (approval) WHERE (approval IS NOT NULL);
CREATE UNIQUE INDEX command_idempotency ON public.command USING btree (((actor ->> 'id'::text)), idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE INDEX command_power ON public.command USING btree (not_after) WHERE (watts_per_minute IS NOT NULL);

create table command_shut_out (
  actor text not null,
  because text not null,
  at bigint not null,
  told boolean not null,
  constraint command_shut_out_pkey PRIMARY KEY (actor)
);

create table command_supply (
  command uuid not null,
  supply jsonb not null,
  constraint command_supply_command_fkey FOREIGN KEY (command) REFERENCES command(id) ON DELETE CASCADE,
  constraint command_supply_pkey PRIMARY KEY (command)
);

create table commissioning (
  id uuid not null,
  charger text not null,
  state text not null,
  verdict text,
  actor jsonb not null,
  origin jsonb not null,
  reason text not null,
  wanted jsonb not null,
  findings jsonb not null,
  step jsonb,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  look_at timestamp with time zone,
  revision bigint not null,
  constraint commissioning_charger_fkey FOREIGN KEY (charger) REFERENCES charger(identity) ON DELETE CASCADE,
  constraint commissioning_pkey PRIMARY KEY (id),
  constraint commissioning_state_check CHECK ((state = ANY (ARRAY['running'::text, 'completed'::text, 'cancelled'::text])))
) with (fillfactor=70);
CREATE INDEX commissioning_look ON public.commissioning USING btree (look_at) WHERE (look_at IS NOT NULL);
CREATE INDEX commissioning_of_charger ON public.commissioning USING btree (charger, id);
CREATE UNIQUE INDEX commissioning_running ON public.commissioning USING btree (charger) WHERE (state = 'running'::text);

create table commissioning_baseline (
  group_path text not null,
  settings jsonb not null,
  set_at timestamp with time zone not null,
  set_by text not null,
  constraint commissioning_baseline_pkey PRIMARY KEY (group_path)
);

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

create table custom_role (
  name text not null,
  description text not null,
  permissions text[] not null,
  operations text[] not null,
  changed_at timestamp with time zone not null,
  changed_by jsonb not null,
  reason text not null,
  constraint custom_role_name_check CHECK ((name ~ '^[a-z][a-z0-9-]{0,39}$'::text)),
  constraint custom_role_pkey PRIMARY KEY (name)
);

create table decider (
  person text not null,
  constraint decider_pkey PRIMARY KEY (person)
);

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
  paced boolean default false not null,
  refusal jsonb,
  call_step smallint default 0 not null,
  earlier_call_ids uuid[],
  earlier_calls jsonb,
  constraint dispatch_command_fkey FOREIGN KEY (command) REFERENCES command(id),
  constraint dispatch_pkey PRIMARY KEY (id)
) with (fillfactor=70);
CREATE INDEX dispatch_answer_by ON public.dispatch USING btree (answer_by) WHERE calling;
CREATE INDEX dispatch_call ON public.dispatch USING btree (call_id) WHERE (call_id IS NOT NULL);
CREATE INDEX dispatch_charger ON public.dispatch USING btree (charger, ordinal);
CREATE INDEX dispatch_command ON public.dispatch USING btree (command, ordinal);
CREATE INDEX dispatch_earlier ON public.dispatch USING gin (earlier_call_ids) WITH (fastupdate=off) WHERE (earlier_call_ids IS NOT NULL);
CREATE INDEX dispatch_ended ON public.dispatch USING btree (charger, updated_at) WHERE (state <> ALL (ARRAY['submitted'::text, 'queued'::text, 'sending'::text, 'sent'::text, 'accepted'::text]));
CREATE UNIQUE INDEX dispatch_exclusive ON public.dispatch USING btree (charger, operation, scope) WHERE (exclusive AND (state = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'accepted'::text])));
CREATE INDEX dispatch_expiry ON public.dispatch USING btree (not_after) WHERE (state = 'queued'::text);
CREATE INDEX dispatch_holding ON public.dispatch USING btree (charger) WHERE holding;
CREATE UNIQUE INDEX dispatch_one_call ON public.dispatch USING btree (charger) WHERE calling;
CREATE INDEX dispatch_paced ON public.dispatch USING btree (charger, ordinal) WHERE (ready AND paced AND (step = 0));
CREATE INDEX dispatch_ready ON public.dispatch USING btree (charger, ordinal) WHERE ready;
CREATE INDEX dispatch_resets ON public.dispatch USING btree (charger, sent_at) WHERE ((operation = 'charger.reset'::text) AND (sent_at IS NOT NULL));
CREATE INDEX dispatch_running ON public.dispatch USING btree (command) WHERE (state = ANY (ARRAY['sending'::text, 'sent'::text, 'accepted'::text]));
CREATE INDEX dispatch_settle_by ON public.dispatch USING btree (settle_by) WHERE (settle_by IS NOT NULL);
CREATE INDEX dispatch_watched ON public.dispatch USING btree (charger) WHERE (settle_by IS NOT NULL);

create table energy_lease (
  only_one boolean default true not null,
  holder uuid not null,
  until timestamp with time zone not null,
  constraint energy_lease_only_one_check CHECK (only_one),
  constraint energy_lease_pkey PRIMARY KEY (only_one)
);

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

create table file (
  id uuid not null,
  kind text not null,
  charger text,
  dispatch uuid,
  name text not null,
  size bigint not null,
  sha256 text not null,
  content_type text,
  protocol text,
  remote_address text,
  store uuid not null,
  received_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  withheld_at timestamp with time zone,
  deleted_at timestamp with time zone,
  deleted_because text,
  constraint file_kind_check CHECK ((kind = ANY (ARRAY['upload'::text, 'firmware'::text]))),
  constraint file_pkey PRIMARY KEY (id),
  constraint file_protocol_check CHECK ((protocol = ANY (ARRAY['HTTP'::text, 'HTTPS'::text, 'FTP'::text, 'FTPS'::text, 'SFTP'::text]))),
  constraint file_size_check CHECK ((size >= 0))
);
CREATE INDEX file_charger ON public.file USING btree (charger, id) WHERE (charger IS NOT NULL);
CREATE INDEX file_dispatch ON public.file USING btree (dispatch, id) WHERE (dispatch IS NOT NULL);
CREATE INDEX file_expiry ON public.file USING btree (expires_at) WHERE ((deleted_at IS NULL) AND (expires_at IS NOT NULL));

create table file_secret (
  name text not null,
  secret text not null,
  made_at timestamp with time zone not null,
  constraint file_secret_pkey PRIMARY KEY (name)
);

create table file_use (
  token bytea not null,
  kind text not null,
  dispatch uuid not null,
  file uuid,
  times integer not null,
  bytes bigint default 0 not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint file_use_kind_check CHECK ((kind = ANY (ARRAY['upload'::text, 'download'::text]))),
  constraint file_use_pkey PRIMARY KEY (token),
  constraint file_use_token_check CHECK ((octet_length(token) = 32))
);
CREATE INDEX file_use_expiry ON public.file_use USING btree (expires_at);

create table firmware (
  id uuid not null,
  file uuid not null,
  name text not null,
  vendor text not null,
  models text[] not null,
  installs_over text[] not null,
  version text not null,
  size bigint not null,
  sha256 text not null,
  md5 text not null,
  signature text not null,
  certificate text not null,
  signed_by text not null,
  state text not null,
  uploaded_at timestamp with time zone not null,
  uploaded_by text not null,
  released_at timestamp with time zone,
  withdrawn_at timestamp with time zone,
  first_used_at timestamp with time zone,
  constraint firmware_file_fkey FOREIGN KEY (file) REFERENCES file(id),
  constraint firmware_models_check CHECK ((cardinality(models) > 0)),
  constraint firmware_pkey PRIMARY KEY (id),
  constraint firmware_signed_by_check CHECK ((signed_by = ANY (ARRAY['manufacturer'::text, 'operator'::text]))),
  constraint firmware_state_check CHECK ((state = ANY (ARRAY['held'::text, 'released'::text, 'withdrawn'::text])))
);
CREATE INDEX firmware_vendor ON public.firmware USING btree (vendor, id);

create table firmware_signing_key (
  only_one boolean default true not null,
  private_key text not null,
  certificate text not null,
  made_at timestamp with time zone not null,
  constraint firmware_signing_key_only_one_check CHECK (only_one),
  constraint firmware_signing_key_pkey PRIMARY KEY (only_one)
);

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
CREATE INDEX fleet_group_branch ON public.fleet_group USING btree (path);
CREATE INDEX fleet_group_parent ON public.fleet_group USING btree (parent);

create table frame_run (
  run text not null,
  gateway text not null,
  counted bigint not null,
  last_at timestamp with time zone not null,
  constraint frame_run_pkey PRIMARY KEY (run)
);

create table identity_key (
  name text not null,
  key bytea not null,
  constraint identity_key_key_check CHECK ((octet_length(key) = 32)),
  constraint identity_key_pkey PRIMARY KEY (name)
);

create table incident (
  id uuid not null,
  kind text not null,
  opened_at timestamp with time zone not null,
  charger text,
  gateway text not null,
  detail jsonb not null,
  closed_at timestamp with time zone,
  closed_by text,
  finding text,
  constraint incident_kind_check CHECK ((kind = ANY (ARRAY['unexplained-frame'::text, 'uncounted-frames'::text]))),
  constraint incident_pkey PRIMARY KEY (id)
);

create table interview (
  charger text not null,
  firmware text not null,
  state text not null,
  detail text,
  begun_at timestamp with time zone,
  progress jsonb not null,
  look_at timestamp with time zone,
  revision bigint not null,
  constraint interview_charger_fkey FOREIGN KEY (charger) REFERENCES charger(identity) ON DELETE CASCADE,
  constraint interview_pkey PRIMARY KEY (charger),
  constraint interview_state_check CHECK ((state = ANY (ARRAY['due'::text, 'running'::text, 'done'::text, 'incomplete'::text])))
) with (fillfactor=70);
CREATE INDEX interview_look ON public.interview USING btree (look_at) WHERE (look_at IS NOT NULL);
CREATE INDEX interview_open ON public.interview USING btree (state) WHERE (state = ANY (ARRAY['due'::text, 'running'::text]));

create table invitation (
  id uuid not null,
  hash bytea not null,
  kind text not null,
  first boolean default false not null,
  person uuid,
  role text,
  note text,
  invited_by jsonb not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint invitation_hash_check CHECK ((octet_length(hash) = 32)),
  constraint invitation_hash_key UNIQUE (hash),
  constraint invitation_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'factors'::text]))),
  constraint invitation_person_fkey FOREIGN KEY (person) REFERENCES person(id),
  constraint invitation_pkey PRIMARY KEY (id)
);
CREATE INDEX invitation_open ON public.invitation USING btree (created_at, id) WHERE ((used_at IS NULL) AND (revoked_at IS NULL));

create table known_device (
  id uuid not null,
  hash bytea not null,
  person uuid not null,
  made_at timestamp with time zone not null,
  last_used_at timestamp with time zone not null,
  constraint known_device_hash_check CHECK ((octet_length(hash) = 32)),
  constraint known_device_hash_key UNIQUE (hash),
  constraint known_device_person_fkey FOREIGN KEY (person) REFERENCES person(id),
  constraint known_device_pkey PRIMARY KEY (id)
);
CREATE INDEX known_device_person ON public.known_device USING btree (person);

create table maintenance (
  charger text not null,
  id uuid not null,
  state text not null,
  since timestamp with time zone not null,
  until timestamp with time zone,
  actor jsonb not null,
  reason text not null,
  sessions text not null,
  standing text not null,
  standing_since timestamp with time zone not null,
  detail text,
  progress jsonb not null,
  look_at timestamp with time zone,
  revision bigint not null,
  constraint maintenance_charger_fkey FOREIGN KEY (charger) REFERENCES charger(identity) ON DELETE CASCADE,
  constraint maintenance_pkey PRIMARY KEY (charger),
  constraint maintenance_sessions_check CHECK ((sessions = ANY (ARRAY['wait'::text, 'stop'::text]))),
  constraint maintenance_state_check CHECK ((state = ANY (ARRAY['held'::text, 'leaving'::text])))
) with (fillfactor=70);
CREATE INDEX maintenance_look ON public.maintenance USING btree (look_at) WHERE (look_at IS NOT NULL);
CREATE INDEX maintenance_until ON public.maintenance USING btree (until) WHERE ((state = 'held'::text) AND (until IS NOT NULL));

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
CREATE INDEX notice_of_kind ON public.notice USING btree (charger, kind, id);
CREATE INDEX notice_received ON public.notice USING btree (received_at);
CREATE UNIQUE INDEX notice_source ON public.notice USING btree (charger, source);

create table passkey (
  id uuid not null,
  person uuid not null,
  name text not null,
  credential bytea not null,
  public_key bytea not null,
  sign_count bigint not null,
  transports text[] not null,
  synced boolean not null,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  suspended_at timestamp with time zone,
  constraint passkey_credential_key UNIQUE (credential),
  constraint passkey_pkey PRIMARY KEY (id)
);
CREATE INDEX passkey_person ON public.passkey USING btree (person, created_at, id);

create table passkey_challenge (
  challenge bytea not null,
  purpose text not null,
  person uuid,
  expires_at timestamp with time zone not null,
  constraint passkey_challenge_challenge_purpose_person_key UNIQUE NULLS NOT DISTINCT (challenge, purpose, person),
  constraint passkey_challenge_purpose_check CHECK ((purpose = ANY (ARRAY['register'::text, 'sign-in'::text, 'factor'::text, 'digest'::text])))
);
CREATE INDEX passkey_challenge_expiry ON public.passkey_challenge USING btree (expires_at);

create table pending_step (
  id uuid not null,
  hash bytea not null,
  purpose text not null,
  person uuid,
  factors jsonb default '{}'::jsonb not null,
  data jsonb default '{}'::jsonb not null,
  failures integer default 0 not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint pending_step_hash_check CHECK ((octet_length(hash) = 32)),
  constraint pending_step_hash_key UNIQUE (hash),
  constraint pending_step_person_fkey FOREIGN KEY (person) REFERENCES person(id),
  constraint pending_step_pkey PRIMARY KEY (id)
);
CREATE INDEX pending_step_expiry ON public.pending_step USING btree (expires_at);

create table person (
  id uuid not null,
  name text not null,
  display_name text not null,
  password_hash text,
  password_set_at timestamp with time zone,
  initial_role text,
  created_at timestamp with time zone not null,
  locked_at timestamp with time zone,
  lock_reason text,
  constraint person_name_check CHECK (((name = lower(name)) AND ((length(name) >= 1) AND (length(name) <= 64)))),
  constraint person_name_key UNIQUE (name),
  constraint person_pkey PRIMARY KEY (id)
);

create table person_session (
  id uuid not null,
  hash bytea not null,
  person uuid not null,
  carried text not null,
  factors jsonb not null,
  break_glass text,
  address text,
  user_agent text,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  end_reason text,
  constraint person_session_carried_check CHECK ((carried = ANY (ARRAY['cookie'::text, 'secret'::text]))),
  constraint person_session_hash_check CHECK ((octet_length(hash) = 32)),
  constraint person_session_hash_key UNIQUE (hash),
  constraint person_session_person_fkey FOREIGN KEY (person) REFERENCES person(id),
  constraint person_session_pkey PRIMARY KEY (id)
);
CREATE INDEX person_session_live ON public.person_session USING btree (person, created_at) WHERE (ended_at IS NULL);

create table policy_version (
  version integer not null,
  rules jsonb not null,
  since timestamp with time zone not null,
  changed_by jsonb not null,
  reason text not null,
  approval text,
  constraint policy_version_pkey PRIMARY KEY (version),
  constraint policy_version_version_check CHECK ((version > 0))
);
CREATE TRIGGER policy_version_append_only BEFORE DELETE OR UPDATE ON public.policy_version FOR EACH ROW EXECUTE FUNCTION refuse_policy_change();
CREATE TRIGGER policy_version_no_truncate BEFORE TRUNCATE ON public.policy_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_policy_change();

create table recovery_code (
  person uuid not null,
  hash bytea not null,
  made_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint recovery_code_hash_check CHECK ((octet_length(hash) = 32)),
  constraint recovery_code_person_fkey FOREIGN KEY (person) REFERENCES person(id),
  constraint recovery_code_pkey PRIMARY KEY (person, hash)
);

create table report_part (
  charger text not null,
  kind text not null,
  request_id bigint not null,
  seq_no integer not null,
  received_at timestamp with time zone not null,
  more boolean not null,
  items jsonb not null,
  constraint report_part_charger_fkey FOREIGN KEY (charger) REFERENCES charger(identity) ON DELETE CASCADE,
  constraint report_part_pkey PRIMARY KEY (charger, kind, request_id, seq_no)
);
CREATE INDEX report_part_received ON public.report_part USING btree (received_at);

create table role_binding (
  id uuid not null,
  principal_kind text not null,
  principal text not null,
  role text not null,
  group_id uuid,
  until timestamp with time zone,
  given_at timestamp with time zone not null,
  given_by jsonb not null,
  reason text not null,
  approval text,
  constraint role_binding_group_id_fkey FOREIGN KEY (group_id) REFERENCES fleet_group(id),
  constraint role_binding_pkey PRIMARY KEY (id),
  constraint role_binding_principal_kind_check CHECK ((principal_kind = ANY (ARRAY['person'::text, 'team'::text, 'robot'::text])))
);
CREATE INDEX role_binding_group ON public.role_binding USING btree (group_id) WHERE (group_id IS NOT NULL);
CREATE UNIQUE INDEX role_binding_once ON public.role_binding USING btree (principal_kind, principal, role, COALESCE(group_id, '00000000-0000-0000-0000-000000000000'::uuid));
CREATE INDEX role_binding_role ON public.role_binding USING btree (role);

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
CREATE INDEX session_running_token ON public.session USING btree (lower((token COLLATE "C"))) WHERE ((state = 'running'::text) AND (token IS NOT NULL));
CREATE UNIQUE INDEX session_start_key ON public.session USING btree (charger, start_key);
CREATE INDEX session_stop_key ON public.session USING btree (charger, stop_key) WHERE (stop_key IS NOT NULL);
CREATE INDEX session_transaction ON public.session USING btree (charger, transaction_id);

create table session_place (
  session uuid not null,
  network text not null,
  address text not null,
  first_seen_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  constraint session_place_pkey PRIMARY KEY (session, network),
  constraint session_place_session_fkey FOREIGN KEY (session) REFERENCES person_session(id) ON DELETE CASCADE
);

create table setting (
  charger text not null,
  key text not null,
  value text,
  readonly boolean,
  unknown boolean default false not null,
  at timestamp with time zone not null,
  constraint setting_charger_fkey FOREIGN KEY (charger) REFERENCES charger(identity) ON DELETE CASCADE,
  constraint setting_pkey PRIMARY KEY (charger, key)
);

create table siem_cursor (
  receiver text not null,
  sequence bigint not null,
  holder text not null,
  lease_until timestamp with time zone not null,
  constraint siem_cursor_pkey PRIMARY KEY (receiver)
);

create table sign_in_failures (
  key text not null,
  failures integer not null,
  last_at timestamp with time zone not null,
  constraint sign_in_failures_pkey PRIMARY KEY (key)
);
CREATE INDEX sign_in_failures_age ON public.sign_in_failures USING btree (last_at);

create table single_sign_on_link (
  issuer text not null,
  subject text not null,
  person uuid not null,
  grants jsonb default '[]'::jsonb not null,
  linked_at timestamp with time zone not null,
  constraint single_sign_on_link_person_fkey FOREIGN KEY (person) REFERENCES person(id),
  constraint single_sign_on_link_person_issuer_key UNIQUE (person, issuer),
  constraint single_sign_on_link_pkey PRIMARY KEY (issuer, subject)
);

create table single_sign_on_trip (
  key bytea not null,
  purpose jsonb not null,
  expires_at timestamp with time zone not null,
  constraint single_sign_on_trip_key_check CHECK ((octet_length(key) = 32)),
  constraint single_sign_on_trip_pkey PRIMARY KEY (key)
);
CREATE INDEX single_sign_on_trip_expiry ON public.single_sign_on_trip USING btree (expires_at);
CREATE INDEX single_sign_on_trip_session ON public.single_sign_on_trip USING btree (((purpose ->> 'session'::text))) WHERE ((purpose ->> 'session'::text) IS NOT NULL);

create table site_limit (
  group_id uuid not null,
  path text not null,
  asked jsonb not null,
  reason text not null,
  actor jsonb not null,
  set_at timestamp with time zone not null,
  revision bigint default 1 not null,
  split_at timestamp with time zone,
  constraint site_limit_group_id_fkey FOREIGN KEY (group_id) REFERENCES fleet_group(id) ON DELETE CASCADE,
  constraint site_limit_path_key UNIQUE (path),
  constraint site_limit_pkey PRIMARY KEY (group_id)
);

create table site_share (
  charger text not null,
  evse integer not null,
  unit text not null,
  bound double precision,
  told double precision,
  state text not null,
  detail text,
  failures integer default 0 not null,
  ask uuid not null,
  command uuid,
  reason text not null,
  not_after timestamp with time zone not null,
  told_at timestamp with time zone not null,
  constraint site_share_charger_fkey FOREIGN KEY (charger) REFERENCES charger(identity) ON DELETE CASCADE,
  constraint site_share_pkey PRIMARY KEY (charger, evse),
  constraint site_share_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'shown'::text, 'kept'::text, 'unverified'::text, 'failed'::text]))),
  constraint site_share_unit_check CHECK ((unit = ANY (ARRAY['A'::text, 'W'::text])))
);

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

create table team (
  name text not null,
  description text not null,
  claims text[] not null,
  changed_at timestamp with time zone not null,
  changed_by jsonb not null,
  reason text not null,
  constraint team_pkey PRIMARY KEY (name)
);

create table team_member (
  team text not null,
  person text not null,
  source text not null,
  constraint team_member_pkey PRIMARY KEY (team, person, source),
  constraint team_member_source_check CHECK ((source = ANY (ARRAY['given'::text, 'single-sign-on'::text]))),
  constraint team_member_team_fkey FOREIGN KEY (team) REFERENCES team(name) ON DELETE CASCADE
);
CREATE INDEX team_member_person ON public.team_member USING btree (person);

create table token_assignment (
  kind text not null,
  name text not null,
  list text not null,
  at timestamp with time zone not null,
  actor jsonb not null,
  reason text not null,
  constraint token_assignment_kind_check CHECK ((kind = ANY (ARRAY['charger'::text, 'tag'::text, 'group'::text, 'everywhere'::text]))),
  constraint token_assignment_list_fkey FOREIGN KEY (list) REFERENCES token_list(name),
  constraint token_assignment_pkey PRIMARY KEY (kind, name)
);
CREATE INDEX token_assignment_list ON public.token_assignment USING btree (list);

create table token_list (
  name text not null,
  label text,
  revision bigint not null,
  tokens_revision bigint not null,
  known_since bigint not null,
  unknown_tokens text not null,
  concurrent_sessions text not null,
  tokens integer not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint token_list_concurrent_sessions_check CHECK ((concurrent_sessions = ANY (ARRAY['allow'::text, 'refuse'::text]))),
  constraint token_list_pkey PRIMARY KEY (name),
  constraint token_list_unknown_tokens_check CHECK ((unknown_tokens = ANY (ARRAY['accept'::text, 'refuse'::text])))
);

create table token_list_change (
  list text not null,
  revision bigint not null,
  at timestamp with time zone not null,
  kind text not null,
  actor jsonb not null,
  reason text not null,
  added integer not null,
  changed integer not null,
  removed integer not null,
  constraint token_list_change_list_fkey FOREIGN KEY (list) REFERENCES token_list(name) ON DELETE CASCADE,
  constraint token_list_change_pkey PRIMARY KEY (list, revision)
);

create table token_list_change_token (
  list text not null,
  revision bigint not null,
  key text not null,
  before jsonb,
  after jsonb,
  constraint token_list_change_token_list_revision_fkey FOREIGN KEY (list, revision) REFERENCES token_list_change(list, revision) ON DELETE CASCADE,
  constraint token_list_change_token_pkey PRIMARY KEY (list, revision, key)
);

create table token_list_past (
  name text not null,
  revision bigint not null,
  constraint token_list_past_pkey PRIMARY KEY (name)
);

create table token_list_token (
  list text not null,
  key text not null,
  token text not null,
  type text,
  parent text,
  status text not null,
  valid_from timestamp with time zone,
  valid_until timestamp with time zone,
  label text,
  revision bigint not null,
  constraint token_list_token_list_fkey FOREIGN KEY (list) REFERENCES token_list(name) ON DELETE CASCADE,
  constraint token_list_token_pkey PRIMARY KEY (list, key),
  constraint token_list_token_status_check CHECK ((status = ANY (ARRAY['accepted'::text, 'blocked'::text])))
);

create table totp (
  id uuid not null,
  person uuid not null,
  name text not null,
  secret bytea not null,
  last_step bigint not null,
  added_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  constraint totp_person_fkey FOREIGN KEY (person) REFERENCES person(id),
  constraint totp_pkey PRIMARY KEY (id)
);
CREATE INDEX totp_person ON public.totp USING btree (person, added_at, id);

create table trace_frame (
  charger text not null,
  epoch bigint not null,
  sequence integer not null,
  at timestamp with time zone not null,
  direction text,
  type text not null,
  action text,
  message_id text,
  text text not null,
  length integer not null,
  round_trip_ms integer,
  missed integer default 0 not null,
  constraint trace_frame_charger_fkey FOREIGN KEY (charger) REFERENCES charger(identity) ON DELETE CASCADE,
  constraint trace_frame_direction_check CHECK ((direction = ANY (ARRAY['in'::text, 'out'::text]))),
  constraint trace_frame_pkey PRIMARY KEY (charger, epoch, sequence)
);
CREATE INDEX trace_frame_at ON public.trace_frame USING brin (at);

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
  problem text,
  constraint waiting_pkey PRIMARY KEY (identity)
);
CREATE INDEX waiting_last_seen ON public.waiting USING btree (last_seen_at);
