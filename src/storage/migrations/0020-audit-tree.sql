-- The record becomes the leaves of a Merkle tree (RFC 6962) instead of a running hash. `leaf` is
-- SHA-256 over 0x00 and the bytes of `entry`; entry n is leaf n - 1.

-- What the running hash said is kept as an entry: whoever noted it can still compute it from the texts.
do $$
declare
  old record;
  one record;
  chain text := repeat('0', 64);
  size bigint := 0;
  broken bigint;
begin
  select sequence, hash into strict old from audit_head;
  for one in select sequence, entry, hash from audit_entry order by sequence loop
    if one.sequence <> size + 1 then
      raise exception 'entry % of the audit record is missing: it cannot become a tree', size + 1;
    end if;
    size := one.sequence;
    chain := encode(sha256(convert_to(chain || one.entry, 'UTF8')), 'hex');
    if chain <> one.hash then broken := coalesce(broken, size); end if;
  end loop;
  if size <> old.sequence then
    broken := coalesce(broken, least(size, old.sequence) + 1);
  elsif chain <> old.hash then
    broken := coalesce(broken, size);
  end if;
  if size > 0 or old.sequence > 0 then
    insert into audit_entry (sequence, at, event, actor, entry, hash)
    select size + 1, to_timestamp(moment / 1000.0), 'audit.chain-folded', 'system',
      '{"actor":{"id":"system","kind":"system","name":"OTA control"},"at":' || moment
        || ',"detail":{' || coalesce('"brokenAt":' || broken || ',', '')
        || '"entries":' || size || ',"head":"' || chain
        || '"},"event":"audit.chain-folded","origin":{"face":"system"},"sequence":' || size + 1 || '}',
      ''
    from (select floor(extract(epoch from now()) * 1000)::bigint as moment) as clock;
  end if;
end $$;

alter table audit_entry
  alter column hash type bytea using sha256('\x00'::bytea || convert_to(entry, 'UTF8'));
alter table audit_entry rename column hash to leaf;

-- The roots of complete subtrees of 256, 256 * 256, ... leaves: with the leaves, all that a tile is made of.
create table audit_node (
  level smallint not null check (level > 0),
  index bigint not null check (index >= 0),
  hash bytea not null,
  primary key (level, index)
);

create trigger audit_node_append_only
  before update or delete on audit_node
  for each row execute function refuse_audit_change();

create trigger audit_node_no_truncate
  before truncate on audit_node
  for each statement execute function refuse_audit_change();

-- The end of the tree: its size, and the roots of the complete subtrees it is made of, the largest first.
alter table audit_head
  drop column sequence,
  drop column hash,
  add column size bigint not null default 0,
  add column frontier bytea not null default '';

do $$
declare
  one record;
  total bigint := 0;
  stack bytea[] := '{}';
  node bytea;
  rest bigint;
  height integer;
begin
  for one in select leaf from audit_entry order by sequence loop
    node := one.leaf;
    height := 0;
    rest := total;
    while rest % 2 = 1 loop
      node := sha256('\x01'::bytea || stack[cardinality(stack)] || node);
      stack := trim_array(stack, 1);
      height := height + 1;
      rest := rest / 2;
      if height % 8 = 0 then
        insert into audit_node (level, index, hash) values (height / 8, rest, node);
      end if;
    end loop;
    stack := array_append(stack, node);
    total := total + 1;
  end loop;
  update audit_head
  set size = total,
      frontier = coalesce((select string_agg(hash, ''::bytea order by place)
                           from unnest(stack) with ordinality as kept (hash, place)), '');
end $$;

alter table audit_head alter column size drop default, alter column frontier drop default;
