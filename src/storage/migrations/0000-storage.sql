-- One row for each group committer, updated by every batch it commits. When a connection breaks during
-- COMMIT, the row tells whether that batch became durable.
create table storage_committer (
  id uuid primary key,
  batch bigint not null,
  at timestamptz not null
) with (fillfactor = 20);
