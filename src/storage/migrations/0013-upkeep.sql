-- Chargers under maintenance, and those being put back. charger_state.maintenance repeats what commands and
-- automation have to know. A row goes when everything is as it was before.
create table maintenance (
  charger text collate "C" primary key references charger (identity) on delete cascade,
  -- Of this stay; part of the idempotency keys of what is submitted for it.
  id uuid not null,
  state text not null check (state in ('held', 'leaving')),
  since timestamptz not null,
  -- When it ends by itself.
  until timestamptz,
  -- Who holds it.
  actor jsonb not null,
  reason text not null,
  sessions text not null check (sessions in ('wait', 'stop')),
  -- Whether the charger follows, in a word and for people.
  standing text not null,
  standing_since timestamptz not null,
  detail text,
  -- How each connector was before, what was told to the charger, and how often.
  progress jsonb not null,
  -- When it is to be looked at, also where nothing happens; null: when something happens.
  look_at timestamptz,
  -- Rises with every change, so that of two nodes that look at once one acts.
  revision bigint not null
) with (fillfactor = 70);
create index maintenance_look on maintenance (look_at) where look_at is not null;
create index maintenance_until on maintenance (until) where state = 'held' and until is not null;

-- What was asked of each charger under which firmware when it first came, and how far that went.
create table interview (
  charger text collate "C" primary key references charger (identity) on delete cascade,
  -- Empty where the charger tells none.
  firmware text not null,
  state text not null check (state in ('due', 'running', 'done', 'incomplete')),
  detail text,
  begun_at timestamptz,
  progress jsonb not null,
  look_at timestamptz,
  revision bigint not null
) with (fillfactor = 70);
create index interview_look on interview (look_at) where look_at is not null;
create index interview_open on interview (state) where state in ('due', 'running');

-- Chargers going through the checklist of commissioning.
create table commissioning (
  id uuid primary key,
  charger text collate "C" not null references charger (identity) on delete cascade,
  state text not null check (state in ('running', 'completed', 'cancelled')),
  -- Once completed: passed, passed-with-warnings or failed.
  verdict text,
  -- Who asked, and from where: its commands are theirs.
  actor jsonb not null,
  origin jsonb not null,
  reason text not null,
  wanted jsonb not null,
  -- What was found, check by check.
  findings jsonb not null,
  -- The check under way and what was asked for it.
  step jsonb,
  started_at timestamptz not null,
  ended_at timestamptz,
  look_at timestamptz,
  revision bigint not null
) with (fillfactor = 70);
create unique index commissioning_running on commissioning (charger) where state = 'running';
create index commissioning_of_charger on commissioning (charger, id);
create index commissioning_look on commissioning (look_at) where look_at is not null;

-- What settings are wanted of new chargers: by group path, or '' for all others.
create table commissioning_baseline (
  group_path text collate "C" primary key,
  -- By meaning or key.
  settings jsonb not null,
  set_at timestamptz not null,
  set_by text not null
);
