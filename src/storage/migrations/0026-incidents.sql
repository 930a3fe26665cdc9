-- How far the frames of one life of a gateway's process have been counted.
create table frame_run (
  run text primary key,
  gateway text not null,
  counted bigint not null,
  last_at timestamptz not null
);

-- What must not be and was: somebody has to look at it and say what it was.
create table incident (
  id uuid primary key,
  kind text not null check (kind in ('unexplained-frame', 'uncounted-frames')),
  opened_at timestamptz not null,
  charger text,
  gateway text not null,
  detail jsonb not null,
  closed_at timestamptz,
  closed_by text,
  finding text
);
