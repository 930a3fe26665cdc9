import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandBench } from '../../test/kit/command-bench.ts'
import type { CommandBench } from '../../test/kit/command-bench.ts'
import type { CallReceipt } from '../gateway/protocol.ts'

const second = 1_000
const minute = 60 * second

function refusing(bench: CommandBench, reason: 'busy' | 'draining' | 'not-connected'): void {
  bench.receipt = () => ({ taken: false, reason })
}

function taking(bench: CommandBench): void {
  bench.receipt = () => ({ taken: true })
}

/** Seconds from now at which orders reach the gateway, within so many seconds. */
async function tries(bench: CommandBench, withinS: number): Promise<number[]> {
  const start = bench.clock.now()
  const at: number[] = []
  const { receipt } = bench
  bench.receipt = (order) => {
    at.push((bench.clock.now() - start) / second)
    return receipt(order)
  }
  for (let passed = 0; passed < withinS; passed += 1) {
    await bench.settle()
    await bench.clock.advance(second)
  }
  await bench.settle()
  bench.receipt = receipt
  return at
}

/** The record of a command, each of whose entries leads on from where the one before ended. */
async function historyOf(bench: CommandBench, id: string) {
  const { history } = await bench.engine.show(id)
  let state: unknown = 'submitted'
  for (const { event, detail } of history) {
    assert.equal(detail['from'] ?? state, state, `${event} does not follow`)
    state = detail['to'] ?? state
  }
  return history
}

test('a charger whose gateway takes no order is tried after growing pauses, by one timer', async (t) => {
  const bench = await commandBench(t)
  refusing(bench, 'busy')
  await bench.submit({ notAfter: new Date(bench.clock.now() + 60 * minute).toISOString() })
  assert.deepEqual(await tries(bench, 130), [0, 1, 3, 7, 15, 31, 61, 91, 121])
})

test('the record tells of tries in vain once for each reason, and with the frame how many they were', async (t) => {
  const bench = await commandBench(t)
  refusing(bench, 'busy')
  const command = await bench.submit({
    notAfter: new Date(bench.clock.now() + 60 * minute).toISOString(),
  })
  await tries(bench, 5)
  refusing(bench, 'draining')
  await tries(bench, 400)
  taking(bench)
  await tries(bench, 31)
  const order = await bench.order(1)
  const before = await historyOf(bench, command.id)
  assert.deepEqual(
    before.map(({ event, detail }) => [event, detail['why'] ?? null, detail['times'] ?? null]),
    [
      ['command.submitted', null, null],
      ['command.queued', null, null],
      ['command.sending', null, null],
      ['command.queued', 'not sent: busy', null],
      ['command.queued', 'not sent: draining', 4],
      ['command.queued', 'not sent: draining', 10],
    ],
  )
  // The intent of the very frame that leaves stands in the record before it.
  const intent = before.find(({ event }) => event === 'command.sending')
  assert.equal(intent?.detail['callId'], order.callId)
  assert.deepEqual((intent.detail['call'] as { payload: unknown }).payload, order.payload)

  await bench.answer(order, { status: 'Accepted' })
  const sent = (await historyOf(bench, command.id)).find(({ event }) => event === 'command.sent')
  assert.equal(sent?.detail['triedInVain'], bench.offered.length - 1)
  assert.equal((await bench.audit.verify()).brokenAt, undefined)
})

test('what would be sent instead has an entry and a message id of its own', async (t) => {
  const bench = await commandBench(t)
  refusing(bench, 'busy')
  const command = await bench.submit({})
  await bench.settle()
  bench.know('CP-1', { version: '2.0.1' })
  await tries(bench, 8)
  taking(bench)
  await tries(bench, 8)
  const order = await bench.order(1)
  assert.deepEqual(order.payload, { type: 'Immediate' })
  const intents = (await historyOf(bench, command.id))
    .filter(({ event }) => event === 'command.sending')
    .map(({ detail }) => [detail['callId'], (detail['call'] as { version: string }).version])
  assert.equal(intents.length, 2)
  assert.deepEqual(intents[1], [order.callId, '2.0.1'])
  assert.notEqual(intents[0]![0], order.callId)
})

test('a message id under which a frame may have left is never used again', async (t) => {
  const bench = await commandBench(t)
  refusing(bench, 'busy')
  await bench.submit({ operation: 'settings.read', params: {} })
  await bench.settle()
  taking(bench)
  await bench.clock.advance(second)
  const first = await bench.order(1)
  await bench.sent(first)
  const { callId, identity } = first
  await bench.report({ kind: 'connection-lost', callId, identity, at: bench.clock.now() })
  const again = await bench.order(2)
  assert.equal(bench.offered[0]?.callId, first.callId)
  assert.notEqual(again.callId, first.callId)
})

