import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { silentLog } from '../kernel/log.ts'
import { systemClock } from '../kernel/clock.ts'
import { ProblemError } from '../kernel/problem.ts'
import { change } from '../storage/database.ts'
import { openPostgres } from '../storage/postgres.ts'
import type { TestDatabase } from '../../test/kit/database.ts'
import { testDatabase } from '../../test/kit/database.ts'
import type { Audit, AuditEvent } from './audit.ts'
import { openAudit } from './open-audit.ts'
import { lastPartsOf, resultOf, results } from './result.ts'

const start = Date.parse('2026-03-01T12:00:00Z')

function event(fields: Partial<AuditEvent> = {}): AuditEvent {
  return {
    at: start,
    actor: { kind: 'person', id: 'owner', name: 'Owner' },
    origin: { face: 'cli', address: '127.0.0.1' },
    event: 'command.submitted',
    detail: {},
    ...fields,
  }
}

interface World extends TestDatabase {
  readonly audit: Audit
  readonly append: (...events: AuditEvent[]) => Promise<void>
}

async function world(t: { after(cleanUp: () => void | Promise<void>): void }): Promise<World> {
  const kit = await testDatabase(t)
  const audit = openAudit({ database: kit.database })
  return {
    ...kit,
    audit,
    append: async (...events) => {
      await Promise.all(events.map((one) => kit.database.commit(change(audit.append, one))))
    },
  }
}

test('entries are kept as they were written, in sequence, and the record verifies', async (t) => {
  const { audit, append } = await world(t)
  await append(
    event({ charger: 'CP-1', command: 'c-1', dispatch: 'd-1', reason: 'stuck', detail: { a: 1 } }),
  )
  await append(event({ event: 'command.sent', detail: { text: 'NUL \u0000 and “quotes”' } }))
  const [first, second] = await audit.list({ limit: 10 })
  assert.deepEqual(
    { ...first, hash: undefined },
    {
      ...event({
        charger: 'CP-1',
        command: 'c-1',
        dispatch: 'd-1',
        reason: 'stuck',
        detail: { a: 1 },
      }),
      sequence: 1,
      hash: undefined,
    },
  )
  assert.equal(second?.sequence, 2)
  assert.deepEqual(second?.detail, { text: 'NUL \u0000 and “quotes”' })
  assert.deepEqual(await audit.verify(), { entries: 2 })
})

test('an empty record verifies', async (t) => {
  const { audit } = await world(t)
  assert.deepEqual(await audit.verify(), { entries: 0 })
})

test('nodes appending at once keep one record without gaps', async (t) => {
  const { audit, connection, database } = await world(t)
  const other = await openPostgres({ connection, clock: systemClock, log: silentLog })
  t.after(() => other.close())
  const append = (node: typeof database, index: number): Promise<unknown> =>
    node.commit(change(audit.append, event({ charger: `CP-${index}` })))
  await Promise.all(
    Array.from({ length: 1_000 }, (_, index) => append(index % 2 === 0 ? database : other, index)),
  )
  assert.deepEqual(await audit.verify(), { entries: 1_000 })
  const entries = await audit.list({ limit: 1_000 })
  assert.deepEqual(
    entries.map(({ sequence }) => sequence),
    entries.map((_, index) => index + 1),
  )
  assert.equal(new Set(entries.map(({ charger }) => charger)).size, 1_000)
})

test('a change that fails takes its audit entry with it', async (t) => {
  const { audit, database, append } = await world(t)
  const failing = {
    name: 'test.fails',
    stage: 'state' as const,
    apply: () => Promise.reject(new Error('it does not fit')),
  }
  const both = database.commit(change(failing, 1), change(audit.append, event()))
  await assert.rejects(both, /it does not fit/)
  await append(event({ event: 'test.after' }))
  assert.deepEqual(
    (await audit.list({ limit: 10 })).map(({ event, sequence }) => [event, sequence]),
    [['test.after', 1]],
  )
})

for (const statement of [
  `update audit_entry set event = 'nothing.happened'`,
  'delete from audit_entry',
  'truncate audit_entry',
  'delete from audit_head',
])
  test(`the database refuses "${statement}"`, async (t) => {
    const { audit, append, sql } = await world(t)
    await append(event())
    await assert.rejects(sql(statement), /append-only/)
    assert.deepEqual(await audit.verify(), { entries: 1 })
  })

const tampering: readonly [what: string, sql: string, brokenAt: number][] = [
  [
    'the text of an entry',
    `update audit_entry set entry = replace(entry, 'owner', 'nobody') where sequence = 2`,
    2,
  ],
  ['a hash', `update audit_entry set leaf = sha256('x') where sequence = 3`, 3],
  ['a column that is searched', `update audit_entry set charger = 'CP-9' where sequence = 4`, 4],
  [
    'the time an entry is found by',
    `update audit_entry set at = at - interval '1 hour' where sequence = 4`,
    4,
  ],
  ['an entry taken out', 'delete from audit_entry where sequence = 2', 2],
  ['the last entry taken off', 'delete from audit_entry where sequence = 5', 5],
  [
    'an entry added',
    `insert into audit_entry select 6, at, event, actor, charger, command, entry, leaf
     from audit_entry where sequence = 5`,
    6,
  ],
  [
    'a text and the hash that belongs to it',
    `with changed as (select replace(entry, 'owner', 'nobody') as text from audit_entry where sequence = 2)
     update audit_entry set entry = text, actor = 'nobody',
       leaf = sha256('\\x00'::bytea || convert_to(text, 'UTF8'))
     from changed where sequence = 2`,
    5,
  ],
  [
    'two entries that changed places',
    `with other as (select * from audit_entry where sequence in (2, 3))
     update audit_entry as one set entry = other.entry, leaf = other.leaf
     from other where one.sequence in (2, 3) and other.sequence = 5 - one.sequence`,
    2,
  ],
  ['the end of the tree', `update audit_head set frontier = sha256('x') || sha256('y')`, 5],
]
for (const [what, statement, brokenAt] of tampering)
  test(`tampering is found: ${what}`, async (t) => {
    const { audit, append, sql } = await world(t)
    for (let index = 0; index < 5; index += 1) await append(event({ charger: 'CP-1' }))
    await sql('alter table audit_entry disable trigger all')
    await sql(statement)
    assert.equal((await audit.verify()).brokenAt, brokenAt)
  })

