-- A value that one actor repeats within a batch is committed to once: the commitment stands in several entries,
-- and its opening lies here once, found by the commitment itself.
alter table audit_opening rename to audit_opening_by_place;

create table audit_opening (
  -- As it stands in the texts: SHA-256 over salt and value, in base64url.
  commitment text collate "C" primary key,
  -- What the value is, by which it is kept: names, addresses or text.
  kind text not null,
  -- When what the first of the entries tells of happened.
  at timestamptz not null,
  -- The entries it stands in, once for each place.
  sequences bigint[] not null,
  -- Whose it is, e.g. person:0199c0de-...
  subject text not null,
  salt bytea not null check (octet_length(salt) = 32),
  -- Canonical JSON.
  value text not null
);

insert into audit_opening (commitment, kind, at, sequences, subject, salt, value)
select rtrim(translate(encode(sha256(salt || convert_to(value, 'UTF8')), 'base64'), '+/', '-_'), '='),
       kind, at, array[sequence], subject, salt, value
from audit_opening_by_place join audit_entry using (sequence);

drop table audit_opening_by_place;

create index audit_opening_kept on audit_opening (kind, at);
create index audit_opening_subject on audit_opening (subject);

-- It can be erased, and otherwise stays what it was.
create trigger audit_opening_unchanged
  before update on audit_opening
  for each row execute function refuse_audit_change();

create trigger audit_opening_no_truncate
  before truncate on audit_opening
  for each statement execute function refuse_audit_change();
