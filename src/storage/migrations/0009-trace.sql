-- Until when every message of the charger is kept, and why.
alter table charger
  add column trace_until timestamptz,
  add column trace_reason text;
create index charger_traced on charger (trace_until) where trace_until is not null;

-- Messages of traced chargers as they went over the wire, cut and with secrets masked.
create table trace_frame (
  charger text collate "C" not null references charger (identity) on delete cascade,
  -- Of the connection, and within it the number of the frame.
  epoch bigint not null,
  sequence integer not null,
  at timestamptz not null,
  -- Null for a gap.
  direction text check (direction in ('in', 'out')),
  type text not null,
  -- Of a result, the action of the CALL it answers.
  action text,
  message_id text,
  text text not null,
  -- Characters before it was cut.
  length integer not null,
  -- Of a result or error: how long after its CALL.
  round_trip_ms integer,
  -- Frames right before this one that could not be kept.
  missed integer not null default 0,
  primary key (charger, epoch, sequence)
);
create index trace_frame_at on trace_frame using brin (at);

-- How a charger's connections behave, as far as it tells something about the charger.
create table charger_link (
  charger text collate "C" primary key references charger (identity) on delete cascade,
  -- The latest connections, displacements, boots, CALLs without answer, and round trips.
  observed jsonb not null,
  -- How long nothing may come before it is strange.
  quiet_ms integer,
  round_trip_median_ms double precision,
  round_trip_p95_ms double precision,
  round_trip_samples integer not null default 0
) with (fillfactor = 70);

-- What is wrong with a charger's connection, clock or power, as it shows from outside.
create table charger_condition (
  id uuid primary key,
  charger text collate "C" not null references charger (identity) on delete cascade,
  kind text not null,
  -- When it began, which may be before it was noticed.
  since timestamptz not null,
  raised_at timestamptz not null,
  cleared_at timestamptz,
  evidence jsonb not null
);
create unique index charger_condition_open on charger_condition (charger, kind)
  where cleared_at is null;
create index charger_condition_kind on charger_condition (kind) where cleared_at is null;
create index charger_condition_of_charger on charger_condition (charger, raised_at);
create index charger_condition_cleared on charger_condition (cleared_at)
  where cleared_at is not null;

-- So many of each kind are kept.
create index notice_of_kind on notice (charger, kind, id);

-- The timeline of a charger: what people changed, and how commands ended.
create index audit_entry_changes on audit_entry (charger, at, sequence)
  where charger is not null and event not like 'command.%';
create index dispatch_ended on dispatch (charger, updated_at)
  where state not in ('submitted', 'queued', 'sending', 'sent', 'accepted');
