-- Credentials chargers were given over the air and have not shown yet. Hashes only.
alter table charger
  -- Each valid beside the old one until one of them is shown; then that one alone stays.
  add column next_credentials jsonb not null default '[]',
  -- When a charger last showed a credential it had been given so.
  add column credential_proven_at timestamptz;
