-- How often things were tried, in pieces of ten minutes: what baselines are reckoned from.
create table attempt_tally (
  key text collate "C" not null,
  -- Pieces of ten minutes since the epoch.
  piece bigint not null,
  allowed bigint not null,
  refused bigint not null,
  primary key (key, piece)
);
create index attempt_tally_piece on attempt_tally (piece);

-- What detection found and somebody should look at.
create table alert (
  id uuid primary key,
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
  first_at timestamptz not null,
  last_at timestamptz not null,
  times int not null,
  closed_at timestamptz,
  closed_by text,
  verdict text check (verdict in ('misuse', 'mistake', 'legitimate', 'unclear')),
  finding text
);
create index alert_closed on alert (closed_at);
-- One open alert for one thing.
create unique index alert_open on alert (detector, key, actor_id) where closed_at is null;
