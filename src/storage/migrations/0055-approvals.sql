-- Requests for approval. What people approve is `document`, an RFC 8785 text whose SHA-256 is `digest`; the other
-- columns repeat parts of it so that requests can be found, or say what became of it.
create table approval_request (
  id uuid primary key,
  kind text not null,
  document text not null,
  digest text not null,
  -- How it would be done on each charger, whose digest is part of the document; null where nothing is planned.
  plan text,
  -- From where and how proven its maker asked.
  origin jsonb not null,
  authentication jsonb,
  summary text not null,
  requester text not null,
  requested_by jsonb not null,
  requested_at bigint not null,
  reason text not null,
  ticket text,
  needs jsonb not null,
  execution text not null check (execution in ('automatic', 'by-hand')),
  -- Done, it changed the rules that requests fall under.
  edits_rules boolean not null,
  state text not null check (
    state in ('waiting', 'approved', 'executed', 'vetoed', 'withdrawn', 'expired', 'void')),
  expires_at bigint not null,
  executes_at bigint,
  execute_before bigint,
  -- When it is to be looked at next; moved ahead by the node that looks.
  look_at bigint,
  -- Why it is in this state, or is not carried out yet.
  detail text,
  ended_at bigint,
  check ((state in ('waiting', 'approved')) = (ended_at is null)),
  check (state <> 'approved' or (executes_at is not null and execute_before is not null))
);
create index approval_request_requester on approval_request (requester, id);
create index approval_request_state on approval_request (state, id);
create index approval_request_look on approval_request (look_at) where look_at is not null;
create index approval_request_edits on approval_request (ended_at) where edits_rules and state = 'executed';

-- What people said to it. One person counts once.
create table approval_decision (
  request uuid not null references approval_request (id),
  person text not null,
  deed text not null check (deed in ('approve', 'veto')),
  name text not null,
  at bigint not null,
  -- What they were shown and said yes or no to.
  digest text not null,
  comment text,
  -- Those by which it counts.
  roles text[] not null,
  -- When they had last shown a second factor.
  strong_at bigint,
  -- By a passkey over the digest, complete enough to be checked later.
  signature jsonb,
  primary key (request, person, deed)
);

-- The approved request a command was made under: one request makes one command.
alter table command add column approval uuid;
create unique index command_approval on command (approval) where approval is not null;
