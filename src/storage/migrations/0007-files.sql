-- Secrets that all control nodes share: what file links are signed with, and the host keys of SFTP.
create table file_secret (
  name text primary key,
  secret text not null,
  made_at timestamptz not null
);

-- What chargers uploaded, and the content of firmware images. The content itself is a file named by the
-- id, below the data folder that `store` names. A row outlives its content: it is marked as deleted.
create table file (
  id uuid primary key,
  kind text not null check (kind in ('upload', 'firmware')),
  -- History: no reference, so that it outlives the charger's registration.
  charger text collate "C",
  dispatch uuid,
  -- As somebody told it, cleaned for display.
  name text not null,
  size bigint not null check (size >= 0),
  -- Hex.
  sha256 text not null,
  content_type text,
  -- How it came: null where an operator gave it.
  protocol text check (protocol in ('HTTP', 'HTTPS', 'FTP', 'FTPS', 'SFTP')),
  remote_address text,
  store uuid not null,
  received_at timestamptz not null,
  -- When its content is deleted; null: kept until somebody deletes it.
  expires_at timestamptz,
  -- Chargers may fetch it no more.
  withheld_at timestamptz,
  deleted_at timestamptz,
  deleted_because text
);
create index file_charger on file (charger, id) where charger is not null;
create index file_dispatch on file (dispatch, id) where dispatch is not null;
create index file_expiry on file (expires_at) where deleted_at is null and expires_at is not null;

-- What has been done with a file link. The token itself is not kept.
create table file_use (
  -- SHA-256 of the token.
  token bytea primary key check (octet_length(token) = 32),
  kind text not null check (kind in ('upload', 'download')),
  dispatch uuid not null,
  -- Of a download the file it is for; of an upload what came, null until it is complete.
  file uuid,
  times integer not null,
  -- Of a download: sent so far, all times together.
  bytes bigint not null default 0,
  first_at timestamptz not null,
  last_at timestamptz not null,
  expires_at timestamptz not null
);
create index file_use_expiry on file_use (expires_at);

create table firmware (
  id uuid primary key,
  file uuid not null references file (id),
  name text not null,
  vendor text not null,
  -- Models, and versions it may be installed over: exact, or beginnings that end in *. Of versions none
  -- means any.
  models text[] not null check (cardinality(models) > 0),
  installs_over text[] not null,
  version text not null,
  size bigint not null,
  -- Hex.
  sha256 text not null,
  md5 text not null,
  -- Base64, over the image; and the certificate (PEM) that verifies it.
  signature text not null,
  certificate text not null,
  signed_by text not null check (signed_by in ('manufacturer', 'operator')),
  state text not null check (state in ('held', 'released', 'withdrawn')),
  uploaded_at timestamptz not null,
  uploaded_by text not null,
  released_at timestamptz,
  withdrawn_at timestamptz,
  -- When a command first took it: from then on it cannot be deleted.
  first_used_at timestamptz
);
create index firmware_vendor on firmware (vendor, id);

-- The key that signs images whose manufacturer did not, and its self-signed certificate (both PEM).
create table firmware_signing_key (
  only_one boolean primary key default true check (only_one),
  private_key text not null,
  certificate text not null,
  made_at timestamptz not null
);
