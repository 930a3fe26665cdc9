-- Actors in whose name nothing begins any more: accounts that are locked, tokens that were revoked.
create table command_shut_out (
  actor text primary key,
  -- What targets of theirs that waited are told.
  because text not null,
  at bigint not null,
  -- Every target that waited then has been told.
  told boolean not null
);

-- Fails where one of them is shut out, or will be when the transaction that does so commits.
create function refuse_shut_out(actors text[]) returns void language plpgsql as $$
declare
  why text;
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('command shut out', 91));
  select because into why from command_shut_out where actor = any (actors) limit 1;
  if why is not null then
    raise exception '%', why using errcode = 'OT001';
  end if;
end $$;
