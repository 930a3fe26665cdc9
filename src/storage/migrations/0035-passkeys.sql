-- Passkeys of people (WebAuthn credentials). Public keys only: a stolen table opens nothing.
create table passkey (
  id uuid primary key,
  person uuid not null,
  name text not null,
  credential bytea not null unique,
  -- COSE key.
  public_key bytea not null,
  -- 0 for ever where the authenticator does not count.
  sign_count bigint not null,
  transports text[] not null,
  synced boolean not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  -- Its counter went backwards: somebody has a copy. It is accepted no more.
  suspended_at timestamptz
);

create index passkey_person on passkey (person, created_at, id);

-- Challenges that were given out and not answered yet. An answer takes its challenge away.
create table passkey_challenge (
  challenge bytea not null,
  purpose text not null check (purpose in ('register', 'sign-in', 'factor', 'digest')),
  -- Who may answer it; null: whoever can.
  person uuid,
  expires_at timestamptz not null,
  unique nulls not distinct (challenge, purpose, person)
);

create index passkey_challenge_expiry on passkey_challenge (expires_at);
