import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandBench, operator } from '../../test/kit/command-bench.ts'
import type { Json } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Submission } from './commands.ts'

const minute = 60_000

async function problemOf(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => assert.fail('it should have been refused'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof ProblemError, String(error))
  return { code: error.problem.code, field: error.problem.field }
}

test('a reset is sent once, accepted, and succeeds when the charger boots', async (t) => {
  const bench = await commandBench(t)
  const command = await bench.submit({})
  const order = await bench.order(1)
  assert.deepEqual([order.action, order.payload], ['Reset', { type: 'Hard' }])
  await bench.answer(order, { status: 'Accepted' })
  assert.equal(await bench.state(command.id), 'accepted')
  await bench.clock.advance(1000)
  bench.know('CP-1', { boot: { receivedAt: bench.clock.now(), provoked: false } })
  assert.equal(await bench.state(command.id), 'succeeded')

  const { history } = await bench.engine.show(command.id)
  assert.deepEqual(
    history.map((entry) => entry.event),
    [
      'command.submitted',
      'command.queued',
      'command.sending',
      'command.sent',
      'command.accepted',
      'command.succeeded',
    ],
  )
  for (const entry of history) {
    assert.equal(entry.actor.id, operator.actor.id)
    assert.equal(entry.charger, 'CP-1')
    assert.equal(entry.reason, 'a test')
  }
  assert.deepEqual(await bench.audit.verify(), { entries: 6 })
})

test('the intent is in the audit record before the frame can leave', async (t) => {
  const bench = await commandBench(t)
  let recorded: Promise<string[]> | undefined
  bench.receipt = (order) => {
    recorded ??= bench.audit
      .list({ charger: order.identity, limit: 10 })
      .then((entries) => entries.map((entry) => entry.event))
    return { taken: true }
  }
  await bench.submit({})
  await bench.order(1)
  assert.deepEqual(await recorded, ['command.submitted', 'command.queued', 'command.sending'])
})

test('a reset for an offline charger expires instead of firing late', async (t) => {
  const bench = await commandBench(t)
  bench.know('CP-1', { connected: false })
  const command = await bench.submit({})
  assert.equal(await bench.state(command.id), 'queued')
  await bench.clock.advance(11 * minute)
  await bench.engine.sweep()
  assert.equal(await bench.state(command.id), 'expired')
  bench.know('CP-1', { connected: true })
  await bench.settle()
  assert.equal(bench.orders.length, 0)
})

test('a command waits for its charger and goes out when it connects', async (t) => {
  const bench = await commandBench(t)
  bench.know('CP-1', { connected: false })
  await bench.submit({})
  await bench.settle()
  assert.equal(bench.orders.length, 0)
  bench.know('CP-1', { connected: true })
  assert.equal((await bench.order(1)).action, 'Reset')
})

test('a rejected charger is sent nothing, a pending one only configuration', async (t) => {
  const bench = await commandBench(t)
  bench.know('CP-1', { bootState: 'rejected' })
  const read = await bench.submit({ operation: 'settings.read', params: {} })
  const start = await bench.submit({ operation: 'session.start', params: { token: 'T' } })
  await bench.settle()
  assert.equal(bench.orders.length, 0)
  bench.know('CP-1', { bootState: 'pending' })
  await bench.answer(await bench.order(1), { configurationKey: [] })
  assert.equal(await bench.state(read.id), 'succeeded')
  assert.equal(await bench.state(start.id), 'refused')
})

test("a charger's commands leave in the order of their submission, one at a time", async (t) => {
  const bench = await commandBench(t)
  await bench.submit({ operation: 'settings.read', params: { keys: ['A'] } })
  await bench.submit({ operation: 'settings.read', params: { keys: ['B'] } })
  await bench.submit({ operation: 'settings.read', params: { keys: ['C'] } })
  for (const [index, key] of ['A', 'B', 'C'].entries()) {
    const order = await bench.order(index + 1)
    await bench.settle()
    assert.equal(bench.orders.length, index + 1)
    assert.deepEqual(order.payload, { key: [key] })
    await bench.answer(order, { configurationKey: [] })
  }
})

test('other commands wait while a charger restarts', async (t) => {
  const bench = await commandBench(t)
  await bench.submit({})
  await bench.answer(await bench.order(1), { status: 'Accepted' })
  const read = await bench.submit({ operation: 'settings.read', params: {} })
  assert.equal(await bench.state(read.id), 'queued')
  await bench.clock.advance(1000)
  bench.know('CP-1', { boot: { receivedAt: bench.clock.now(), provoked: false } })
  assert.equal((await bench.order(2)).action, 'GetConfiguration')
})

