-- API tokens. Only the SHA-256 of a token's 256 random bits is kept; a stolen table opens nothing.
-- Revoked tokens stay, so that the record's actor ids keep a name and a revoked secret is known as such.
create table api_tokens (
  id uuid primary key,
  hash bytea not null unique check (octet_length(hash) = 32),
  name text not null,
  kind text not null check (kind in ('person', 'robot')),
  -- The host and data folder whose owner-token file holds this token; null for every other token.
  owner_place text,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);

create unique index api_tokens_owner on api_tokens (owner_place)
  where owner_place is not null and revoked_at is null;
create index api_tokens_live on api_tokens (created_at, id) where revoked_at is null;
