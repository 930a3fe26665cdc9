-- Who may charge: named lists of tokens, and whose they are.
create table token_list (
  name text collate "C" primary key,
  label text,
  -- Grows with every change.
  revision bigint not null,
  -- The last revision that changed what chargers are told.
  tokens_revision bigint not null,
  -- Every change of a token is known that came after this revision.
  known_since bigint not null,
  unknown_tokens text not null check (unknown_tokens in ('accept', 'refuse')),
  concurrent_sessions text not null check (concurrent_sessions in ('allow', 'refuse')),
  tokens integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

-- Names that were lists: one that is made anew goes on counting, so that no revision means two things.
create table token_list_past (
  name text collate "C" primary key,
  revision bigint not null
);

create table token_list_token (
  list text collate "C" not null references token_list (name) on delete cascade,
  -- How tokens are compared: without case.
  key text collate "C" not null,
  token text not null,
  type text,
  parent text,
  status text not null check (status in ('accepted', 'blocked')),
  valid_from timestamptz,
  valid_until timestamptz,
  label text,
  -- The last revision that changed what chargers are told of it.
  revision bigint not null,
  primary key (list, key)
);

-- Every revision: who made it, why, and what it did.
create table token_list_change (
  list text collate "C" not null references token_list (name) on delete cascade,
  revision bigint not null,
  at timestamptz not null,
  kind text not null,
  actor jsonb not null,
  reason text not null,
  added integer not null,
  changed integer not null,
  removed integer not null,
  primary key (list, revision)
);

-- What the newest revisions did to each token: before and after, null where it was not on the list.
create table token_list_change_token (
  list text collate "C" not null,
  revision bigint not null,
  key text collate "C" not null,
  before jsonb,
  after jsonb,
  primary key (list, revision, key),
  foreign key (list, revision) references token_list_change (list, revision) on delete cascade
);

-- Which list is a charger's: its own, else that of one of its tags, of its nearest group, or of everybody.
-- No foreign key to what it names: a list outlives the removal of a charger that comes back.
create table token_assignment (
  kind text not null check (kind in ('charger', 'tag', 'group', 'everywhere')),
  -- Empty for everywhere.
  name text collate "C" not null,
  list text collate "C" not null references token_list (name),
  at timestamptz not null,
  actor jsonb not null,
  reason text not null,
  primary key (kind, name)
);
create index token_assignment_list on token_assignment (list);

-- Grows with every change of the above, so that nodes notice a change they were not told of.
create table access_revision (
  only_one boolean primary key default true check (only_one),
  revision bigint not null
);
insert into access_revision (revision) values (0);

-- Whether a token is charging elsewhere. Tokens are compared without case.
create index session_running_token on session (lower(token collate "C"))
  where state = 'running' and token is not null;