test('a second reset is refused while the first is not settled', async (t) => {
  const bench = await commandBench(t)
  const first = await bench.submit({})
  const second = await bench.submit({})
  assert.equal(await bench.state(second.id), 'refused')
  const [target] = (await bench.engine.show(second.id)).targets
  assert.match(target?.detail ?? '', new RegExp(first.id))
})

test('of two settings that wait, only the newer is sent', async (t) => {
  const bench = await commandBench(t)
  bench.know('CP-1', { connected: false })
  const older = await bench.submit({
    operation: 'settings.write',
    params: { key: 'K', value: '1' },
  })
  const other = await bench.submit({
    operation: 'settings.write',
    params: { key: 'L', value: '1' },
  })
  const newer = await bench.submit({
    operation: 'settings.write',
    params: { key: 'K', value: '2' },
  })
  assert.equal(await bench.state(older.id), 'superseded')
  assert.equal(await bench.state(other.id), 'queued')
  assert.equal(await bench.state(newer.id), 'queued')
})

test('a crash while a reset is on the wire leaves it unknown, and the boot reconciles it', async (t) => {
  const bench = await commandBench(t)
  const command = await bench.submit({})
  await bench.sent(await bench.order(1))
  await bench.restart()
  assert.equal(await bench.state(command.id), 'unknown')
  assert.equal(bench.orders.length, 1)
  await bench.clock.advance(1000)
  bench.know('CP-1', { boot: { receivedAt: bench.clock.now(), provoked: false } })
  assert.equal(await bench.state(command.id), 'reconciled')
  assert.equal((await bench.engine.show(command.id)).targets[0]?.outcome, 'succeeded')
})

test('a crash while a harmless command is on the wire sends it again', async (t) => {
  const bench = await commandBench(t)
  const command = await bench.submit({ operation: 'settings.read', params: {} })
  await bench.sent(await bench.order(1))
  await bench.restart()
  await bench.answer(await bench.order(2), { configurationKey: [] })
  assert.equal(await bench.state(command.id), 'succeeded')
})

test('where gateways live on, a restarted control node takes their word for what became of a frame', async (t) => {
  const bench = await commandBench(t)
  const command = await bench.submit({})
  const order = await bench.order(1)
  await bench.restart({ gatewayRestarted: false })
  assert.equal(await bench.state(command.id), 'sending')
  await bench.answer(order, { status: 'Rejected' })
  assert.equal(await bench.state(command.id), 'refused')
})

test('an order whose outcome never comes is unknown after its deadline', async (t) => {
  const bench = await commandBench(t)
  const command = await bench.submit({})
  await bench.order(1)
  await bench.clock.advance(2 * minute)
  await bench.engine.sweep()
  assert.equal(await bench.state(command.id), 'unknown')
})

test('an outcome reported twice changes nothing the second time', async (t) => {
  const bench = await commandBench(t)
  const command = await bench.submit({ operation: 'settings.read', params: {} })
  const order = await bench.order(1)
  await bench.answer(order, { configurationKey: [] })
  await bench.answer(order, { configurationKey: [] })
  assert.equal(await bench.state(command.id), 'succeeded')
  assert.equal((await bench.engine.show(command.id)).history.length, 5)
})

test('an order the gateway cannot take goes back and is asked again later', async (t) => {
  const bench = await commandBench(t)
  bench.receipt = () => ({ taken: false, reason: 'busy' })
  const command = await bench.submit({})
  assert.equal(await bench.state(command.id), 'queued')
  bench.receipt = () => ({ taken: true })
  await bench.clock.advance(1_500)
  await bench.order(1)
  assert.equal(await bench.state(command.id), 'sending')
})

test('a bulk command runs no more at once than it may, and finishes all', async (t) => {
  const chargers = Array.from({ length: 7 }, (_, index) => `CP-${index}`)
  const bench = await commandBench(t, chargers)
  const command = await bench.submit({
    operation: 'settings.read',
    params: {},
    target: { select: {} },
    pace: { maxRunning: 2 },
  })
  assert.equal(command.total, 7)
  for (let served = 0; served < 7; served += 1) {
    const order = await bench.order(served + 1)
    await bench.settle()
    assert.ok(
      bench.orders.length <= served + 2,
      `${bench.orders.length} orders while ${served} are done`,
    )
    await bench.answer(order, { configurationKey: [] })
  }
  await bench.settle()
  const done = await bench.engine.show(command.id)
  assert.equal(done.state, 'completed')
  assert.deepEqual(done.counts, { succeeded: 7 })
})

