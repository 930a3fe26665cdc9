import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProblemError } from '../../src/kernel/problem.ts'
import { apiWorld } from '../../test/kit/api-world.ts'
import { listening, run } from '../../test/kit/otactl.ts'
import { someKnowledge, someModel, someModelDetail } from '../../test/kit/some-models.ts'

const paged = { items: [someModel], nextCursor: null }

test('models are listed within a hundred columns, with their score', async (t) => {
  const world = await apiWorld(t, {
    fleet: { models: () => Promise.resolve(paged) },
    commands: { ends: () => Promise.resolve([]) },
  })
  const url = await listening(world)
  const { code, out } = await run(['models', 'list'], {
    url,
    terminal: 100,
    env: { NO_COLOR: '1' },
  })
  assert.equal(code, 0)
  const [head, row] = out.trimEnd().split('\n')
  assert.match(head ?? '', /^ID +MODEL +.*CHARGERS.*SCORE/)
  assert.match(row ?? '', /^a1b2c3d4e5f6 +ABB TACW22/)
  assert.ok(out.split('\n').every((line) => line.length <= 100))
  const json = await run(['models', 'list', '--json'], { url })
  assert.deepEqual(JSON.parse(json.out), paged)
})

test('a model is shown with what its score is made of, its quirks and where they are from', async (t) => {
  const world = await apiWorld(t, {
    fleet: {
      model: (id) =>
        id === someModel.id
          ? Promise.resolve(someModelDetail)
          : Promise.reject(new ProblemError('not-found', `there is no model ${id}`)),
    },
    commands: { ends: () => Promise.resolve([]) },
  })
  const url = await listening(world)
  const { code, out } = await run(['models', 'show', someModel.id], { url })
  assert.equal(code, 0)
  for (const text of [
    '98 of 100',
    'What the score is made of',
    'max-stack-level (level 0)',
    'L#1',
    'Capabilities',
    'Violations of the last 30 days',
  ])
    assert.ok(out.includes(text), text)
  const missing = await run(['models', 'show', 'nonsense'], { url })
  assert.notEqual(missing.code, 0)
  assert.match(missing.err, /there is no model nonsense/)
})

test('capabilities are shown, and overridden with a reason only', async (t) => {
  const world = await apiWorld(t, {
    fleet: {
      capabilities: () => Promise.resolve(someKnowledge),
      overrideCapability: () => Promise.resolve(someKnowledge),
      dropOverride: () => Promise.resolve(someKnowledge),
    },
  })
  const url = await listening(world)
  const about = ['chargers', 'capabilities', 'CP 1']
  const shown = await run(about, { url })
  assert.match(shown.out, /file-protocols +FTP +overridden, set for firmware 1\.0/)
  const bare = await run([...about, '--set', 'evses=2'], { url })
  assert.match(bare.err, /--reason/)
  assert.deepEqual(
    world.reached.map(({ deed }) => deed),
    ['capabilities'],
  )
  for (const [text, value] of [
    ['evses=2', 2],
    ['action:UnlockConnector=false', false],
    ['file-protocols=FTP,SFTP', ['FTP', 'SFTP']],
  ] as const) {
    const said = await run([...about, '--set', text, '--reason', 'tried'], { url })
    assert.equal(said.code, 0, said.err)
    const [, identity, override] = world.reached.at(-1)?.args ?? []
    assert.equal(identity, 'CP 1')
    assert.deepEqual(override, { name: text.split('=')[0], value, reason: 'tried' })
  }
  const dropped = await run([...about, '--drop', 'evses', '--reason', 'over'], { url })
  assert.equal(dropped.code, 0, dropped.err)
  assert.equal(world.reached.at(-1)?.deed, 'dropOverride')
  const both = await run([...about, '--set', 'evses=2', '--drop', 'evses'], { url })
  assert.match(both.err, /not both/)
})
