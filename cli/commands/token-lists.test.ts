import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Submission } from '../../src/commands/commands.ts'
import { apiWorld, someCommand } from '../../test/kit/api-world.ts'
import { fleetWorld, owner } from '../../test/kit/fleet.ts'
import { listening, run } from '../../test/kit/otactl.ts'

/** otactl before an operator plane with a real room of token lists. */
async function listsWorld(t: TestContext) {
  const { access, fleet } = await fleetWorld(t)
  const submitted: Submission[] = []
  const done = { ...someCommand, state: 'completed', settled: true, counts: { succeeded: 1 } }
  const world = await apiWorld(t, {
    parts: { access },
    commands: {
      submit: (_context, submission) => {
        submitted.push(submission)
        return Promise.resolve(done as never)
      },
      show: () => Promise.resolve(done as never),
    },
  })
  const url = await listening(world)
  const otactl = (...argv: string[]) =>
    run(['token-lists', ...argv], {
      url,
      terminal: 100,
      env: { NO_COLOR: '1' },
      now: Date.parse('2026-03-01T12:00:00Z'),
    })
  const folder = await mkdtemp(path.join(tmpdir(), 'ota-lists-'))
  t.after(() => rm(folder, { recursive: true }))
  return { access, fleet, otactl, url, submitted, folder }
}

const reason = ['--reason', 'cards']

test('a list is made, filled, changed, looked at and deleted', async (t) => {
  const { otactl } = await listsWorld(t)
  const say = async (...argv: string[]) => {
    const { code, out, err } = await otactl(...argv)
    assert.equal(code, 0, err)
    for (const line of out.split('\n')) assert.ok(line.length <= 100, line)
    return out
  }
  assert.match((await otactl('list')).err, /every charger accepts every token/)
  assert.match(await say('create', 'drivers', '--label', 'Ours', ...reason), /for nobody yet/)
  const added = await say('add', 'drivers', '04A1', '04B2', '--parent', 'FLEET', ...reason)
  assert.match(added, /2 added, 0 changed, 0 removed, 0 unchanged; revision 2/)
  await say(
    'add',
    'drivers',
    '04C3',
    '--label',
    'Ann',
    '--valid-until',
    '2099-01-01T00:00:00Z',
    ...reason,
  )
  assert.match(await say('block', 'drivers', '04a1', ...reason), /1 changed/)
  assert.match(await say('remove', 'drivers', '04B2', ...reason), /1 removed/)
  assert.match(
    await say('update', 'drivers', '--unknown', 'accept', ...reason),
    /drivers .* accept/,
  )
  const shown = await say('show', 'drivers')
  assert.match(shown, /drivers {2}Ours/)
  assert.match(shown, /For +nobody/)
  assert.match(shown, /04a1 +blocked/)
  assert.match(shown, /04C3 +accepted/)
  assert.match(await say('unblock', 'drivers', '04A1', ...reason), /1 changed/)
  assert.match(await say('list'), /drivers +2 +7 +accept/)
  const history = await say('history', 'drivers')
  assert.equal(history.trim().split('\n').length, 8)
  const json = JSON.parse(await say('list', '--json')) as { items: { name: string }[] }
  assert.equal(json.items[0]?.name, 'drivers')
  assert.match(await say('delete', 'drivers', ...reason), /deleted/)
})

test('what is wrong is said with the field, and nothing is changed', async (t) => {
  const { otactl, folder } = await listsWorld(t)
  await otactl('create', 'drivers', ...reason)
  const file = path.join(folder, 'cards.csv')
  await writeFile(file, 'token,status\n04A1,accepted\n04B2,lost\n')
  const cases: readonly (readonly [string[], number, RegExp])[] = [
    [['import', 'drivers', file, ...reason], 2, /lines\[3\]\.status.*accepted, blocked/],
    [['add', 'drivers', 'x'.repeat(40), ...reason], 2, /36 characters/],
    [['add', 'drivers', 'A', 'B', '--label', 'Ann', ...reason], 2, /one by one/],
    [['add', 'drivers', '04A1'], 2, /--reason/],
    [['show', 'nobody'], 7, /no token list nobody/],
    [['assign', 'drivers', ...reason], 2, /name one of/],
    [['assign', 'drivers', '--tag', 'a', '--everywhere', ...reason], 2, /name one of/],
    [['update', 'drivers', ...reason], 2, /nothing to change/],
  ]
  for (const [argv, code, words] of cases) {
    const called = await otactl(...argv)
    assert.equal(called.code, code, `${argv.join(' ')}: ${called.err}`)
    assert.match(called.err, words)
  }
  assert.match((await otactl('list')).out, /drivers +0 +1 /)
})

test('a list written to a file and read in its place is the same', async (t) => {
  const { otactl, folder } = await listsWorld(t)
  await otactl('create', 'drivers', ...reason)
  await otactl('add', 'drivers', '04A1', '--label', '=1+1', ...reason)
  for (const format of ['csv', 'json']) {
    const file = path.join(folder, `list.${format}`)
    assert.equal((await otactl('export', 'drivers', '--output', file)).code, 0)
    assert.match(await readFile(file, 'utf8'), /04A1/)
    const { out } = await otactl('import', 'drivers', file, '--replace', ...reason)
    assert.match(out, /0 added, 0 changed, 0 removed, 1 unchanged/)
  }
})

test('a list is pushed to those who have it, or to those named, and its state is shown', async (t) => {
  const { otactl, fleet, submitted } = await listsWorld(t)
  await otactl('create', 'drivers', ...reason)
  for (const identity of ['CP 1', 'CP 2'])
    await fleet.register(owner, { identity, tags: ['depot'] })
  await fleet.register(owner, { identity: 'CP 3' })
  const nobody = await otactl('push', 'drivers', '--yes', ...reason)
  assert.equal(nobody.code, 2)
  assert.match(nobody.err, /no charger has drivers/)

  assert.match((await otactl('assign', 'drivers', '--tag', 'depot', ...reason)).out, /tag depot/)
  assert.match((await otactl('assignments')).out, /drivers +tag depot/)
  const status = await otactl('status', 'drivers')
  assert.match(status.out, /CP 1 +unknown/)
  assert.doesNotMatch(status.out, /CP 3/)
  assert.match(status.err, /at revision 1/)

  const pushed = await otactl('push', 'drivers', '--yes', ...reason, '--update', 'full')
  assert.equal(pushed.code, 0, pushed.err)
  assert.equal((await otactl('push', 'drivers', 'CP 3', ...reason)).code, 0)
  assert.equal((await otactl('push', 'drivers', '--tag', 'x', '--yes', ...reason)).code, 0)
  assert.deepEqual(
    submitted.map(({ operation, params, target }) => [operation, params, target]),
    [
      ['tokens.push', { list: 'drivers', update: 'full' }, { chargers: ['CP 1', 'CP 2'] }],
      ['tokens.push', { list: 'drivers' }, { chargers: ['CP 3'] }],
      ['tokens.push', { list: 'drivers' }, { select: { tag: ['x'] } }],
    ],
  )
  assert.match((await otactl('unassign', '--tag', 'depot', ...reason)).out, /no list of its own/)
})
