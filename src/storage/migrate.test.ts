import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test from 'node:test'
import { emptyTestDatabase } from '../../test/kit/database.ts'
import { systemClock } from '../kernel/clock.ts'
import {
  migrate,
  MigrationFailedError,
  MigrationMismatchError,
  readMigrations,
  type Migration,
} from './migrate.ts'

function migration(number: number, sql: string): Migration {
  const checksum = createHash('sha256').update(sql).digest('hex')
  return { number, name: `${String(number).padStart(4, '0')}-test`, sql, checksum }
}

const one = migration(1, 'create table one (id integer)')
const two = migration(2, 'create table two (id integer); insert into two values (2)')

test('an empty database gets all migrations in order, and none of them twice', async (t) => {
  const { connection, sql } = await emptyTestDatabase(t)
  const all = { connection, clock: systemClock }
  assert.deepEqual(await migrate({ ...all, migrations: [one] }), ['0001-test'])
  assert.deepEqual(await migrate({ ...all, migrations: [one, two] }), ['0002-test'])
  assert.deepEqual(await migrate({ ...all, migrations: [one, two] }), [])
  assert.deepEqual((await sql('select id from two')).rows, [{ id: 2 }])
})

test('the product’s own migrations apply to an empty database', async (t) => {
  const { connection } = await emptyTestDatabase(t)
  const expected = (await readMigrations()).map(({ name }) => name)
  assert.deepEqual(await migrate({ connection, clock: systemClock }), expected)
})

test('nodes that start together migrate once', async (t) => {
  const { connection, sql } = await emptyTestDatabase(t)
  const slow = migration(3, 'select pg_sleep(0.1); create table three (id integer)')
  const nodes = Array.from({ length: 4 }, () =>
    migrate({ connection, clock: systemClock, migrations: [one, two, slow] }),
  )
  const applied = await Promise.all(nodes)
  assert.deepEqual(applied.flat().sort(), ['0001-test', '0002-test', '0003-test'])
  assert.equal((await sql('select from two')).rowCount, 1)
})

test('a database newer than the program is left alone', async (t) => {
  const { connection, sql } = await emptyTestDatabase(t)
  await migrate({ connection, clock: systemClock, migrations: [one, two] })
  const three = migration(3, 'create table three (id integer)')
  await assert.rejects(migrate({ connection, clock: systemClock, migrations: [one] }), (error) => {
    assert.ok(error instanceof MigrationMismatchError)
    return /newer than this program: it has 0002-test/.test(error.message)
  })
  await assert.rejects(migrate({ connection, clock: systemClock, migrations: [one, three] }))
  assert.equal((await sql(`select from pg_class where relname = 'three'`)).rowCount, 0)
})

test('a migration edited after it was applied is refused', async (t) => {
  const { connection } = await emptyTestDatabase(t)
  await migrate({ connection, clock: systemClock, migrations: [one] })
  const edited = migration(1, 'create table one (id bigint)')
  await assert.rejects(migrate({ connection, clock: systemClock, migrations: [edited, two] }), {
    name: 'MigrationMismatchError',
    message: /^0001-test was edited/,
  })
})

test('a migration numbered before one that is applied comes too late', async (t) => {
  const { connection } = await emptyTestDatabase(t)
  await migrate({ connection, clock: systemClock, migrations: [two] })
  await assert.rejects(migrate({ connection, clock: systemClock, migrations: [one, two] }), {
    name: 'MigrationMismatchError',
    message: /^0001-test comes too late/,
  })
})

test('a migration that fails leaves no trace, and says in which line', async (t) => {
  const { connection, sql } = await emptyTestDatabase(t)
  const broken = migration(
    2,
    'create table half (id integer);\ncreate table\n  wrong (id nonsense)',
  )
  await assert.rejects(
    migrate({ connection, clock: systemClock, migrations: [one, broken] }),
    (error) => {
      assert.ok(error instanceof MigrationFailedError)
      return /^0002-test, line 3: type "nonsense" does not exist/.test(error.message)
    },
  )
  assert.equal((await sql(`select from pg_class where relname = 'half'`)).rowCount, 0)
  assert.deepEqual(await migrate({ connection, clock: systemClock, migrations: [one, two] }), [
    '0002-test',
  ])
})

test('migrations are told apart by number, whatever the line ends of the checkout', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ota-migrations-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(path.join(folder, '0002-b.sql'), 'select 1;\r\nselect 2;\r\n')
  await writeFile(path.join(folder, '0001-a.sql'), 'select 1;\nselect 2;\n')
  const [a, b] = await readMigrations(folder)
  assert.deepEqual([a!.name, b!.name], ['0001-a', '0002-b'])
  assert.equal(a!.checksum, b!.checksum)
  await writeFile(path.join(folder, '0002-c.sql'), '')
  await assert.rejects(readMigrations(folder), /have the same number/)
  await rm(path.join(folder, '0002-c.sql'))
  await writeFile(path.join(folder, 'late.sql'), '')
  await assert.rejects(readMigrations(folder), /late.sql is not named like/)
})
