-- Accounts for emergencies: prepared ahead, sealed, opened once with a reason, reviewed before they are sealed again.
create table break_glass_account (
  id uuid primary key,
  name text not null unique,
  -- [{"role": ..., "group": path or null for everywhere}]
  grants jsonb not null,
  minutes int not null check (minutes between 5 and 1440),
  -- How many chargers one use may touch.
  chargers int not null check (chargers >= 1),
  -- Of the code in the envelope; null: the seal is broken.
  code_hash bytea check (octet_length(code_hash) = 32),
  sealed_at timestamptz,
  sealed_by jsonb,
  prepared_at timestamptz not null,
  prepared_by jsonb not null,
  retired_at timestamptz
);

create table break_glass_use (
  id uuid primary key,
  account uuid not null references break_glass_account (id),
  account_name text not null,
  person uuid not null references person (id),
  person_name text not null,
  session uuid not null,
  reason text not null,
  -- As the account was when it was opened.
  grants jsonb not null,
  chargers int not null,
  opened_at timestamptz not null,
  ends_at timestamptz not null,
  ended_at timestamptz,
  reviewed_at timestamptz,
  reviewed_by jsonb,
  verdict text check (verdict in ('justified', 'not-justified')),
  comment text,
  check ((reviewed_at is null) = (verdict is null))
);
-- The next use has to wait for the review of the last.
create unique index break_glass_use_unreviewed on break_glass_use (account) where reviewed_at is null;
