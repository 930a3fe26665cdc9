import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Commissioning } from '../../src/upkeep/commissioning/run.ts'
import { apiWorld } from '../../test/kit/api-world.ts'
import { listening, run } from '../../test/kit/otactl.ts'
import { someBaseline, someRun } from '../../test/kit/some-upkeep.ts'

async function behind(t: TestContext, looks: readonly Commissioning[] = [someRun]) {
  let looked = 0
  const world = await apiWorld(t, {
    commissioning: {
      begin: () => Promise.resolve(looks[0] ?? someRun),
      show: () => Promise.resolve(looks[Math.min(looked++, looks.length - 1)] ?? someRun),
      list: () => Promise.resolve({ items: [someRun], nextCursor: null }),
      cancel: () => Promise.resolve({ ...someRun, state: 'cancelled', verdict: null }),
      baselines: () => Promise.resolve([someBaseline]),
      setBaseline: () => Promise.resolve(someBaseline),
      removeBaseline: () => Promise.resolve(),
    },
  })
  const url = await listening(world)
  return { url, reached: () => world.reached.map(({ deed, args }) => [deed, ...args.slice(1)]) }
}

test('a charger is commissioned, check by check, and the exit code says how it ended', async (t) => {
  const [first] = someRun.checks
  assert.ok(first !== undefined)
  const begun: Commissioning = { ...someRun, state: 'running', verdict: null, checks: [first] }
  const { url, reached } = await behind(t, [begun, someRun])
  const { code, out } = await run(
    [
      ...['commissioning', 'run', 'CP 1', '--reason', 'new', '--connectors', '2'],
      ...['--setting', 'heartbeat-interval=300', '--setting', 'CpoName=A=B', '--write-settings'],
      ...['--test-token', 'TAG', '--test-evse', '1', '--ocpp', '1.6'],
    ],
    { url },
  )
  assert.equal(code, 3)
  assert.deepEqual(reached()[0], [
    'begin',
    'CP 1',
    'new',
    {
      connectors: 2,
      version: '1.6',
      baseline: { 'heartbeat-interval': '300', CpoName: 'A=B' },
      writeBaseline: true,
      testSession: { token: 'TAG', evse: 1 },
    },
  ])
  assert.equal(
    out,
    [
      'passed  It is connected',
      '        over ocpp1.6',
      'failed  Its connectors are there',
      '        1: 1.1 Available; expected were 2',
      '        Check it.',
      '        otactl commands show c-1',
      '',
      'CP 1: failed',
      '',
    ].join('\n'),
  )
})

test('a run is shown as a checklist, and what waits is shown as waiting', async (t) => {
  const { url, reached } = await behind(t)
  const { code, out } = await run(['commissioning', 'show', 'CP 1'], { url })
  assert.equal(code, 0)
  assert.match(out, /Result +failed/)
  assert.match(out, /^- {7}Its settings are as wanted$/m)
  assert.deepEqual(reached(), [['show', 'latest']])
})

test('runs are listed and cancelled; without waiting, the run is named', async (t) => {
  const { url } = await behind(t)
  const listed = await run(['commissioning', 'list', 'CP 1', '--quiet'], { url })
  assert.equal(listed.out, 'r-1\n')
  const table = await run(['commissioning', 'list', 'CP 1'], { url })
  assert.match(table.out, /RUN +RESULT +PASSED +WARNINGS +FAILED/)
  const cancelled = await run(['commissioning', 'cancel', 'CP 1', '--reason', 'wrong'], { url })
  assert.match(cancelled.out, /Run r-1 is cancelled/)
  const begun = await run(['commissioning', 'run', 'CP 1', '--reason', 'x', '--no-wait'], { url })
  assert.deepEqual([begun.code, begun.out.split('\n')[0]], [0, 'Run r-1 has begun.'])
})

test('what is wanted of new chargers is said, shown and forgotten', async (t) => {
  const { url, reached } = await behind(t)
  const set = ['commissioning', 'set-baseline', '--group', 'North', '--setting']
  const made = await run([...set, 'heartbeat-interval=300'], { url })
  assert.equal(made.out, 'New chargers of North are to have: heartbeat-interval 300.\n')
  assert.deepEqual(reached(), [['setBaseline', 'North', { 'heartbeat-interval': '300' }]])
  const shown = await run(['commissioning', 'baselines'], { url })
  assert.match(shown.out, /^North {2}.* by Anna\nheartbeat-interval {2}300\n/)
  const removed = await run(['commissioning', 'remove-baseline', '--group', 'North'], { url })
  assert.equal(removed.code, 0)
  const wrong = await run([...set, 'heartbeat-interval'], { url })
  assert.equal(wrong.code, 2)
  assert.match(wrong.err, /is no setting/)
})

test('a place to test at needs a token', async (t) => {
  const { url } = await behind(t)
  const { code, err } = await run(
    ['commissioning', 'run', 'CP 1', '--reason', 'x', '--test-evse', '1'],
    { url },
  )
  assert.equal(code, 2)
  assert.match(err, /--test-evse needs --test-token/)
})
