import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CommandBench } from '../../test/kit/command-bench.ts'
import { commandBench, operator } from '../../test/kit/command-bench.ts'
import type { Context } from '../kernel/actor.ts'
import { withdrawAll } from './cancel.ts'

const { origin } = operator
const guard: Context = { actor: { kind: 'person', id: 'p-9', name: 'Gill' }, origin }
const read = { operation: 'settings.read', params: {} }

/** As the room of identities does when it locks an account. */
async function shutOut(bench: CommandBench, actor: string, reason: string) {
  const at = bench.clock.now()
  return bench.database.database.transaction((tx) => withdrawAll(tx, guard, { actor, reason, at }))
}

test('what somebody who is shut out has waiting is cancelled with the reason, and nobody else’s', async (t) => {
  const bench = await commandBench(t, ['CP-1', 'CP-2', 'CP-3'])
  bench.know('CP-2', { connected: false })
  const both = await bench.submit({ ...read, target: { chargers: ['CP-1', 'CP-2'] } })
  const sent = await bench.order(1)
  bench.know('CP-3', { connected: false })
  const sam: Context = { actor: { kind: 'person', id: 'p-2', name: 'Sam' }, origin }
  const others = await bench.engine.submit(sam, {
    ...read,
    target: { chargers: ['CP-3'] },
    reason: 'a look',
  })
  const told = await shutOut(bench, operator.actor.id, 'left the company')
  assert.deepEqual(
    told.map(({ event, command, reason, detail }) => [event, command, reason, detail]),
    [
      [
        'command.cancel-requested',
        both.id,
        'left the company',
        { operation: 'settings.read', targets: 1 },
      ],
    ],
  )
  await bench.engine.sweep()
  await bench.answer(sent, { configurationKey: [] })
  await bench.settle()
  const { targets, cancelled } = await bench.engine.show(both.id)
  assert.deepEqual(
    targets.map(({ charger, state, detail }) => [charger, state, detail]),
    [
      ['CP-1', 'succeeded', null],
      ['CP-2', 'cancelled', 'cancelled by Gill: left the company'],
    ],
  )
  assert.equal(cancelled, true)
  assert.equal(await bench.state(others.id), 'queued')
  assert.deepEqual(await shutOut(bench, operator.actor.id, 'again'), [])
})

test('a charger that comes before the sweep is sent nothing of it', async (t) => {
  const bench = await commandBench(t)
  bench.know('CP-1', { connected: false })
  const command = await bench.submit(read)
  await shutOut(bench, operator.actor.id, 'a stolen laptop')
  bench.know('CP-1', { connected: true })
  await bench.settle()
  assert.equal(await bench.state(command.id), 'cancelled')
  assert.equal(bench.orders.length, 0)
})

test('what was cancelled just before a crash is taken back after it, with its reason', async (t) => {
  const bench = await commandBench(t)
  bench.know('CP-1', { connected: false })
  const command = await bench.submit(read)
  await shutOut(bench, operator.actor.id, 'a stolen laptop')
  await bench.restart()
  await bench.engine.sweep()
  const { targets } = await bench.engine.show(command.id)
  assert.deepEqual(
    targets.map(({ state, detail }) => [state, detail]),
    [['cancelled', 'cancelled by Gill: a stolen laptop']],
  )
})
