-- Actors in whose name nothing begins any more: accounts that are locked, tokens that were revoked.
create table command_shut_out (
  actor text primary key,
  -- What targets of theirs that waited are told.
  because text not null,
  at bigint not null,
  -- Every target that waited then has been told.
  told boolean not null
);
