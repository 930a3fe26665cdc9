-- What chargers let us know beyond their state: learned from answers and reports.
alter table charger_state
  -- By name: value, source (probed, observed, overridden), since, why.
  add column capabilities jsonb not null default '{}',
  -- The newest word of each kind of job it was given.
  add column jobs jsonb not null default '{}',
  -- The newest reports it told in several messages, and how complete they are.
  add column reports jsonb not null default '[]',
  -- What it uploaded to our file plane last.
  add column uploads jsonb not null default '[]',
  -- The local authorisation list it holds.
  add column local_list jsonb,
  -- Out of service on somebody's word.
  add column maintenance jsonb;

-- The parts of reports that come in several messages, as they were told.
create table report_part (
  charger text collate "C" not null references charger (identity) on delete cascade,
  kind text not null,
  request_id bigint not null,
  seq_no integer not null,
  received_at timestamptz not null,
  more boolean not null,
  items jsonb not null,
  primary key (charger, kind, request_id, seq_no)
);
create index report_part_received on report_part (received_at);

-- The settings of a charger as it told them last: a 1.6 key, or Component/Variable of 2.x.
create table setting (
  charger text collate "C" not null references charger (identity) on delete cascade,
  key text collate "C" not null,
  -- Null where the charger does not tell it, e.g. write-only.
  value text,
  readonly boolean,
  -- The charger said that it does not know this key.
  unknown boolean not null default false,
  at timestamptz not null,
  primary key (charger, key)
);

-- What another room gave to a command when it was submitted, e.g. the tokens of a list.
create table command_supply (
  command uuid primary key references command (id) on delete cascade,
  supply jsonb not null
);

-- Beside the step: more than one CALL may follow the first.
comment on column dispatch.step is '0: the command''s own CALL. 1: one that follows it.';
