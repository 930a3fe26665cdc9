import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandBench, operator } from '../../test/kit/command-bench.ts'
import type { CommandBench } from '../../test/kit/command-bench.ts'
import type { CallOrder } from '../gateway/protocol.ts'
import type { Submission } from './commands.ts'
import { wattsGranted } from './standing.ts'

const minute = 60_000
const hour = 60 * minute

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `CP-${index + 1}`)
}

const bulkRead: Partial<Submission> = {
  operation: 'settings.read',
  params: {},
  target: { select: {} },
}

function read(charger: string, key: string): Partial<Submission> {
  return {
    operation: 'settings.read',
    params: { keys: [key] },
    target: { chargers: [charger] },
  }
}

function write(key: string, value: string, pace?: Submission['pace']): Partial<Submission> {
  return { operation: 'settings.write', params: { key, value }, ...(pace && { pace }) }
}

const nothing = { configurationKey: [] }

/** Keys that were asked for or set, in the order of the orders. */
function keysOf(orders: readonly CallOrder[]): unknown[] {
  return orders.map(({ payload }) => payload['key'])
}

function inAnHour(bench: CommandBench): string {
  return new Date(bench.clock.now() + hour).toISOString()
}

test('a command that waits for its pace holds up nothing else of the charger', async (t) => {
  const bench = await commandBench(t, names(3))
  await bench.submit({ ...bulkRead, pace: { perMinute: 1 } })
  await bench.order(1)
  await bench.settle()
  await bench.submit(read('CP-2', 'A'))
  await bench.submit(read('CP-2', 'B'))
  const first = await bench.order(2)
  assert.deepEqual([first.identity, first.payload], ['CP-2', { key: ['A'] }])
  await bench.answer(first, nothing)
  assert.deepEqual((await bench.order(3)).payload, { key: ['B'] })
})

test('nor does one whose places are taken, and it goes on where it was', async (t) => {
  const bench = await commandBench(t, names(2))
  const bulk = await bench.submit({ ...bulkRead, pace: { maxRunning: 1 } })
  const running = await bench.order(1)
  const other = running.identity === 'CP-1' ? 'CP-2' : 'CP-1'
  await bench.submit(read(other, 'A'))
  const single = await bench.order(2)
  assert.deepEqual([single.identity, single.payload], [other, { key: ['A'] }])
  await bench.answer(running, nothing)
  await bench.answer(single, nothing)
  const last = await bench.order(3)
  assert.deepEqual([last.identity, last.payload], [other, {}])
  await bench.answer(last, nothing)
  await bench.settle()
  assert.deepEqual((await bench.engine.show(bulk.id)).counts, { succeeded: 2 })
})

test('of two commands that wait for their pace, the one with room goes', async (t) => {
  const bench = await commandBench(t, names(2))
  await bench.submit({ ...bulkRead, pace: { perMinute: 1 } })
  const begun = await bench.order(1)
  await bench.answer(begun, nothing)
  await bench.submit({ ...bulkRead, params: { keys: ['N'] }, pace: { perMinute: 1 } })
  assert.deepEqual((await bench.order(2)).payload, { key: ['N'] })
})

test('what may have left already is not overtaken by a later word for the same setting', async (t) => {
  const bench = await commandBench(t)
  await bench.submit(write('K', '1', { perMinute: 1 }))
  const first = await bench.order(1)
  await bench.sent(first)
  const { callId, identity } = first
  await bench.report({ kind: 'connection-lost', callId, identity, at: bench.clock.now() })
  const later = await bench.submit(write('K', '2'))
  const other = await bench.submit(write('L', '1'))
  const second = await bench.order(2)
  assert.equal(second.payload['key'], 'L')
  await bench.answer(second, { status: 'Rejected' })
  assert.equal(await bench.state(other.id), 'refused')
  assert.equal(await bench.state(later.id), 'queued')
  await bench.clock.advance(minute)
  const again = await bench.order(3)
  assert.deepEqual(again.payload, { key: 'K', value: '1' })
  await bench.answer(again, { status: 'Rejected' })
  assert.deepEqual((await bench.order(4)).payload, { key: 'K', value: '2' })
  assert.deepEqual(keysOf(bench.orders), ['K', 'L', 'K', 'K'])
})

test('a pace asks as many chargers as there is room for, not all that wait', async (t) => {
  const count = 40
  const bench = await commandBench(t, names(count))
  const notAfter = inAnHour(bench)
  const bulk = await bench.submit({ ...bulkRead, notAfter, pace: { perMinute: 6 } })
  for (let served = 1; served <= count; served += 1) {
    await bench.answer(await bench.order(served), nothing)
    await bench.settle()
    assert.equal(bench.orders.length, served)
    await bench.clock.advance(10_000)
  }
  await bench.settle()
  assert.deepEqual((await bench.engine.show(bulk.id)).counts, { succeeded: count })
  assert.ok(bench.lookedUp.length <= 5 * count, `${bench.lookedUp.length} look-ups`)
})