test('a pace begins so many a minute', async (t) => {
  const chargers = Array.from({ length: 4 }, (_, index) => `CP-${index}`)
  const bench = await commandBench(t, chargers)
  await bench.submit({
    operation: 'settings.read',
    params: {},
    target: { select: {} },
    pace: { perMinute: 2 },
  })
  await bench.settle()
  assert.equal(bench.orders.length, 1)
  for (const expected of [2, 3, 4]) {
    await bench.clock.advance(30_001)
    await bench.order(expected)
    await bench.settle()
    assert.equal(bench.orders.length, expected)
  }
})

test('cancelling stops what has not left and says what was too late', async (t) => {
  const bench = await commandBench(t, ['CP-1', 'CP-2'])
  bench.know('CP-2', { connected: false })
  const command = await bench.submit({
    operation: 'settings.read',
    params: {},
    target: { chargers: ['CP-1', 'CP-2'] },
  })
  await bench.order(1)
  assert.deepEqual(await bench.engine.cancel(operator, command.id, 'wrong site'), {
    cancelled: 1,
    tooLate: 1,
  })
  bench.know('CP-2', { connected: true })
  await bench.settle()
  assert.equal(bench.orders.length, 1)
  const events = (await bench.engine.show(command.id)).history.map((entry) => entry.event)
  assert.ok(events.includes('command.cancel-requested') && events.includes('command.cancelled'))
})

test('an idempotency key makes one command of two submissions, and refuses a different one', async (t) => {
  const bench = await commandBench(t)
  const first = await bench.submit({ idempotencyKey: 'k' })
  const again = await bench.submit({ idempotencyKey: 'k' })
  assert.equal(again.id, first.id)
  assert.deepEqual(await problemOf(bench.submit({ idempotencyKey: 'k', reason: 'another' })), {
    code: 'idempotency-conflict',
    field: 'idempotencyKey',
  })
  const [one, other] = await Promise.all([
    bench.submit({ operation: 'settings.read', params: {}, idempotencyKey: 'm' }),
    bench.submit({ operation: 'settings.read', params: {}, idempotencyKey: 'm' }),
  ])
  assert.equal(one.id, other.id)
})

test('a submission repeated with its key answers its command, whatever has changed since', async (t) => {
  const bench = await commandBench(t)
  const submission = {
    operation: 'settings.write',
    params: { key: 'K', value: 'https://files.test/' },
    notAfter: new Date(bench.clock.now() + 10 * minute).toISOString(),
    idempotencyKey: 'k',
  }
  const first = await bench.submit(submission)
  await bench.clock.advance(11 * minute)
  bench.supplies = () => Promise.reject(new ProblemError('not-found', 'it is gone', 'params.value'))
  assert.equal((await bench.submit(submission)).id, first.id)
  assert.deepEqual(await problemOf(bench.submit({ ...submission, reason: 'another' })), {
    code: 'idempotency-conflict',
    field: 'idempotencyKey',
  })
  assert.deepEqual(await problemOf(bench.submit({ ...submission, idempotencyKey: 'new' })), {
    code: 'invalid-input',
    field: 'notAfter',
  })
  assert.equal((await bench.engine.list({ limit: 10 }, {})).items.length, 1)
})

