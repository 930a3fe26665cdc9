-- The tree organisation > region > site. `path` repeats the names from the root, joined by `/`.
create table fleet_group (
  id uuid primary key,
  path text collate "C" not null unique,
  name text not null,
  kind text not null check (kind in ('organisation', 'region', 'site')),
  parent uuid references fleet_group (id)
);
create index fleet_group_parent on fleet_group (parent);

-- What people say of a charger: changes rarely.
create table charger (
  identity text collate "C" primary key,
  group_id uuid references fleet_group (id),
  tags text[] not null,
  assume_protocol text,
  -- How a BootNotification is answered.
  boot_policy text not null default 'accept' check (boot_policy in ('accept', 'pending', 'reject')),
  -- Never the credential itself.
  credential_scheme text not null check (credential_scheme in ('sha256', 'scrypt')),
  credential_salt bytea not null,
  credential_hash bytea not null,
  registered_at timestamptz not null
);
create index charger_group on charger (group_id);
create index charger_tags on charger using gin (tags);

-- What the charger and its connection say: changes all the time. Whoever changes anything a charger
-- reported locks its row first, so that one charger's reports are applied one after the other.
create table charger_state (
  identity text collate "C" primary key references charger (identity) on delete cascade,
  boot_state text not null default 'unknown',
  vendor text,
  model text,
  serial_number text,
  firmware text,
  boot_reason text,
  boot_provoked boolean not null default false,
  heard_boot_at timestamptz,
  heard_heartbeat_at timestamptz,
  heard_status_at timestamptz,
  heard_meter_values_at timestamptz,
  -- Charger's clock minus ours, and the observations it comes from.
  skew_ms double precision,
  skew_samples jsonb not null default '[]',
  connected boolean not null default false,
  version text,
  epoch bigint not null default 0,
  -- The greatest epoch given out, and the greatest known to have ended.
  issued_epoch bigint not null default 0,
  closed_epoch bigint not null default 0,
  -- How strongly the connection of issued_epoch was authenticated.
  authentication smallint not null default 0,
  displaced_at timestamptz[] not null default '{}',
  connected_at timestamptz,
  gateway text,
  last_seen_at timestamptz,
  round_trip_ms double precision,
  violations bigint not null default 0
) with (fillfactor = 70);
create index charger_state_model on charger_state (model);
create index charger_state_connected on charger_state (gateway) where connected;

create sequence connection_epoch as bigint;

create table connector (
  charger text collate "C" not null references charger (identity) on delete cascade,
  evse integer not null,
  connector integer not null,
  status text not null,
  error text,
  -- The charger's own time, as it was and corrected by its skew.
  reported_at timestamptz,
  at timestamptz,
  received_at timestamptz not null,
  primary key (charger, evse, connector)
) with (fillfactor = 80);

create table meter_reading (
  charger text collate "C" not null references charger (identity) on delete cascade,
  evse integer not null,
  connector integer not null,
  measurand text not null,
  -- Empty where the value is of no single phase.
  phase text not null,
  value double precision not null,
  unit text not null,
  at timestamptz not null,
  primary key (charger, evse, connector, measurand, phase)
) with (fillfactor = 70);

-- OCPP 1.6 transaction ids: ours to give, positive, 32 bits.
create sequence transaction_number as integer start 1000;

-- Sessions and faults are history: they outlive the charger's registration.
create table session (
  id uuid primary key,
  charger text collate "C" not null,
  -- What makes a repetition recognisable: one session per charger and key.
  start_key text not null,
  -- Likewise for a stop that named no transaction of ours.
  stop_key text,
  transaction_id text not null,
  evse integer not null,
  connector integer not null,
  token text,
  token_seq integer,
  remote_start_id bigint,
  state text not null check (state in ('running', 'ended')),
  started_at timestamptz not null,
  start_received_at timestamptz not null,
  start_seen boolean not null,
  ended_at timestamptz,
  end_received_at timestamptz,
  end_seen boolean not null,
  stop_reason text,
  meter_start_wh double precision,
  meter_stop_wh double precision,
  -- OCPP 2.x: the first and last seqNo, and what came between as pairs first, last.
  seq_first integer,
  seq_last integer,
  seq_seen integer[] not null,
  complete boolean not null
) with (fillfactor = 80);
create unique index session_start_key on session (charger, start_key);
create index session_stop_key on session (charger, stop_key) where stop_key is not null;
create index session_transaction on session (charger, transaction_id);
create index session_running on session (charger) where state = 'running';
create index session_running_id on session (id) where state = 'running';
create index session_recent on session (charger, end_received_at) where state = 'ended';
create index session_of_charger on session (charger, id);

create table fault (
  id uuid primary key,
  charger text collate "C" not null,
  evse integer not null,
  connector integer not null,
  code text not null,
  source text not null check (source in ('status', 'event')),
  -- The connector was out of use because of it.
  blocking boolean not null,
  info text,
  vendor_code text,
  since timestamptz not null,
  cleared_at timestamptz
);
create unique index fault_open on fault (charger, evse, connector, source, code)
  where cleared_at is null;
create index fault_of_charger on fault (charger, id);
create index fault_open_id on fault (id) where cleared_at is null;
create index fault_cleared on fault (cleared_at) where cleared_at is not null;

create table connection (
  charger text collate "C" not null references charger (identity) on delete cascade,
  epoch bigint not null,
  opened_at timestamptz not null,
  closed_at timestamptz,
  reason text,
  detail text,
  protocol text not null,
  remote_address text not null,
  gateway text not null,
  primary key (charger, epoch)
);
create index connection_opened on connection (opened_at);

-- The newest violations of each charger; charger_state counts them all.
create table violation (
  id bigint generated always as identity primary key,
  charger text collate "C" not null references charger (identity) on delete cascade,
  -- What makes a repetition recognisable: every control node hears the same report.
  source text not null,
  at timestamptz not null,
  kind text not null,
  action text,
  path text,
  detail text not null,
  frame text not null
);
create index violation_of_charger on violation (charger, id);
create unique index violation_source on violation (charger, source);

-- What a charger told that is no state: security events, progress of jobs, vendor messages.
create table notice (
  id uuid primary key,
  charger text collate "C" not null references charger (identity) on delete cascade,
  -- What makes a repetition by a gateway recognisable.
  source text not null,
  kind text not null,
  at timestamptz,
  received_at timestamptz not null,
  detail jsonb not null
);
create unique index notice_source on notice (charger, source);
create index notice_of_charger on notice (charger, id);
create index notice_received on notice (received_at);

-- Identities that tried to connect and are not registered; bounded.
create table waiting (
  identity text collate "C" primary key,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  attempts integer not null,
  remote_address text not null,
  offered_protocols text[] not null
);
create index waiting_last_seen on waiting (last_seen_at);
