import assert from 'node:assert/strict'
import type { Submission } from './commands.ts'
import { test } from 'node:test'
import { commandBench } from '../../test/kit/command-bench.ts'
import { sessionFacts } from '../../test/kit/facts.ts'
import { ProblemError } from '../kernel/problem.ts'

const reset = { operation: 'charger.reset', params: { mode: 'when-idle' }, reason: 'a test' }

test('a preview says who can, who waits and who cannot, and sends nothing', async (t) => {
  const bench = await commandBench(t, ['A-16', 'B-20', 'C-20', 'D-new', 'E-20'])
  bench.know('B-20', { version: '2.0.1', sessions: [sessionFacts()] })
  bench.know('C-20', { version: '2.0.1', connected: false })
  bench.know('E-20', {
    version: '2.0.1',
    capabilities: {
      'action:Reset': {
        value: false,
        source: 'observed',
        since: 0,
        why: 'it answered NotImplemented',
      },
    },
  })
  const { preview } = await bench.engine.outlook({ ...reset, target: { select: {} } })
  const of = (charger: string) => preview.targets.find((one) => one.charger === charger)
  assert.equal(of('A-16')?.verdict, 'cannot')
  assert.equal(of('A-16')?.field, 'params.mode')
  assert.deepEqual(of('B-20')?.call, {
    version: '2.0.1',
    action: 'Reset',
    payload: { type: 'OnIdle' },
  })
  assert.equal(of('C-20')?.verdict, 'waits')
  assert.equal(of('E-20')?.because, 'it answered NotImplemented')
  assert.equal(preview.total, 5)
  assert.equal(preview.runningSessions, 1)
  assert.equal(
    preview.reasons.reduce((sum, one) => sum + one.chargers, 0),
    preview.waits + preview.cannot,
  )
  await bench.settle()
  assert.equal(bench.orders.length, 0)
  assert.equal((await bench.engine.list({ limit: 10 }, {})).items.length, 0)
})

test('a preview makes the same objections as a submission', async (t) => {
  const bench = await commandBench(t)
  const target = { chargers: ['CP-1'] }
  const objection = (asked: Submission) =>
    bench.engine.outlook(asked).then(
      () => assert.fail('it was previewed'),
      (error: unknown) => error instanceof ProblemError && error.problem.field,
    )
  assert.equal(await objection({ ...reset, params: { mode: 'x' }, target }), 'params.mode')
  assert.equal(
    await objection({ operation: 'no.such', params: {}, reason: 'a test', target }),
    'operation',
  )
})

test('a preview of thousands lets others get their turn, and shows the first of them', async (t) => {
  const chargers = Array.from({ length: 1_200 }, (_, n) => `CP-${n}`)
  const bench = await commandBench(t, chargers)
  let turns = 0
  let previewing = true
  const other = () => {
    turns += 1
    if (previewing) setImmediate(other)
  }
  setImmediate(other)
  const asked = { ...reset, params: { mode: 'now' }, target: { chargers } }
  const { preview } = await bench.engine.outlook(asked)
  previewing = false
  assert.ok(turns >= 2, `${turns}`)
  assert.deepEqual([preview.total, preview.can, preview.targets.length], [1_200, 1_200, 100])
  assert.ok(preview.targets.every(({ call }) => call?.action === 'Reset'))
})
