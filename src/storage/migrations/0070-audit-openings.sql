-- Personal values of entries. The text of an entry holds a commitment in their place: SHA-256 over the salt
-- and the value's canonical JSON. A row that is gone leaves a hash that nobody can try values against.
create table audit_opening (
  -- What the value is, by which it is kept: names, addresses or text.
  kind text not null,
  sequence bigint not null,
  place integer not null,
  -- Where in the entry, a JSON Pointer.
  path text not null,
  -- Whose it is, e.g. person:0199c0de-...
  subject text not null,
  salt bytea not null check (octet_length(salt) = 32),
  -- Canonical JSON.
  value text not null,
  primary key (kind, sequence, place)
);

create index audit_opening_subject on audit_opening (subject);

-- It can be erased, and otherwise stays what it was.
create trigger audit_opening_unchanged
  before update on audit_opening
  for each row execute function refuse_audit_change();

create trigger audit_opening_no_truncate
  before truncate on audit_opening
  for each statement execute function refuse_audit_change();
