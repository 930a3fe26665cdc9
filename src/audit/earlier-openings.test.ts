import assert from 'node:assert/strict'
import test from 'node:test'
import { commitmentOf } from '../../proof/commitments.ts'
import { emptyTestDatabase } from '../../test/kit/database.ts'
import { systemClock } from '../kernel/clock.ts'
import { migrate, readMigrations } from '../storage/migrate.ts'
import { openValues, type OpenValues } from './opened.ts'
import { strayOpening } from './opening-store.ts'

test('openings that were stored by place are found by their commitments', async (t) => {
  const { connection, sql } = await emptyTestDatabase(t)
  const database = { query: sql }
  const migrations = await readMigrations()
  const before = migrations.filter(({ number }) => number < 80)
  await migrate({ connection, clock: systemClock, migrations: before })
  const salt = Buffer.alloc(32, 7)
  const values = ['"Änn"', '"192.0.2.1"', '{"a":[1,"?>"]}']
  const texts = values.map((value) =>
    JSON.stringify({ detail: { commitment: commitmentOf(salt, value) } }),
  )
  for (const [index, value] of values.entries()) {
    await sql(
      `insert into audit_entry (sequence, at, event, actor, entry, leaf)
       values ($1, now(), 'x.y', 'a', $2, '\\x00')`,
      [index + 1, texts[index]],
    )
    await sql(
      `insert into audit_opening (kind, sequence, place, path, subject, salt, value)
       values ('names', $1, 0, '/detail', 'person:p-1', $2, $3)`,
      [index + 1, salt, value],
    )
  }
  await migrate({ connection, clock: systemClock, migrations })
  const { rows } = await sql<{ openings: OpenValues }>(
    `select ${openValues} from audit_entry order by sequence`,
  )
  assert.deepEqual(
    rows.map(({ openings }) => openings?.map(({ value }) => value)),
    values.map((value) => [value]),
  )
  assert.equal(await strayOpening(database), undefined)
})
