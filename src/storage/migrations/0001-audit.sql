-- The record of who did what. `entry` is the exact canonical text the hash was taken over; the other
-- columns repeat parts of it so that they can be searched, and verification compares them.

create table audit_entry (
  sequence bigint primary key check (sequence > 0),
  at timestamptz not null,
  event text not null,
  actor text not null,
  charger text,
  command text,
  entry text not null,
  hash text not null
);

create index audit_entry_at on audit_entry (at);
create index audit_entry_event on audit_entry (event, sequence);
create index audit_entry_actor on audit_entry (actor, sequence);
create index audit_entry_charger on audit_entry (charger, sequence) where charger is not null;
create index audit_entry_command on audit_entry (command, sequence) where command is not null;

-- The end of the chain; whoever appends holds this row's lock until the commit.
create table audit_head (
  only_one boolean primary key default true check (only_one),
  sequence bigint not null,
  hash text not null
);

insert into audit_head (sequence, hash) values (0, repeat('0', 64));

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit record is append-only: % is refused', tg_op
    using errcode = 'insufficient_privilege';
end $$;

create trigger audit_entry_append_only
  before update or delete on audit_entry
  for each row execute function refuse_audit_change();

create trigger audit_entry_no_truncate
  before truncate on audit_entry
  for each statement execute function refuse_audit_change();

create trigger audit_head_kept
  before delete on audit_head
  for each row execute function refuse_audit_change();

create trigger audit_head_no_truncate
  before truncate on audit_head
  for each statement execute function refuse_audit_change();
