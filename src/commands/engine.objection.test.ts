import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandBench } from '../../test/kit/command-bench.ts'
import type { Objection, Waited } from '../policy/gate.ts'

const earth: Objection = { rule: 'guard.safety-fault', sentence: 'CP-1 has reported GroundFailure' }

/** A gate that looks at resets again, and says what is set. */
async function looking(t: Parameters<typeof commandBench>[0]) {
  const bench = await commandBench(t)
  const asked: Waited[] = []
  const gate = { ...bench.policy, objection: undefined as Objection | undefined }
  bench.policy = {
    admit: gate.admit,
    looksAgain: ({ name }) => name === 'charger.reset',
    against(_actor, waited) {
      asked.push(waited)
      return Promise.resolve(gate.objection)
    },
  }
  return { bench, asked, gate }
}

const reset = { operation: 'charger.reset', params: { mode: 'now' } }

test('what came up while a command waited keeps its frame from leaving, and the command says why', async (t) => {
  const { bench, asked, gate } = await looking(t)
  bench.know('CP-1', { connected: false })
  const command = await bench.submit({ ...reset, acknowledges: ['running-sessions'] })
  await bench.settle()
  assert.equal(asked.length, 0, 'its turn has not come')
  gate.objection = earth
  bench.know('CP-1', { connected: true })
  await bench.settle()
  assert.equal(bench.orders.length, 0)
  const { targets, history } = await bench.engine.show(command.id)
  assert.deepEqual([targets[0]?.state, targets[0]?.detail], ['refused', earth.sentence])
  assert.equal(history.at(-1)?.detail['rule'], earth.rule)
  assert.equal(asked.length, 1)
  const { charger, params, acknowledges } = asked[0]!
  assert.deepEqual(
    { charger, params, acknowledges },
    { charger: 'CP-1', params: { mode: 'now' }, acknowledges: ['running-sessions'] },
  )
})

test('where nothing speaks against it the command goes out, and others are not looked at', async (t) => {
  const { bench, asked } = await looking(t)
  await bench.submit({ operation: 'settings.read', params: { keys: ['K'] } })
  const read = await bench.order(1)
  assert.equal(asked.length, 0)
  await bench.submit(reset)
  await bench.answer(read, { configurationKey: [{ key: 'K', readonly: false, value: '1' }] })
  assert.equal((await bench.order(2)).action, 'Reset')
  assert.equal(asked.length, 1)
})
