-- Authorities that signed certificates of chargers. Their private keys lie in files, never here.
create table charger_authority (
  id uuid primary key,
  -- SHA-256 of the certificate, hex.
  fingerprint text not null unique,
  -- PEM, and those above it where it is no root.
  chain text not null,
  -- Made here at first use, or given by a setting.
  origin text not null check (origin in ('made', 'given')),
  added_at timestamptz not null
);

-- What chargers asked to have signed, and every certificate that identified one.
create table charger_certificate (
  id uuid primary key,
  charger text not null,
  -- The registration it belongs to; null once that was removed, and nothing brings it back.
  registered text references charger (identity) on delete set null,
  state text not null check (state in ('requested', 'issued', 'replaced', 'revoked')),
  requested_at timestamptz,
  -- PEM, of what the charger sent, and its SHA-256.
  request text,
  request_digest text,
  -- OCPP 2.1: the charger's own number for it.
  request_number integer,
  -- Null for certificates of other authorities, which are kept from when they are first shown.
  authority uuid references charger_authority (id),
  issued_at timestamptz,
  -- PEM.
  certificate text,
  -- SHA-256, hex.
  fingerprint text unique,
  serial text,
  not_before timestamptz,
  not_after timestamptz,
  -- The command that carries it to the charger was submitted.
  handed_over_at timestamptz,
  -- When the charger first connected with it.
  shown_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  revoked_reason text,
  -- When the charger was last asked to renew it.
  renewal_asked_at timestamptz,
  constraint charger_certificate_whole check (
    (state in ('requested', 'replaced')) = (certificate is null))
);
create index charger_certificate_charger on charger_certificate (charger, id);
-- One at a time waits to be signed.
create unique index charger_certificate_pending on charger_certificate (charger) where state = 'requested';
create index charger_certificate_undelivered on charger_certificate (id)
  where state = 'issued' and authority is not null and handed_over_at is null;
create index charger_certificate_expiry on charger_certificate (not_after) where state = 'issued';

-- The lowest security profile a charger may connect with. It rises with what the charger has used.
alter table charger
  add column lowest_profile smallint not null default 1 check (lowest_profile between 1 and 3);

alter table charger_state
  -- SHA-256 of the certificate shown with the newest connection; null: none.
  add column certificate text,
  add column certificate_at timestamptz;

-- Why a charger that is not registered could not have come in anyway.
alter table waiting add column problem text;