test('nobody is asked for a paced command that was cancelled', async (t) => {
  const bench = await commandBench(t, names(20))
  const bulk = await bench.submit({ ...bulkRead, pace: { perMinute: 1 } })
  await bench.answer(await bench.order(1), nothing)
  await bench.settle()
  await bench.engine.cancel(operator, bulk.id, 'enough')
  await bench.settle()
  const before = bench.lookedUp.length
  await bench.clock.advance(5 * minute)
  await bench.settle()
  assert.equal(bench.lookedUp.length, before)
})

test('a charger that is away passes its place on to the next', async (t) => {
  const bench = await commandBench(t, names(6))
  const notAfter = inAnHour(bench)
  await bench.submit({ ...bulkRead, notAfter, pace: { perMinute: 1 } })
  const first = await bench.order(1)
  await bench.answer(first, nothing)
  await bench.settle()
  const left = names(6).filter((name) => name !== first.identity)
  const present = left.pop()!
  for (const away of left) bench.know(away, { connected: false })
  await bench.clock.advance(minute)
  assert.equal((await bench.order(2)).identity, present)
})

test('a place that a refused order gives back goes to another charger', async (t) => {
  const bench = await commandBench(t, names(3))
  bench.receipt = ({ identity }) =>
    identity === 'CP-1' ? { taken: false, reason: 'busy' } : { taken: true }
  await bench.submit({ ...bulkRead, pace: { maxRunning: 1 } })
  await bench.settle()
  const served = new Set<string>()
  for (let count = 1; count <= 2; count += 1) {
    const order = await bench.order(count)
    served.add(order.identity)
    await bench.answer(order, nothing)
    await bench.settle()
  }
  assert.deepEqual([...served].sort(), ['CP-2', 'CP-3'])
  bench.receipt = () => ({ taken: true })
  await bench.clock.advance(minute)
  assert.equal((await bench.order(3)).identity, 'CP-1')
})

test('two control nodes share one pace and finish it together', async (t) => {
  const bench = await commandBench(t, names(12))
  const other = await bench.beside('same bus')
  const notAfter = inAnHour(bench)
  const bulk = await bench.submit({ ...bulkRead, notAfter, pace: { maxRunning: 3 } })
  for (let served = 1; served <= 12; served += 1) {
    const order = await bench.order(served)
    await bench.settle()
    assert.ok(bench.orders.length <= served + 2, `${bench.orders.length} while ${served - 1} done`)
    await bench.answer(order, nothing)
    await bench.clock.advance(1_000)
  }
  await bench.settle()
  assert.deepEqual((await other.show(bulk.id)).counts, { succeeded: 12 })
})

test('a pace goes on after a restart', async (t) => {
  const bench = await commandBench(t, names(4))
  const notAfter = inAnHour(bench)
  await bench.submit({ ...bulkRead, notAfter, pace: { perMinute: 1 } })
  await bench.answer(await bench.order(1), nothing)
  await bench.settle()
  await bench.restart()
  for (const expected of [2, 3, 4]) {
    await bench.clock.advance(minute)
    await bench.answer(await bench.order(expected), nothing)
    await bench.settle()
    assert.equal(bench.orders.length, expected)
  }
})

test('what the policy bounds a command to holds over what was asked: its pace, with jitter, and its end', async (t) => {
  const bench = await commandBench(t, names(4))
  const end = bench.clock.now() + 10 * minute
  const { decision } = await bench.policy.admit(operator, { intent: {} as never, chargers: [] })
  const bounds = {
    pace: { perMinute: 1, jitter: 0.5, wattsPerMinute: 22_000 },
    notAfter: end,
  }
  bench.policy = {
    ...bench.policy,
    admit: () => Promise.resolve({ decision: { ...decision, bounds }, changes: [] }),
  }
  const command = await bench.submit({ ...bulkRead, notAfter: inAnHour(bench) })
  assert.equal(Date.parse(command.notAfter), end)
  assert.equal(command.pace.perMinute, 1)
  const granted = await wattsGranted(bench.database.database, bench.clock.now())
  assert.equal(granted, 22_000)
  const began: number[] = []
  for (let order = 1; order <= 4; order += 1) {
    for (let waited = 0; bench.orders.length < order && waited < 100; waited += 1) {
      await bench.clock.advance(1_000)
      await bench.settle()
    }
    began.push(bench.clock.now())
    await bench.answer(await bench.order(order), nothing)
  }
  const waits = began.slice(1).map((at, index) => at - began[index]!)
  for (const wait of waits) assert.ok(wait >= minute && wait <= 1.5 * minute + 2_000, `${wait}`)
  await bench.settle()
  assert.equal(await wattsGranted(bench.database.database, bench.clock.now()), 0)
})
