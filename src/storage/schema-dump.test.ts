import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import { emptyTestDatabase, testDatabase } from '../../test/kit/database.ts'
import { dumpSchema } from './schema-dump.ts'

test('schema.sql is what the migrations make; scripts/generate-schema.ts writes it', async (t) => {
  const { sql } = await testDatabase(t)
  const written = await readFile(new URL('schema.sql', import.meta.url), 'utf8')
  assert.equal(await dumpSchema(sql), written)
})

test('everything a migration can make shows in the schema', async (t) => {
  const { sql } = await emptyTestDatabase(t)
  await sql(`
    create type mood as enum ('well', 'ill');
    create function refuse() returns trigger language plpgsql as $$ begin return null; end $$;
    create table parent (id bigint generated always as identity primary key, at date not null);
    create table child (
      id bigint references parent,
      mood mood not null default 'well',
      size integer generated always as (length(id::text)) stored,
      unique (mood, size), check (size > 0)
    );
    create index child_size on child (size) where size > 2;
    create trigger no_delete before delete on child for each row execute function refuse();
    create table history (at date not null) partition by range (at);
    create table history_2026 partition of history for values from ('2026-01-01') to ('2027-01-01');
    create view ill as select id from child where mood = 'ill';
  `)
  const dump = await dumpSchema(sql)
  for (const part of [
    `create type mood as enum ('well', 'ill');`,
    'CREATE OR REPLACE FUNCTION public.refuse()',
    'id bigint generated always as identity not null',
    'at date not null',
    'constraint parent_pkey PRIMARY KEY (id)',
    'constraint child_id_fkey FOREIGN KEY (id) REFERENCES parent(id)',
    `mood mood default 'well'::mood not null`,
    'size integer generated always as (length((id)::text)) stored',
    'constraint child_mood_size_key UNIQUE (mood, size)',
    'constraint child_size_check CHECK ((size > 0))',
    'CREATE INDEX child_size ON public.child USING btree (size) WHERE (size > 2);',
    'CREATE TRIGGER no_delete BEFORE DELETE ON public.child FOR EACH ROW EXECUTE FUNCTION refuse();',
    'partition by RANGE (at)',
    `partition of history FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`,
    'create view ill as',
  ])
    assert.ok(dump.includes(part), `${part} is not in\n${dump}`)
  assert.equal(await dumpSchema(sql), dump)
})