test('a crash while an order is tried again leaves it as unknown as the first time', async (t) => {
  const bench = await commandBench(t)
  refusing(bench, 'busy')
  const command = await bench.submit({})
  await bench.settle()
  taking(bench)
  await bench.clock.advance(second)
  await bench.order(1)
  await bench.restart()
  assert.equal(await bench.state(command.id), 'unknown')
  await historyOf(bench, command.id)
  await bench.clock.advance(minute)
  await bench.settle()
  assert.equal(bench.orders.length, 1)
})

test('when something is known anew of the charger, pauses start anew', async (t) => {
  const bench = await commandBench(t)
  refusing(bench, 'busy')
  await bench.submit({ notAfter: new Date(bench.clock.now() + 60 * minute).toISOString() })
  await tries(bench, 40)
  bench.know('CP-1', {})
  assert.deepEqual(await tries(bench, 10), [1, 3, 7])
})

test('reports without end do not make a charger tried more than once a second', async (t) => {
  const bench = await commandBench(t)
  refusing(bench, 'busy')
  await bench.submit({})
  await bench.settle()
  const before = bench.offered.length
  for (let report = 0; report < 100; report += 1) {
    bench.know('CP-1', {})
    await bench.settle()
    await bench.clock.advance(100)
  }
  assert.ok(bench.offered.length - before <= 10, `${bench.offered.length - before} tries in 10 s`)
})

test('a charger that the gateway does not hold is tried as soon as it connects', async (t) => {
  const bench = await commandBench(t)
  refusing(bench, 'not-connected')
  await bench.submit({ notAfter: new Date(bench.clock.now() + 60 * minute).toISOString() })
  await tries(bench, 40)
  taking(bench)
  bench.know('CP-1', { connected: true, epoch: 2 })
  await bench.order(1)
  await bench.settle()
  assert.equal(bench.orders.length, 1)
})

test('a charger known to be away is not tried at all', async (t) => {
  const bench = await commandBench(t)
  refusing(bench, 'not-connected')
  await bench.submit({})
  await bench.settle()
  bench.know('CP-1', { connected: false })
  assert.deepEqual(await tries(bench, 60), [])
})

test('a gateway that names a pause is asked again after it, and not before', async (t) => {
  const bench = await commandBench(t)
  const named: CallReceipt = { taken: false, reason: 'busy', retryAfterMs: 10 * second }
  bench.receipt = () => named
  await bench.submit({})
  await bench.settle()
  bench.know('CP-1', {})
  assert.deepEqual(await tries(bench, 25), [10, 20])
})

test('a read-back that is not taken is recorded once, and is no attempt', async (t) => {
  const bench = await commandBench(t)
  const command = await bench.submit({
    operation: 'settings.write',
    params: { key: 'K', value: '1' },
  })
  const write = await bench.order(1)
  refusing(bench, 'busy')
  await bench.answer(write, { status: 'Accepted' })
  await tries(bench, 60)
  taking(bench)
  await tries(bench, 31)
  const unheard = await bench.order(2)
  await bench.sent(unheard)
  const { callId, identity } = unheard
  await bench.report({ kind: 'timeout', callId, identity, at: bench.clock.now() })
  const read = await bench.order(3)
  await bench.answer(read, { configurationKey: [{ key: 'K', readonly: false, value: '1' }] })
  assert.equal(await bench.state(command.id), 'succeeded')
  const events = (await historyOf(bench, command.id)).map(({ event }) => event)
  assert.equal(events.filter((event) => event === 'command.reading-back').length, 2)
})

test('a new command of a charger is tried at once, whatever pause an older one is in', async (t) => {
  const bench = await commandBench(t)
  refusing(bench, 'busy')
  await bench.submit({ notAfter: new Date(bench.clock.now() + 60 * minute).toISOString() })
  await tries(bench, 40)
  taking(bench)
  await bench.submit({ operation: 'settings.read', params: {} })
  assert.equal((await bench.order(1)).action, 'Reset')
})

test('an order refused for good leaves the next its turn at once', async (t) => {
  const bench = await commandBench(t)
  bench.receipt = ({ action }) =>
    action === 'Reset' ? { taken: false, reason: 'invalid' } : { taken: true }
  const reset = await bench.submit({})
  await bench.submit({ operation: 'settings.read', params: {} })
  assert.equal((await bench.order(1)).action, 'GetConfiguration')
  assert.equal(await bench.state(reset.id), 'failed')
})
