import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CommandDetail } from '../../src/commands/commands.ts'
import { someCommand, someTarget } from '../../test/kit/api-world.ts'
import { behind } from '../../test/kit/commands-behind.ts'
import { run, type Around } from '../../test/kit/otactl.ts'

const many: CommandDetail = {
  ...someCommand,
  state: 'completed',
  total: 3,
  counts: { succeeded: 2, failed: 1 },
  settled: true,
  targets: [{ ...someTarget, charger: 'B', state: 'failed', detail: 'it said no', outcome: null }],
}
const resetMany = ['run', 'charger.reset', '--group', 'North', '--mode', 'now', '--reason', 'x']

test('several chargers end with their counts, and those that did not succeed', async (t) => {
  const { url, submitted } = await behind(t, [many])
  const { code, out } = await run([...resetMany, '--yes', '--max-running', '5'], { url })
  assert.equal(code, 3)
  assert.match(out, /charger\.reset has ended on 3 chargers: 2 succeeded, 1 failed/)
  assert.match(out, /B +failed .* it said no/)
  assert.deepEqual(submitted[0]!.target, { select: { group: ['North'] } })
  assert.deepEqual(submitted[0]!.pace, { maxRunning: 5 })
})

test('a selection to be disturbed is counted and confirmed, and what was shown is done', async (t) => {
  const { url, submitted } = await behind(t, [many])
  const { asked } = await run(resetMany, { url, terminal: 100, answer: 'y' })
  assert.match(asked[0]!, /Reset a charger \(disruptive\): 3 chargers: A, B, C\.\nGo on\?/)
  assert.deepEqual(submitted[0]!.target, { chargers: ['A', 'B', 'C'] })
})

for (const [why, around] of [
  ['no', { terminal: 100, answer: 'no' }],
  ['nothing', { terminal: 100, answer: '' }],
] as const)
  test(`a confirmation answered with ${why} submits nothing`, async (t) => {
    const { url, submitted } = await behind(t, [many])
    const { code, err } = await run(resetMany, { url, ...(around as Around) })
    assert.equal(code, 2)
    assert.match(err, /nothing was submitted/)
    assert.deepEqual(submitted, [])
  })

test('where nobody can be asked, several chargers are disturbed only with --yes', async (t) => {
  const { url, submitted } = await behind(t, [many])
  for (const argv of [
    resetMany,
    ['run', 'charger.reset', 'A', 'B', '--mode', 'now', '--reason', 'x'],
  ]) {
    const { code, err } = await run(argv, { url })
    assert.equal(code, 2)
    assert.match(err, /--yes/)
  }
  assert.deepEqual(submitted, [])
})

test('looking at several chargers needs no confirmation', async (t) => {
  const { url, submitted } = await behind(t, [many])
  await run(['run', 'settings.read', 'A', 'B', 'A', '--reason', 'x'], { url })
  assert.deepEqual(submitted[0]!.target, { chargers: ['A', 'B'] })
})

test('identities come from standard input, one a line', async (t) => {
  const { url, submitted } = await behind(t, [many])
  const argv = ['run', 'settings.read', '-', '--keys', 'A', '--keys', 'B', '--reason', 'x']
  await run(argv, { url, stdin: 'CP 1\n\nCP 2\r\n' })
  assert.deepEqual(submitted[0]!.target, { chargers: ['CP 1', 'CP 2'] })
  assert.deepEqual(submitted[0]!.params, { keys: ['A', 'B'] })
})
