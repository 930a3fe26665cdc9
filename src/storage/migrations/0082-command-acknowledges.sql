-- What the submitter said they know. A command whose turn comes later is looked at again by what holds then.
alter table command add column acknowledges text[] not null default '{}';
