import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolveProfile } from '../../src/models/profile.ts'
import { commandBench } from '../kit/command-bench.ts'
import { examples } from '../kit/replay.ts'

const charger = { chargers: ['CP-1'] }

test('a CALL waits for its answer as long as the model needs', async (t) => {
  const bench = await commandBench(t)
  const profile = resolveProfile({ vendor: 'MENNEKES', model: 'Amtron 4Business' })
  bench.know('CP-1', { profile })
  await bench.submit({ operation: 'charger.report', params: { what: 'status' }, target: charger })
  const order = await bench.order(1)
  assert.equal(order.answerTimeoutMs, 120_000)
})

test('what a model cannot do is not asked of it', async (t) => {
  const bench = await commandBench(t)
  bench.know('CP-1', { profile: resolveProfile(examples.pulsarOld) })
  const { id } = await bench.submit({
    operation: 'connector.unlock',
    params: { evse: 1 },
    target: charger,
  })
  assert.equal(await bench.state(id), 'unsupported')
  assert.deepEqual(bench.offered, [])
})

test('how the commands to a charger ended is counted, without those that never left', async (t) => {
  const bench = await commandBench(t)
  const read = { operation: 'settings.read', params: { keys: ['A'] }, target: charger }
  await bench.submit(read)
  const first = await bench.order(1)
  await bench.sent(first)
  await bench.answer(first, { configurationKey: [{ key: 'A', readonly: false, value: '1' }] })
  await bench.settle()
  await bench.submit(read)
  const second = await bench.order(2)
  await bench.sent(second)
  await bench.answer(second, { unknownKey: ['A'] })
  await bench.settle()
  bench.know('CP-1', { profile: resolveProfile(examples.pulsarOld) })
  await bench.submit({ operation: 'connector.unlock', params: { evse: 1 }, target: charger })
  await bench.settle()
  const [counted] = await bench.engine.ends()
  assert.equal(counted?.charger, 'CP-1')
  assert.deepEqual(counted.ends, {
    succeeded: 1,
    unverified: 0,
    refused: 1,
    unsupported: 0,
    failed: 0,
    unknown: 0,
  })
})
