import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandBench } from '../../test/kit/command-bench.ts'
import type { CommandBench } from '../../test/kit/command-bench.ts'
import type { CallOrder } from '../gateway/protocol.ts'
import type { Json } from '../kernel/json.ts'

const value = (text: string) => ({
  configurationKey: [{ key: 'K', readonly: false, value: text }],
})

function lost(bench: CommandBench, { callId, identity }: CallOrder): Promise<void> {
  return bench.report({ kind: 'connection-lost', callId, identity, at: bench.clock.now() })
}

async function timedOut(bench: CommandBench, order: CallOrder): Promise<void> {
  await bench.sent(order)
  const { callId, identity } = order
  await bench.report({ kind: 'timeout', callId, identity, at: bench.clock.now() })
}

function late(bench: CommandBench, { callId, identity }: CallOrder, payload: Json): Promise<void> {
  const answer = { payload, valid: true }
  return bench.report({ kind: 'late-answer', callId, identity, at: bench.clock.now(), answer })
}

async function targetOf(bench: CommandBench, id: string) {
  await bench.settle()
  const { targets, history } = await bench.engine.show(id)
  return { ...targets[0]!, events: history.map(({ event }) => event) }
}

/** A setting whose write was not answered in time: its read-back is on the wire. */
async function readingBack(bench: CommandBench) {
  const command = await bench.submit({
    operation: 'settings.write',
    params: { key: 'K', value: '1' },
  })
  const write = await bench.order(1)
  await timedOut(bench, write)
  const read = await bench.order(2)
  assert.deepEqual([write.action, read.action], ['ChangeConfiguration', 'GetConfiguration'])
  assert.equal(await bench.state(command.id), 'unknown')
  return { id: command.id, write, read }
}

test('an answer to the first of two frames settles what the second left unknown', async (t) => {
  const bench = await commandBench(t)
  const command = await bench.submit({ operation: 'settings.read', params: { keys: ['K'] } })
  const first = await bench.order(1)
  await bench.sent(first)
  await lost(bench, first)
  await timedOut(bench, await bench.order(2))
  assert.equal(await bench.state(command.id), 'unknown')
  await late(bench, first, value('300'))
  const { state, outcome, events } = await targetOf(bench, command.id)
  assert.deepEqual([state, outcome], ['reconciled', 'succeeded'])
  assert.ok(events.includes('command.late-answer'))
})

test('an answer to the first of two frames is recorded while the second is on the wire, which decides', async (t) => {
  const bench = await commandBench(t)
  const command = await bench.submit({ operation: 'settings.read', params: { keys: ['K'] } })
  const first = await bench.order(1)
  await bench.sent(first)
  await lost(bench, first)
  const second = await bench.order(2)
  await late(bench, first, value('60'))
  const between = await targetOf(bench, command.id)
  assert.equal(between.state, 'sending')
  assert.ok(between.events.includes('command.late-answer'))
  await bench.answer(second, value('300'))
  const { state, answer } = await targetOf(bench, command.id)
  assert.deepEqual([state, answer], ['succeeded', value('300')])
})

test('what became of the first frame is not taken for what becomes of the second', async (t) => {
  const bench = await commandBench(t)
  const command = await bench.submit({ operation: 'settings.read', params: { keys: ['K'] } })
  const first = await bench.order(1)
  await bench.sent(first)
  await lost(bench, first)
  const second = await bench.order(2)
  await bench.sent(second)
  await lost(bench, first)
  await timedOut(bench, first)
  await bench.sent(first)
  assert.equal((await targetOf(bench, command.id)).state, 'sent')
  assert.equal(bench.orders.length, 2)
})

test('an answer that comes when it waits to be sent again is kept in the record', async (t) => {
  const bench = await commandBench(t)
  const command = await bench.submit({ operation: 'settings.read', params: { keys: ['K'] } })
  const first = await bench.order(1)
  await bench.sent(first)
  bench.know('CP-1', { connected: false })
  await lost(bench, first)
  await bench.settle()
  await late(bench, first, value('300'))
  const { state, events } = await targetOf(bench, command.id)
  assert.equal(state, 'queued')
  assert.ok(events.includes('command.late-answer'))
})

