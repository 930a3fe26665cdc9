-- Accounts at a single sign-on provider. Issuer and subject together name one for ever; e-mail addresses do not.
create table single_sign_on_link (
  issuer text not null,
  subject text not null,
  person uuid not null references person (id),
  -- What the provider's groups gave at the last sign-in: [{"role": ..., "group": path or null for everywhere}]
  grants jsonb not null default '[]',
  linked_at timestamptz not null,
  primary key (issuer, subject),
  unique (person, issuer)
);

-- People who went to the provider and are not back. The key is a hash of what only their browser has.
create table single_sign_on_trip (
  key bytea primary key check (octet_length(key) = 32),
  purpose jsonb not null,
  expires_at timestamptz not null
);
create index single_sign_on_trip_expiry on single_sign_on_trip (expires_at);
