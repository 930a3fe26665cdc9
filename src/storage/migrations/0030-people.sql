-- Accounts of people, what they prove who they are with, and the sessions that come of it. Of every
-- secret that is random and long only the SHA-256 is kept; of passwords an argon2id string.

-- Keys that every node shares: what cookies are signed with, and unknown names are hidden with.
create table identity_key (
  name text primary key,
  key bytea not null check (octet_length(key) = 32)
);

create table person (
  id uuid primary key,
  -- What is typed to sign in.
  name text not null unique check (name = lower(name) and length(name) between 1 and 64),
  display_name text not null,
  -- Null: signs in without a password.
  password_hash text,
  password_set_at timestamptz,
  -- The role the invitation gave, everywhere. Bindings say what holds now.
  initial_role text,
  created_at timestamptz not null,
  locked_at timestamptz,
  lock_reason text
);

-- Authenticator apps. The secret is needed to check a code, so it is kept as it is.
create table totp (
  id uuid primary key,
  person uuid not null references person (id),
  -- What the person calls it.
  name text not null,
  secret bytea not null,
  -- The newest step of which a code was taken: older codes, and this one, are worth nothing on any node.
  last_step bigint not null,
  added_at timestamptz not null,
  last_used_at timestamptz
);
create index totp_person on totp (person, added_at, id);

create table recovery_code (
  person uuid not null references person (id),
  hash bytea not null check (octet_length(hash) = 32),
  made_at timestamptz not null,
  used_at timestamptz,
  primary key (person, hash)
);

create table person_session (
  id uuid primary key,
  hash bytea not null unique check (octet_length(hash) = 32),
  person uuid not null references person (id),
  -- A cookie of a browser, or a secret that a program shows.
  carried text not null check (carried in ('cookie', 'secret')),
  -- When each factor was shown, ms since the epoch. Nothing but showing one changes it.
  factors jsonb not null,
  break_glass text,
  address text,
  user_agent text,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  -- However much it is used.
  expires_at timestamptz not null,
  ended_at timestamptz,
  end_reason text
);
create index person_session_live on person_session (person, created_at) where ended_at is null;

-- From where a session was used: one network each.
create table session_place (
  session uuid not null references person_session (id) on delete cascade,
  network text not null,
  address text not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  primary key (session, network)
);

-- Browsers in which a person has signed in: other people's wrong passwords do not slow these down.
create table known_device (
  id uuid primary key,
  hash bytea not null unique check (octet_length(hash) = 32),
  person uuid not null references person (id),
  made_at timestamptz not null,
  last_used_at timestamptz not null
);
create index known_device_person on known_device (person);

-- Something that is done in steps: signing in, enrolling, adding a factor.
create table pending_step (
  id uuid primary key,
  hash bytea not null unique check (octet_length(hash) = 32),
  purpose text not null,
  person uuid references person (id),
  -- What was shown so far, ms since the epoch.
  factors jsonb not null default '{}',
  -- What the next step needs: a TOTP's secret that is not proven yet, a challenge.
  data jsonb not null default '{}',
  -- Wrong answers so far.
  failures int not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index pending_step_expiry on pending_step (expires_at);

create table invitation (
  id uuid primary key,
  hash bytea not null unique check (octet_length(hash) = 32),
  -- A new person, or one who gets new second factors.
  kind text not null check (kind in ('person', 'factors')),
  -- It can make the first person only.
  first boolean not null default false,
  person uuid references person (id),
  role text,
  -- Who it is for, in the words of whoever invited.
  note text,
  invited_by jsonb not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);
create index invitation_open on invitation (created_at, id) where used_at is null and revoked_at is null;

-- Wrong passwords and codes, by what is slowed down for them: an account from one network, a network, a
-- known device. No row ever stands for an account as a whole where only its password is guessed.
create table sign_in_failures (
  key text primary key,
  failures int not null,
  last_at timestamptz not null
);
create index sign_in_failures_age on sign_in_failures (last_at);
