-- Why nothing of a cancelled command leaves any more: targets that still wait are told so.
alter table command add column cancelled_because text;
update command set cancelled_because = 'its command was cancelled' where cancelled_at is not null;
alter table command
  add constraint command_cancelled_check check ((cancelled_at is null) = (cancelled_because is null));
create index command_cancelled on command (not_after) where cancelled_at is not null;
