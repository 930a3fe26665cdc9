import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { emptyTestDatabase } from '../../test/kit/database.ts'
import { systemContext } from '../kernel/actor.ts'
import { systemClock } from '../kernel/clock.ts'
import { canonicalJson } from '../kernel/json.ts'
import { silentLog } from '../kernel/log.ts'
import { change } from '../storage/database.ts'
import { migrate, readMigrations } from '../storage/migrate.ts'
import { openPostgres } from '../storage/postgres.ts'
import type { Audit } from './audit.ts'
import { openAudit } from './open-audit.ts'

interface Old {
  readonly sql: Awaited<ReturnType<typeof emptyTestDatabase>>['sql']
  /** What the running hash said at its end. */
  readonly head: string
  /** Brings the database forward and opens its record. */
  readonly renew: () => Promise<{ audit: Audit; append: () => Promise<unknown> }>
}

/** A database from before the tree, with entries and their running hash. */
async function oldRecord(
  t: { after(cleanUp: () => void | Promise<void>): void },
  entries: number,
): Promise<Old> {
  const { connection, sql } = await emptyTestDatabase(t)
  const migrations = await readMigrations()
  const before = migrations.filter(({ number }) => number < 20)
  await migrate({ connection, clock: systemClock, migrations: before })
  let head = '0'.repeat(64)
  const rows = Array.from({ length: entries }, (_, index) => {
    const sequence = index + 1
    const event = { ...systemContext, at: 1_000, event: 'test.happened', detail: { ü: '“' } }
    const entry = canonicalJson({ ...event, sequence })
    head = createHash('sha256')
      .update(head + entry)
      .digest('hex')
    return { sequence, entry, head }
  })
  await sql(
    `insert into audit_entry (sequence, at, event, actor, entry, hash)
     select sequence, to_timestamp(1), 'test.happened', 'system', entry, hash
     from unnest($1::bigint[], $2::text[], $3::text[]) as row (sequence, entry, hash)`,
    [rows.map((row) => row.sequence), rows.map((row) => row.entry), rows.map((row) => row.head)],
  )
  await sql('update audit_head set sequence = $1, hash = $2', [entries, head])
  return {
    sql,
    head,
    renew: async () => {
      await migrate({ connection, clock: systemClock, migrations })
      const database = await openPostgres({ connection, clock: systemClock, log: silentLog })
      t.after(() => database.close())
      const audit = openAudit({ database })
      const event = { ...systemContext, at: 2_000, event: 'test.after', detail: {} }
      return { audit, append: () => database.commit(change(audit.append, event)) }
    },
  }
}

test('a record with a running hash becomes a tree that says what the hash was', async (t) => {
  const old = await oldRecord(t, 700)
  const { audit, append } = await old.renew()
  await append()
  assert.deepEqual(await audit.verify(), { entries: 702 })
  const [folded] = await audit.list({ limit: 1, cursor: 700 })
  assert.equal(folded?.event, 'audit.chain-folded')
  assert.deepEqual(folded.detail, { entries: 700, head: old.head })
})

test('a new record has nothing to fold', async (t) => {
  const { audit, append } = await (await oldRecord(t, 0)).renew()
  assert.deepEqual(await audit.verify(), { entries: 0 })
  await append()
  assert.deepEqual(await audit.verify(), { entries: 1 })
})

test('where the running hash was broken is recorded when it is folded', async (t) => {
  const old = await oldRecord(t, 5)
  await old.sql('alter table audit_entry disable trigger all')
  await old.sql(`update audit_entry set entry = replace(entry, 'test', 'text') where sequence = 3`)
  await old.sql(`update audit_entry set event = 'text.happened' where sequence = 3`)
  await old.sql('alter table audit_entry enable trigger all')
  const { audit } = await old.renew()
  const [folded] = await audit.list({ limit: 1, newestFirst: true })
  assert.equal(folded?.detail.brokenAt, 3)
  assert.deepEqual(await audit.verify(), { entries: 6 })
})

test('a running hash whose last entries are gone is folded with the place of the first', async (t) => {
  const old = await oldRecord(t, 5)
  await old.sql('alter table audit_entry disable trigger all')
  await old.sql('delete from audit_entry where sequence > 3')
  await old.sql('alter table audit_entry enable trigger all')
  const { audit } = await old.renew()
  const [folded] = await audit.list({ limit: 1, newestFirst: true })
  assert.equal(folded?.detail.brokenAt, 4)
})

test('a record with a hole in it is not made a tree', async (t) => {
  const old = await oldRecord(t, 5)
  await old.sql('alter table audit_entry disable trigger all')
  await old.sql('delete from audit_entry where sequence = 3')
  await old.sql('alter table audit_entry enable trigger all')
  await assert.rejects(old.renew(), /entry 3 of the audit record is missing/)
})
