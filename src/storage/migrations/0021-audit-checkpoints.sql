-- The log whose checkpoints are signed: one key, whichever node signs. Whoever signs holds this row's lock.
create table audit_log (
  only_one boolean primary key default true check (only_one),
  -- The verifier key in the form of C2SP signed-note; empty until a first key was made.
  key text not null,
  -- Who asks witnesses to cosign, and until when nobody else does.
  asking text,
  asking_until timestamptz
);

insert into audit_log (key) values ('');

create table audit_checkpoint (
  -- The verifier key of the log that signed it.
  log text not null,
  size bigint not null check (size > 0),
  at timestamptz not null,
  -- The signed note, without cosignatures.
  note text not null,
  primary key (log, size)
);

create index audit_checkpoint_at on audit_checkpoint (at);

create table audit_cosignature (
  log text not null,
  size bigint not null,
  -- The witness's verifier key.
  witness text not null,
  at timestamptz not null,
  -- The signature line as it stands below the note.
  line text not null,
  primary key (log, size, witness),
  foreign key (log, size) references audit_checkpoint on delete cascade
);
