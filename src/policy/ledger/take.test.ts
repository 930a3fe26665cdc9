import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { change } from '../../storage/database.ts'
import type { Database } from '../../storage/database.ts'
import { openPostgres } from '../../storage/postgres.ts'
import { testDatabase } from '../../../test/kit/database.ts'
import type { Reservation } from '../decision.ts'
import { forgetReservations, takeReservations, withoutRoom } from './take.ts'

const hour = 3_600_000
const start = Date.parse('2026-03-01T12:00:00Z')

function reservation(over: Partial<Reservation> = {}): Reservation {
  return {
    key: 'robot/r-1/risk:disruptive',
    amount: 1,
    limit: 5,
    windowMs: hour,
    rule: 'guard.robot-budget',
    sentence: 'This budget is 5 an hour.',
    ...over,
  }
}

async function take(database: Database, at: number, ...reservations: Reservation[]) {
  await database.commit(change(takeReservations, { reservations, at }))
}

function isFull(error: unknown): boolean {
  assert.ok(error instanceof ProblemError, String(error))
  return error.problem.code === 'denied'
}

test('a budget that is used up is refused with its rule and the time of the next room', async (t) => {
  const { database } = await testDatabase(t)
  for (let minute = 0; minute < 5; minute += 1)
    await take(database, start + minute * 60_000, reservation())
  await assert.rejects(take(database, start + 600_000, reservation()), (error: ProblemError) => {
    assert.equal(error.problem.code, 'denied')
    assert.match(error.problem.detail, /5 an hour.*2026-03-01T13:00:00\.000Z.*guard\.robot-budget/)
    return true
  })
  await take(database, start + hour, reservation())
})

test('of what ends before there is room again no time is named', async (t) => {
  const { database } = await testDatabase(t)
  const endsAt = start + hour / 2
  const using = reservation({ amount: { each: ['CP-1'] }, limit: 1, endsAt })
  await take(database, start, using)
  const other = { ...using, amount: { each: ['CP-2'] } }
  const [spoken] = await withoutRoom(database, [other], start + 1)
  assert.equal(
    spoken?.sentence,
    'This budget is 5 an hour. There is no more room before it ends (guard.robot-budget).',
  )
  assert.equal(spoken.until, undefined)
  const [later] = await withoutRoom(database, [{ ...other, endsAt: start + 2 * hour }], start + 1)
  assert.equal(later?.until, start + hour)
})

test('looking takes nothing and says what taking would', async (t) => {
  const { database } = await testDatabase(t)
  assert.deepEqual(await withoutRoom(database, [reservation({ amount: 5 })], start), [])
  await take(database, start, reservation({ amount: 5 }))
  const [spoken] = await withoutRoom(database, [reservation()], start + 1)
  assert.equal(spoken?.says, 'denies')
  assert.equal(spoken?.rule, 'guard.robot-budget')
  assert.equal(spoken?.until, start + hour)
})

test('who counts once is not counted again within the window', async (t) => {
  const { database } = await testDatabase(t)
  const each = (...chargers: string[]) =>
    reservation({ key: 'disturb/p-1/fleet', amount: { each: chargers }, limit: 3 })
  await take(database, start, each('A', 'B'))
  await take(database, start + 1, each('A', 'B', 'C'))
  await assert.rejects(take(database, start + 2, each('D')), isFull)
  await take(database, start + 3, each('A'))
  const [spoken] = await withoutRoom(database, [each('D')], start + 4)
  assert.equal(spoken?.until, start + 1 + hour, 'B and C were last named a moment later than A')
  await take(database, start + 1 + hour, each('D'))
})

test('a refused change takes nothing with it, and fails nobody who shares its transaction', async (t) => {
  const { database, sql } = await testDatabase(t)
  const results = await Promise.allSettled(
    Array.from({ length: 12 }, () => take(database, start, reservation())),
  )
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 5)
  const { rows } = await sql('select taken from budget')
  assert.deepEqual(rows[0]?.taken, [{ from: start, at: start, amount: 5 }])
})

async function nodes(t: TestContext, count: number) {
  const kit = await testDatabase(t)
  const others = await Promise.all(
    Array.from({ length: count - 1 }, () =>
      openPostgres({ connection: kit.connection, clock: systemClock, log: silentLog }),
    ),
  )
  t.after(() => t.after(() => Promise.all(others.map((one) => one.close()))))
  return { all: [kit.database, ...others], sql: kit.sql }
}

test('nodes that take at once never take more than the limit together, and never less than there is', async (t) => {
  const { all } = await nodes(t, 3)
  const keys = ['a', 'b', 'c', 'd']
  const taking = Array.from({ length: 240 }, (_, index) => {
    const [one, other] = [keys[index % 4]!, keys[(index * 3 + 1) % 4]!]
    const both = one === other ? [one] : index % 2 === 0 ? [one, other] : [other, one]
    return take(
      all[index % 3]!,
      start + index,
      ...both.map((key) => reservation({ key, limit: 17 })),
    ).then(() => both)
  })
  const got = (await Promise.allSettled(taking)).flatMap((one) => {
    if (one.status === 'rejected') assert.ok(isFull(one.reason))
    return one.status === 'fulfilled' ? one.value : []
  })
  const counts = keys.map((key) => got.filter((one) => one === key).length)
  for (const count of counts) assert.ok(count <= 17, String(counts))
  assert.ok(Math.max(...counts) === 17, String(counts))
})

test('nodes that name chargers at once never name more than the limit together', async (t) => {
  const { all, sql } = await nodes(t, 2)
  const results = await Promise.allSettled(
    Array.from({ length: 60 }, (_, index) =>
      take(
        all[index % 2]!,
        start,
        reservation({ amount: { each: [`CP-${index}`, `CP-${index % 7}`] }, limit: 20 }),
      ),
    ),
  )
  for (const one of results) if (one.status === 'rejected') assert.ok(isFull(one.reason))
  const { rows } = await sql<{ count: number }>('select count(*)::int as count from budget_member')
  assert.equal(rows[0]?.count, 20)
})

test('thousands of budgets are taken by a handful of statements', async (t) => {
  const { database } = await testDatabase(t)
  let statements = 0
  await database.transaction(async (tx) => {
    const counted = {
      query: (sql: string, values?: readonly unknown[]) => {
        statements += 1
        return tx.query(sql, values)
      },
      post: (sql: string, values?: readonly unknown[]) => {
        statements += 1
        tx.post(sql, values)
      },
    }
    const reservations = Array.from({ length: 5_000 }, (_, index) =>
      reservation({ key: `reset/CP-${index}`, limit: 1 }),
    )
    const chargers = reservations.map(({ key }) => key)
    reservations.push(reservation({ key: 'disturb', amount: { each: chargers }, limit: 6_000 }))
    await takeReservations.apply(counted as typeof tx, [{ reservations, at: start }], () => {
      throw new Error('it adds nothing')
    })
  })
  assert.ok(statements <= 5, `${statements} statements`)
})

test('what counts no more is forgotten', async (t) => {
  const { database, sql } = await testDatabase(t)
  await take(database, start, reservation(), reservation({ key: 'x', amount: { each: ['A'] } }))
  await database.transaction((tx) => forgetReservations(tx, start + 23 * hour))
  assert.equal((await sql('select 1 from budget')).rows.length, 2)
  await database.transaction((tx) => forgetReservations(tx, start + 25 * hour))
  assert.equal((await sql('select 1 from budget')).rows.length, 0)
  assert.equal((await sql('select 1 from budget_member')).rows.length, 0)
})
