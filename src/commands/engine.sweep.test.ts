import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandBench, operator } from '../../test/kit/command-bench.ts'
import type { CommandBench } from '../../test/kit/command-bench.ts'
import { ManualClock } from '../kernel/clock.ts'
import { sweepDeadlines } from './sweep.ts'

const minute = 60_000

/** No change of this target can be written any more. */
async function poison(bench: CommandBench, command: string, charger: string): Promise<void> {
  await bench.database.sql(`
    create or replace function refuse() returns trigger language plpgsql as
      $$ begin raise exception 'this row cannot be written'; end $$`)
  await bench.database.sql(
    `create trigger poisoned before update on dispatch for each row
     when (new.command = '${command}' and new.charger = '${charger}') execute function refuse()`,
  )
}

async function stateOf(bench: CommandBench, id: string): Promise<Record<string, string>> {
  const { targets } = await bench.engine.show(id)
  return Object.fromEntries(targets.map(({ charger, state }) => [charger, state]))
}

test('a target that cannot be written keeps no other from its deadline, of whatever kind', async (t) => {
  const bench = await commandBench(t, ['CP-1', 'CP-2', 'CP-3', 'CP-4'])
  for (const charger of ['CP-1', 'CP-2']) bench.know(charger, { connected: false })
  const reset = { operation: 'charger.reset', params: { mode: 'now' } }
  const waiting = await bench.submit({ ...reset, target: { chargers: ['CP-1', 'CP-2'] } })
  const silent = await bench.submit({ ...reset, target: { chargers: ['CP-3'] } })
  await bench.order(1)
  const unseen = await bench.submit({ ...reset, target: { chargers: ['CP-4'] } })
  await bench.answer(await bench.order(2), { status: 'Accepted' })
  await poison(bench, waiting.id, 'CP-1')
  await bench.clock.advance(11 * minute)
  await bench.engine.sweep()
  assert.deepEqual(await stateOf(bench, waiting.id), { 'CP-1': 'queued', 'CP-2': 'expired' })
  assert.deepEqual(await stateOf(bench, silent.id), { 'CP-3': 'unknown' })
  assert.deepEqual(await stateOf(bench, unseen.id), { 'CP-4': 'accepted-unverified' })
})

test('one kind of deadline that cannot be looked at keeps no other, and is told', async () => {
  const looked: string[] = []
  const failing = new Error('no such index')
  const sweep = sweepDeadlines({
    clock: new ManualClock(),
    queries: {
      expired: () => Promise.reject(failing),
      overdueAnswers: () => Promise.resolve(['t-1']),
    },
    advance: { all: (ids) => Promise.resolve(void looked.push(...ids)) },
    watch: { settleOverdue: () => Promise.resolve(void looked.push('effects')) },
    tellShutOut: () => Promise.resolve(void looked.push('shut out')),
  })
  await assert.rejects(sweep, failing)
  assert.deepEqual(looked, ['t-1', 'effects', 'shut out'])
})

test('an effect is seen though another target of the charger cannot be written', async (t) => {
  const bench = await commandBench(t)
  const first = await bench.submit({})
  await bench.answer(await bench.order(1), { status: 'Accepted' })
  await bench.settle()
  await bench.restart()
  const { rows } = await bench.database.sql<{ id: string }>(
    `insert into command (id, operation, params, reason, actor, origin, max_running, total, submitted_at, not_after, digest)
     select gen_random_uuid(), operation, params, reason, actor, origin, max_running, total, submitted_at, not_after, digest
     from command returning id`,
  )
  await bench.database.sql(
    `insert into dispatch (id, command, charger, operation, exclusive, state, ready, not_after, sent_at, call, settle_by, updated_at)
     select gen_random_uuid(), $1, charger, operation, false, state, false, not_after, sent_at, call, settle_by, updated_at
     from dispatch`,
    [rows[0]!.id],
  )
  await poison(bench, rows[0]!.id, 'CP-1')
  bench.know('CP-1', { boot: { receivedAt: bench.clock.now() + 1, provoked: false } })
  assert.equal(await bench.state(first.id), 'succeeded')
})

test('more targets than changes may wait to be committed are cancelled', async (t) => {
  const chargers = Array.from({ length: 5_000 }, (_, index) => `CP-${index}`)
  const bench = await commandBench(t, chargers, { maxWaiting: 2_500 })
  for (const charger of chargers) bench.know(charger, { connected: false })
  const bulk = await bench.submit({
    operation: 'settings.read',
    params: {},
    target: { select: {} },
  })
  await bench.settle()
  assert.deepEqual(await bench.engine.cancel(operator, bulk.id, 'wrong group'), {
    cancelled: 5_000,
    tooLate: 0,
  })
  assert.deepEqual((await bench.engine.show(bulk.id)).counts, { cancelled: 5_000 })
})

test('cancelling again says the same, and tells what was cancelled from what was too late', async (t) => {
  const bench = await commandBench(t, ['CP-1', 'CP-2', 'CP-3'])
  bench.know('CP-3', { connected: false })
  const command = await bench.submit({
    operation: 'settings.read',
    params: {},
    target: { select: {} },
  })
  await bench.order(2)
  const expected = { cancelled: 1, tooLate: 2 }
  assert.deepEqual(await bench.engine.cancel(operator, command.id, 'enough'), expected)
  assert.deepEqual(await bench.engine.cancel(operator, command.id, 'enough'), expected)
})

test('what comes back from the gateway after it was cancelled is not sent', async (t) => {
  const bench = await commandBench(t)
  const command = await bench.submit({ operation: 'settings.read', params: {} })
  const answered: unknown[] = []
  bench.receipt = async () => {
    answered.push(await bench.engine.cancel(operator, command.id, 'enough'))
    return { taken: false, reason: 'busy' }
  }
  await bench.settle()
  bench.receipt = () => ({ taken: true })
  await bench.clock.advance(minute)
  assert.equal(await bench.state(command.id), 'cancelled')
  assert.deepEqual(answered, [{ cancelled: 0, tooLate: 1 }])
  assert.equal(bench.orders.length, 0)
})

test('what a newer command takes the place of is told and counted', async (t) => {
  const bench = await commandBench(t)
  bench.know('CP-1', { connected: false })
  const write = (value: string) =>
    bench.submit({ operation: 'settings.write', params: { key: 'K', value } })
  const older = await write('1')
  const newer = await write('2')
  await bench.settle()
  const told = bench.events.filter(({ command }) => command === older.id)
  assert.deepEqual(
    told.map(({ type, charger, data }) => [type, charger, data['state'], data['detail']]),
    [['command.updated', 'CP-1', 'superseded', `command ${newer.id} asks for something newer`]],
  )
  assert.equal(bench.counted.get('superseded'), 1)
})

test('of two words for one setting in the same moment, one stands and the other says so', async (t) => {
  const bench = await commandBench(t)
  bench.know('CP-1', { connected: false })
  const write = (value: string) =>
    bench.submit({ operation: 'settings.write', params: { key: 'K', value } })
  const [one, other] = await Promise.all([write('1'), write('2')])
  assert.deepEqual([one.state, other.state].sort(), ['queued', 'superseded'])
  assert.equal(bench.counted.get('superseded'), 1)
})
