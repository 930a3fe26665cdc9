import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiWorld, someCharger } from '../../test/kit/api-world.ts'
import { listening, run } from '../../test/kit/otactl.ts'
import { connection, timelineEntry } from '../../test/kit/willing-rooms.ts'

test('a timeline is a table of when, what kind and what happened', async (t) => {
  const items = Array.from({ length: 3 }, (_, index) => ({
    ...timelineEntry,
    at: `2026-01-01T00:00:0${index}.000Z`,
  }))
  const world = await apiWorld(t, {
    timeline: {
      of: (_identity, { cursor }) =>
        Promise.resolve(
          cursor === undefined
            ? { items: items.slice(0, 2), nextCursor: 'next' }
            : { items: items.slice(2), nextCursor: null },
        ),
    },
  })
  const url = await listening(world)
  const { code, out } = await run(
    ['chargers', 'timeline', 'CP 1', '--kind', 'fault', '--kind', 'boot', '--all'],
    { url },
  )
  assert.equal(code, 0)
  const lines = out.trimEnd().split('\n')
  assert.equal(lines.length, 4)
  assert.match(lines[0]!, /^AT +KIND +WHAT HAPPENED$/)
  assert.match(lines[1]!, /^2026-01-01 .* fault +Fault GroundFailure of the charger\.$/)
  assert.deepEqual(world.reached[0]?.args[2], { kind: ['fault', 'boot'] })
  const wrong = await run(['chargers', 'timeline', 'CP 1', '--kind', 'joy'], { url })
  assert.equal(wrong.code, 2)
})

test('what is wrong with a charger is shown with it, and can be asked for', async (t) => {
  const none = () => Promise.resolve({ items: [], nextCursor: null })
  const ended = {
    ...connection,
    closedAt: '2026-01-01T00:10:00.000Z',
    reason: 'silent',
    explanation: 'We gave it up, because the charger was silent for too long.',
  }
  const world = await apiWorld(t, {
    fleet: {
      list: () => Promise.resolve({ items: [someCharger], nextCursor: null }),
      show: () => Promise.resolve(someCharger),
      sessions: none,
      faults: none,
      connections: () => Promise.resolve({ items: [ended], nextCursor: null }),
    },
    commands: { list: none },
  })
  const url = await listening(world)
  const list = await run(['chargers', 'list', '--condition', 'silent'], { url })
  assert.match(list.out, /CONDITIONS.*\n.* silent /)
  assert.deepEqual(world.reached[0]?.args[1], { condition: ['silent'] })
  const shown = await run(['chargers', 'show', 'CP 1'], { url })
  assert.match(shown.out, /Conditions\nCONDITION +SINCE +WHAT IS SEEN\nsilent .*Nothing has come\./)
  assert.match(shown.out, /Clock +right, to 1\.0 s/)
  assert.match(shown.out, /Round trip +40 ms in the median, 95% within 900 ms \(60 pings\)/)
  const history = await run(['chargers', 'connections', 'CP 1'], { url })
  assert.match(history.out, /We gave it up, because the charger was silent for too long\./)
})
