import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandBench, operator } from '../../test/kit/command-bench.ts'
import type { CommandBench } from '../../test/kit/command-bench.ts'
import { systemClock } from '../kernel/clock.ts'
import { clientConfig, openLinePatiently } from '../storage/connection.ts'
import type { Submission } from './commands.ts'

const second = 1_000

/**
 * Lets two nodes come to the point where each has looked and neither has written yet, then lets both go on:
 * nobody can write into the table while it is locked, and everybody can read.
 */
async function atTheSameMoment<T>(bench: CommandBench, works: readonly (() => Promise<T>)[]) {
  const { connection } = bench.database
  const line = await openLinePatiently(clientConfig(connection, 'test'), systemClock, 5_000)
  try {
    await line.client.query('begin; lock table command in share mode')
    const under = works.map((work) => work())
    for (let held = 0; held < works.length;) {
      const { rows } = await bench.database.sql<{ held: number }>(
        `select count(*)::int as held from pg_locks l join pg_database d on d.oid = l.database
         where d.datname = current_database() and not l.granted`,
      )
      held = rows[0]!.held
    }
    await line.client.query('commit')
    return await Promise.all(under)
  } finally {
    await line.close()
  }
}

const reset: Submission = {
  operation: 'charger.reset',
  params: { mode: 'now' },
  target: { chargers: ['CP-1'] },
  reason: 'a test',
}

test('two nodes that take the same submission in the same moment make one command of it', async (t) => {
  const bench = await commandBench(t)
  const other = await bench.beside('own bus')
  const submission = { ...reset, idempotencyKey: 'k' }
  const [one, two] = await atTheSameMoment(bench, [
    () => bench.engine.submit(operator, submission),
    () => other.submit(operator, submission),
  ])
  assert.equal(one!.id, two!.id)
  assert.equal((await bench.engine.list({ limit: 10 }, {})).items.length, 1)
})

test('of two submissions for the same place in the same moment, one is refused', async (t) => {
  const bench = await commandBench(t)
  bench.know('CP-1', { connected: false })
  const other = await bench.beside('own bus')
  const both = await atTheSameMoment(bench, [
    () => bench.engine.submit(operator, reset),
    () => other.submit(operator, reset),
  ])
  assert.deepEqual(both.map(({ state }) => state).sort(), ['queued', 'refused'])
})

test('a key used for two different things in the same moment is a conflict for the later', async (t) => {
  const bench = await commandBench(t)
  const other = await bench.beside('own bus')
  const results = await atTheSameMoment(bench, [
    () => bench.engine.submit(operator, { ...reset, idempotencyKey: 'k' }).catch(codeOf),
    () => other.submit(operator, { ...reset, reason: 'else', idempotencyKey: 'k' }).catch(codeOf),
  ])
  assert.equal(results.filter((one) => one === 'idempotency-conflict').length, 1)
})

function codeOf(error: unknown): string {
  return (error as { problem?: { code?: string } }).problem?.code ?? String(error)
}

test('a node sees the effect of what another watched, when that one is gone', async (t) => {
  const bench = await commandBench(t)
  const other = await bench.beside('own bus')
  const command = await bench.submit({})
  await bench.answer(await bench.order(1), { status: 'Accepted' })
  assert.equal(await bench.state(command.id), 'accepted')
  await bench.engine.close()
  bench.know('CP-1', { boot: { receivedAt: bench.clock.now() + 1, provoked: false } })
  let state: string | undefined
  for (let passed = 0; passed < 60 && state !== 'succeeded'; passed += 1) {
    await bench.clock.advance(second)
    await bench.settle()
    state = (await other.show(command.id)).targets[0]?.state
  }
  assert.equal(state, 'succeeded')
})

test('a charger whose turn two nodes take at once is sent one command', async (t) => {
  const bench = await commandBench(t, ['CP-1', 'CP-2'])
  const other = await bench.beside('own bus')
  const bulk = { operation: 'settings.read', params: {}, target: { chargers: ['CP-1', 'CP-2'] } }
  for (let round = 0; round < 10; round += 1) {
    await Promise.all([
      bench.submit({ ...bulk, pace: { maxRunning: 1 } }),
      other.submit(operator, { ...bulk, reason: 'a test' }),
    ])
    let onWire: string[] = []
    for (let passed = 0; passed < 10 && onWire.length < 2; passed += 1) {
      await bench.settle()
      const { rows } = await bench.database.sql<{ charger: string }>(
        'select charger from dispatch where calling order by charger',
      )
      onWire = rows.map(({ charger }) => charger)
      await bench.clock.advance(second)
    }
    assert.deepEqual(onWire, ['CP-1', 'CP-2'])
    for (const order of bench.orders.slice(-2)) await bench.answer(order, { configurationKey: [] })
    await bench.settle()
  }
})