test('a bad submission names its field and leaves no trace', async (t) => {
  const bench = await commandBench(t)
  const rows: readonly (readonly [Partial<Submission>, string, string])[] = [
    [{ operation: 'charger.explode' }, 'invalid-input', 'operation'],
    [{ params: {} }, 'invalid-input', 'params.mode'],
    [{ params: { mode: 'Hard' } }, 'invalid-input', 'params.mode'],
    [{ params: { mode: 'now', force: true } }, 'invalid-input', 'params.force'],
    [{ params: { mode: 'now', evse: 0 } }, 'invalid-input', 'params.evse'],
    [
      { operation: 'settings.read', params: { keys: ['a', ''] } },
      'invalid-input',
      'params.keys[1]',
    ],
    [
      { operation: 'settings.write', params: { key: 'AuthorizationKey', value: 'x' } },
      'invalid-input',
      'params.key',
    ],
    [{ reason: '  ' }, 'invalid-input', 'reason'],
    [{ reason: 'x'.repeat(501) }, 'invalid-input', 'reason'],
    [{ notAfter: 'tomorrow' }, 'invalid-input', 'notAfter'],
    [{ notAfter: '2020-01-01T00:00:00Z' }, 'invalid-input', 'notAfter'],
    [{ target: { chargers: [] } }, 'no-target', 'target.chargers'],
    [{ target: { chargers: ['CP-1', 'CP-1'] } }, 'invalid-input', 'target.chargers[1]'],
    [{ pace: { maxRunning: 0 } }, 'invalid-input', 'pace.maxRunning'],
    [{ pace: { perMinute: 1.5 } }, 'invalid-input', 'pace.perMinute'],
    [{ idempotencyKey: '' }, 'invalid-input', 'idempotencyKey'],
  ]
  for (const [submission, code, field] of rows) {
    assert.deepEqual(
      await problemOf(bench.submit(submission)),
      { code, field },
      JSON.stringify(submission),
    )
  }
  assert.deepEqual((await bench.engine.list({ limit: 10 }, {})).items, [])
  assert.deepEqual(await bench.audit.verify(), { entries: 0 })
})

test('commands are listed newest first, page by page, and by what they concern', async (t) => {
  const bench = await commandBench(t, ['CP-1', 'CP-2'])
  bench.know('CP-1', { connected: false })
  bench.know('CP-2', { connected: false })
  const ids: string[] = []
  for (const charger of ['CP-1', 'CP-2', 'CP-1']) {
    ids.push(
      (
        await bench.submit({
          operation: 'settings.read',
          params: {},
          target: { chargers: [charger] },
        })
      ).id,
    )
  }
  const first = await bench.engine.list({ limit: 2 }, {})
  assert.deepEqual(
    first.items.map((one) => one.id),
    [ids[2], ids[1]],
  )
  const rest = await bench.engine.list(
    { limit: 2, ...(first.nextCursor === null ? {} : { cursor: first.nextCursor }) },
    {},
  )
  assert.deepEqual(
    rest.items.map((one) => one.id),
    [ids[0]],
  )
  assert.equal(rest.nextCursor, null)
  const mine = await bench.engine.list({ limit: 10 }, { charger: 'CP-2' })
  assert.deepEqual(
    mine.items.map((one) => one.id),
    [ids[1]],
  )
  assert.deepEqual((await bench.engine.list({ limit: 10 }, { settled: true })).items, [])
})

test('one answer that no database could take does not hold up the others', async (t) => {
  const bench = await commandBench(t, ['CP-1', 'CP-2'])
  const target = { chargers: ['CP-1', 'CP-2'] }
  const command = await bench.submit({ operation: 'settings.read', params: {}, target })
  const orders = [await bench.order(1), await bench.order(2)]
  const at = bench.clock.now()
  const huge = { configurationKey: [], customData: 12345678901234567890n } as unknown as Json
  await bench.report(
    ...orders.map(({ callId, identity }, index) => {
      const payload = index === 0 ? huge : { configurationKey: [] }
      return {
        kind: 'answered',
        callId,
        identity,
        at,
        payload,
        valid: true,
        violations: [],
      } as const
    }),
  )
  await bench.settle()
  assert.deepEqual((await bench.engine.show(command.id)).counts, { succeeded: 2 })
})

test('a credential that a charger tells stands in neither the command nor the record', async (t) => {
  const bench = await commandBench(t)
  const command = await bench.submit({ operation: 'settings.read', params: {} })
  await bench.answer(await bench.order(1), {
    configurationKey: [{ key: 'AuthorizationKey', readonly: false, value: 'open sesame' }],
  })
  assert.equal(await bench.state(command.id), 'succeeded')
  assert.ok(!JSON.stringify(await bench.engine.show(command.id)).includes('sesame'))
})

test('an unlock that was never answered is not taken for done because the cable was gone before', async (t) => {
  const bench = await commandBench(t)
  const command = await bench.submit({ operation: 'connector.unlock', params: { evse: 1 } })
  await bench.sent(await bench.order(1))
  await bench.restart()
  bench.know('CP-1', {})
  assert.equal(await bench.state(command.id), 'unknown')
})
