-- How far the record has been told to whoever watches over security elsewhere. One node tells at a time:
-- the one that holds the lease.
create table siem_cursor (
  receiver text primary key,
  sequence bigint not null,
  holder text not null,
  lease_until timestamptz not null
);
