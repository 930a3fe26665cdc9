-- Weekly limits a charger holds, which are sent again when the clocks have changed.
alter table charger_state
  -- By place: the parameters, and the moment (ms since the epoch) after which they are due.
  add column weekly_limits jsonb not null default '[]';
create index charger_state_weekly on charger_state (identity) where weekly_limits <> '[]';

-- What a site may draw in all, set by a person or robot.
create table site_limit (
  group_id uuid primary key references fleet_group (id) on delete cascade,
  path text collate "C" not null unique,
  -- How much, when, and how it is shared.
  asked jsonb not null,
  reason text not null,
  actor jsonb not null,
  set_at timestamptz not null,
  -- Counts the times it was set.
  revision bigint not null default 1,
  -- The last time somebody was told another share.
  split_at timestamptz
);

-- What each EVSE of a limited site may draw, as far as it is known, and what it was last told.
create table site_share (
  charger text collate "C" not null references charger (identity) on delete cascade,
  evse integer not null,
  -- Of the amounts here: A per phase, or W.
  unit text not null check (unit in ('A', 'W')),
  -- The most it may draw; null: it never confirmed a limit of ours.
  bound double precision,
  -- What it was told last; null: that no limit of the site holds any more.
  told double precision,
  state text not null check (state in ('pending', 'shown', 'kept', 'unverified', 'failed')),
  -- Why it failed, or how far it is.
  detail text,
  -- Failures one after the other.
  failures integer not null default 0,
  -- The key of the submission that tells it, so that the same is never submitted twice.
  ask uuid not null,
  -- The command that tells it; null until it has been submitted.
  command uuid,
  reason text not null,
  not_after timestamptz not null,
  told_at timestamptz not null,
  primary key (charger, evse)
);

-- Which control node shares out site limits: one at a time, for as long as it renews its lease.
create table energy_lease (
  only_one boolean primary key default true check (only_one),
  holder uuid not null,
  until timestamptz not null
);