test('tampering is found: a subtree that is stored', async (t) => {
  const { audit, append, sql } = await world(t)
  await append(...Array.from({ length: 600 }, () => event()))
  assert.deepEqual(await audit.verify(), { entries: 600 })
  await sql('alter table audit_node disable trigger all')
  await sql(`update audit_node set hash = sha256('x') where index = 1`)
  assert.equal((await audit.verify()).brokenAt, 512)
})

test('the record is searched by charger, command, event, actor and time, from either end', async (t) => {
  const { audit, append } = await world(t)
  const robot = { kind: 'robot', id: 'r-1', name: 'Playbook' } as const
  for (const [index, one] of [
    event({ charger: 'CP-1', command: 'c-1' }),
    event({ charger: 'CP-2', command: 'c-1', event: 'command.sent' }),
    event({ charger: 'CP-1', actor: robot }),
    event({ event: 'command.sent' }),
  ].entries())
    await append({ ...one, at: start + index * 1000 })
  const found = async (query: Partial<Parameters<Audit['list']>[0]>): Promise<number[]> =>
    (await audit.list({ limit: 10, ...query })).map(({ sequence }) => sequence)
  assert.deepEqual(await found({ charger: 'CP-1' }), [1, 3])
  assert.deepEqual(await found({ command: 'c-1' }), [1, 2])
  assert.deepEqual(await found({ event: 'command.sent' }), [2, 4])
  assert.deepEqual(await found({ actor: 'r-1' }), [3])
  assert.deepEqual(await found({ from: start + 1000, to: start + 2000 }), [2, 3])
  assert.deepEqual(await found({ newestFirst: true, limit: 2 }), [4, 3])
  assert.deepEqual(await found({ newestFirst: true, cursor: 3 }), [2, 1])
  assert.deepEqual(await found({ cursor: 3 }), [4])
  assert.deepEqual(await found({ charger: 'CP-1', event: 'command.sent' }), [])
})

test('the record is searched by how what it tells of ended', async (t) => {
  const { audit, append } = await world(t)
  const names = ['command.submitted', 'command.sent', 'command.succeeded', 'command.refused']
  const more = ['command.accepted-unverified', 'sign-in.locked-out', 'access.denied', 'group.made']
  const told = [
    ...[...names, ...more, 'command.expired', 'approval.vetoed'].map((name) =>
      event({ event: name }),
    ),
    ...['succeeded', 'refused', 'failed', 'unverified', 'who knows'].map((outcome) =>
      event({ event: 'command.reconciled', detail: { outcome } }),
    ),
  ]
  for (const one of told) await append(one)
  for (const result of results) {
    const found = await audit.list({ limit: 100, result })
    const expected = told.flatMap((one, index) => (resultOf(one) === result ? [index + 1] : []))
    assert.deepEqual(
      found.map(({ sequence }) => sequence),
      expected,
      result,
    )
    assert.ok(expected.length > 0, result)
  }
})

test('what did not go well is found by an index of its own', async (t) => {
  const { sql } = await world(t)
  const [index] = (
    await sql<{ indexdef: string }>(
      `select indexdef from pg_indexes where indexname = 'audit_entry_not_well'`,
    )
  ).rows
  const named = [...index!.indexdef.matchAll(/'([a-z-]+)'::text/g)].map(([, name]) => name!)
  const rare = results.filter((one) => one !== 'succeeded' && one !== 'going-on')
  assert.deepEqual(named.sort(), [...rare.flatMap(lastPartsOf), 'reconciled'].sort())
})

test('a limit that is no number from 1 to 1000 is refused by name', async (t) => {
  const { audit } = await world(t)
  for (const limit of [0, 1001, 1.5, Number.NaN])
    await assert.rejects(
      audit.list({ limit }),
      (error) => error instanceof ProblemError && error.problem.field === 'limit',
    )
})

test('whatever is recorded, in whatever batches, the record verifies and reads back the same', async (t) => {
  const { audit, append } = await world(t)
  const given: AuditEvent[] = []
  const events = fc.array(
    fc.record({
      detail: fc.dictionary(fc.string(), fc.jsonValue()),
      reason: fc.string(),
      seconds: fc.nat(1_000_000),
    }),
    { minLength: 1, maxLength: 20 },
  )
  await fc.assert(
    fc.asyncProperty(events, async (list) => {
      const batch = list.map(({ detail, reason, seconds }) =>
        event({ at: start + seconds * 1000, reason, detail: detail as AuditEvent['detail'] }),
      )
      await append(...batch)
      given.push(...batch)
      assert.deepEqual(await audit.verify(), { entries: given.length })
    }),
    { seed: 7, numRuns: 15 },
  )
  const read = await audit.list({ limit: 1_000 })
  assert.deepEqual(
    read.map(({ detail, reason, at }) => JSON.stringify({ detail: sorted(detail), reason, at })),
    given.map(({ detail, reason, at }) => JSON.stringify({ detail: sorted(detail), reason, at })),
  )
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
