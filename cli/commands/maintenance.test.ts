import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ProblemError } from '../../src/kernel/problem.ts'
import type { Maintenance } from '../../src/upkeep/upkeep.ts'
import { apiWorld, someCharger } from '../../test/kit/api-world.ts'
import { listening, run } from '../../test/kit/otactl.ts'
import { someMaintenance, someReport } from '../../test/kit/some-upkeep.ts'

/** A server where maintenance goes through these looks, one after the other; undefined: over. */
async function behind(t: TestContext, looks: readonly (Maintenance | undefined)[] = []) {
  let looked = 0
  const world = await apiWorld(t, {
    fleet: {
      list: () =>
        Promise.resolve({
          items: ['A', 'B'].map((identity) => ({ ...someCharger, identity })),
          nextCursor: null,
        }),
    },
    maintenance: {
      enter: () => Promise.resolve(someMaintenance),
      leave: () => Promise.resolve({ ...someMaintenance, state: 'leaving' }),
      enterMany: () => Promise.resolve(someReport),
      leaveMany: () => Promise.resolve(someReport),
      list: () => Promise.resolve({ items: [someMaintenance], nextCursor: null }),
      show(charger) {
        const seen = looks[Math.min(looked++, looks.length - 1)]
        return seen === undefined
          ? Promise.reject(new ProblemError('not-found', `${charger} is not under maintenance`))
          : Promise.resolve(seen)
      },
    },
  })
  const url = await listening(world)
  const reached = () => world.reached.map(({ deed, args }) => [deed, ...args.slice(1)])
  return { url, reached }
}

test('a charger is put under maintenance, and it is said how that stands', async (t) => {
  const { url, reached } = await behind(t)
  const { code, out } = await run(
    ['maintenance', 'enter', 'CP 1', '--reason', 'works', '--sessions', 'stop', '--until', '2h'],
    { url, now: Date.parse('2026-01-01T00:00:00Z') },
  )
  assert.equal(code, 0)
  assert.deepEqual(reached(), [
    ['enter', 'CP 1', { reason: 'works', sessions: 'stop', until: '2026-01-01T02:00:00.000Z' }],
  ])
  assert.match(out, /^CP 1\nState +under maintenance\nBy +Anna\nReason +new contactor/)
  assert.match(out, /Stands +not following/)
  assert.match(out, /Before +1\.1 operative; 2\.1 inoperative, put so by a command/)
})

test('a wait ends when the charger shows it, and fails where it does not follow', async (t) => {
  const going: Maintenance = { ...someMaintenance, standing: 'going-out' }
  const { url } = await behind(t, [going, { ...going, standing: 'out-of-service' }])
  const enter = ['maintenance', 'enter', 'CP 1', '--reason', 'works', '--wait']
  const good = await run(enter, { url })
  assert.equal(good.code, 0)
  assert.match(good.err, /going out\n.*out of service/s)
  const bad = await behind(t, [someMaintenance])
  assert.equal((await run(enter, { url: bad.url })).code, 3)
  const late = await behind(t, [going])
  const given = await run([...enter, '--timeout', '1ms'], { url: late.url })
  assert.equal(given.code, 8)
  assert.match(given.err, /the charger is looked after all the same/)
})

test('a charger is back when its maintenance is gone', async (t) => {
  const { url, reached } = await behind(t, [undefined])
  const { code, out } = await run(
    ['maintenance', 'leave', 'CP 1', '--reason', 'done', '--take-over', '--wait'],
    { url },
  )
  assert.equal(code, 0)
  assert.match(out, /back as it was before/)
  assert.deepEqual(reached()[0], ['leave', 'CP 1', { reason: 'done', takeOver: true }])
})

test('a selection is confirmed, and what others hold is named', async (t) => {
  const { url, reached } = await behind(t)
  const enter = ['maintenance', 'enter', '--group', 'North', '--reason', 'works']
  const asked = await run(enter, { url, terminal: 100, answer: 'y' })
  assert.match(asked.asked[0] ?? '', /Put under maintenance \(disruptive\): 2 chargers: A, B/)
  assert.equal(asked.code, 3)
  assert.match(asked.out, /2 chargers under maintenance now\./)
  assert.match(asked.out, /CP 2 {2}Anna since .*: mine/)
  assert.deepEqual(reached().at(-1), ['enterMany', { chargers: ['A', 'B'] }, { reason: 'works' }])
  const silent = await run(enter, { url })
  assert.equal(silent.code, 2)
  assert.match(silent.err, /--yes/)
})

test('those under maintenance are listed within a hundred columns', async (t) => {
  const { url } = await behind(t)
  const { code, out } = await run(['maintenance', 'list'], { url, terminal: 100 })
  assert.equal(code, 0)
  assert.match(out, /^\S*CHARGER/)
  assert.ok(out.split('\n').every((line) => line.replaceAll(/\u001b\[\d+m/g, '').length <= 100))
  const json = await run(['maintenance', 'list', '--json'], { url })
  assert.deepEqual(JSON.parse(json.out), { items: [someMaintenance], nextCursor: null })
})

test('one that is not under maintenance cannot be shown', async (t) => {
  const { url } = await behind(t, [undefined])
  const { code, err } = await run(['maintenance', 'show', 'CP 1'], { url })
  assert.equal(code, 7)
  assert.match(err, /CP 1 is not under maintenance/)
})