test('a late answer to a write is judged as such while its read-back is on the wire', async (t) => {
  const bench = await commandBench(t)
  const { id, write } = await readingBack(bench)
  await late(bench, write, { status: 'Rejected' })
  const { state, outcome } = await targetOf(bench, id)
  assert.deepEqual([state, outcome], ['reconciled', 'refused'])
})

test('a late yes to a write leaves the read-back to decide', async (t) => {
  const bench = await commandBench(t)
  const { id, write, read } = await readingBack(bench)
  await late(bench, write, { status: 'Accepted' })
  assert.equal((await targetOf(bench, id)).state, 'unknown')
  await bench.answer(read, value('other'))
  const { state, outcome } = await targetOf(bench, id)
  assert.deepEqual([state, outcome], ['reconciled', 'failed'])
})

test('the answer to a read-back is never judged as the answer to the write', async (t) => {
  const bench = await commandBench(t)
  const { id, read } = await readingBack(bench)
  await bench.answer(read, value('1'))
  const { state, outcome } = await targetOf(bench, id)
  assert.deepEqual([state, outcome], ['reconciled', 'succeeded'])
})

test('nor is a late answer to an earlier read-back, while the next is on the wire', async (t) => {
  const bench = await commandBench(t)
  const { id, read } = await readingBack(bench)
  await timedOut(bench, read)
  const again = await bench.order(3)
  assert.equal(again.action, 'GetConfiguration')
  await late(bench, read, value('other'))
  const between = await targetOf(bench, id)
  assert.equal(between.state, 'unknown')
  assert.ok(between.events.includes('command.late-answer'))
  await bench.answer(again, value('1'))
  const { state, outcome } = await targetOf(bench, id)
  assert.deepEqual([state, outcome], ['reconciled', 'succeeded'])
})

test('a report of the write that comes twice says nothing new once the read-back is on the wire', async (t) => {
  const bench = await commandBench(t)
  const command = await bench.submit({
    operation: 'settings.write',
    params: { key: 'K', value: '1' },
  })
  const write = await bench.order(1)
  await bench.answer(write, { status: 'Accepted' })
  const read = await bench.order(2)
  const before = await targetOf(bench, command.id)
  await bench.answer(write, { status: 'Accepted' })
  assert.deepEqual((await targetOf(bench, command.id)).events, before.events)
  await bench.answer(read, value('1'))
  assert.equal((await targetOf(bench, command.id)).state, 'succeeded')
})

const schedule = {
  status: 'Accepted',
  connectorId: 0,
  chargingSchedule: {
    chargingRateUnit: 'A',
    duration: 86_400,
    chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }],
  },
}

test('a late yes to a limit leaves what its reading goes by', async (t) => {
  for (const heard of ['while it is read', 'afterwards'] as const) {
    const bench = await commandBench(t)
    const { id } = await bench.submit({ operation: 'power.limit', params: { amperes: 10 } })
    const first = await bench.order(1)
    await timedOut(bench, first)
    const read = await bench.order(2)
    assert.deepEqual([first.action, read.action], ['SetChargingProfile', 'GetCompositeSchedule'])
    if (heard === 'while it is read') await late(bench, first, { status: 'Accepted' })
    await bench.answer(read, schedule)
    if (heard === 'afterwards') await late(bench, first, { status: 'Accepted' })
    await bench.clock.advance(2 * 60_000)
    await bench.engine.sweep()
    const { state, outcome, result } = await targetOf(bench, id)
    assert.deepEqual([state, outcome], ['reconciled', 'succeeded'], heard)
    assert.equal((result as { limit?: string }).limit, '10 A per phase', heard)
  }
})
