import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publishEvent } from '../../src/bus/events.ts'
import { apiWorld, someCharger } from '../../test/kit/api-world.ts'
import { call, listening } from '../../test/kit/otactl.ts'
import { until } from '../../test/kit/until.ts'
import { painter } from '../terminal/paint.ts'
import { width } from '../terminal/text.ts'
import type { ProductEvent } from '../wire/events.ts'
import type { Charger } from './charger-view.ts'
import { watchScreen } from './charger-watch.ts'

const paint = painter(false)
const now = Date.parse('2026-01-01T00:00:00Z')
const charger = someCharger as unknown as Charger

function event(type: ProductEvent['type'], data: Record<string, unknown>): ProductEvent {
  return { type, at: '2026-01-01T00:00:00.000Z', charger: 'CP 1', data }
}

test('the live table fits its terminal, whatever there is to show', () => {
  const chargers = Array.from({ length: 100 }, (_, index) => ({
    ...charger,
    identity: `CP-${index} ${'x'.repeat(index % 30)}`,
  }))
  const events = Array.from({ length: 50 }, () =>
    event('command.updated', { detail: '充'.repeat(99) }),
  )
  for (const [columns, rows] of [
    [40, 10],
    [80, 24],
    [200, 60],
  ] as const) {
    const screen = watchScreen(chargers, events, { columns, rows, now, paint })
    assert.ok(screen.length <= rows)
    const tooWide = screen.filter((line) => width(line) > columns)
    // An identity is never cut; everything else is.
    assert.ok(
      tooWide.every((line) => line.startsWith('CP-')) && (columns < 80 || tooWide.length === 0),
    )
  }
})

test('what needs a look comes first', () => {
  const screen = watchScreen(
    [
      { ...charger, identity: 'fine' },
      { ...charger, identity: 'never', connected: false, lastSeenAt: null },
      { ...charger, identity: 'gone', connected: false },
      { ...charger, identity: 'faulty', faults: 1 },
      { ...charger, identity: 'busy', activeSessions: 1 },
    ],
    [],
    { columns: 100, rows: 24, now, paint },
  )
  assert.equal(screen[0], '5 chargers, 3 connected, 1 session running, 1 with faults')
  assert.deepEqual(
    screen.slice(3, 8).map((line) => line.split(' ')[0]),
    ['faulty', 'gone', 'busy', 'fine', 'never'],
  )
})

test('a table that is not live any more says so', () => {
  const options = { columns: 60, rows: 24, now, paint, trouble: 'the server is stopping' }
  assert.equal(watchScreen([charger], [], options)[1], 'not live: the server is stopping')
})

async function watched(t: Parameters<typeof apiWorld>[0]) {
  const world = await apiWorld(t, {
    fleet: {
      show: () => Promise.resolve(someCharger),
      list: () => Promise.resolve({ items: [someCharger], nextCursor: null }),
    },
  })
  return { world, url: await listening(world) }
}

test('outside of a terminal events come as lines, with --json as JSON', async (t) => {
  const { world, url } = await watched(t)
  for (const json of [false, true]) {
    const called = call(['chargers', 'watch', 'CP 1', ...(json ? ['--json'] : ['--quiet'])], {
      url,
    })
    const telling = setInterval(() => {
      const data = { evse: 1, connector: 1, status: 'Faulted' }
      publishEvent(world.bus, { type: 'connector.status', at: now, charger: 'CP 1', data })
      publishEvent(world.bus, { type: 'charger.booted', at: now, charger: 'other', data: {} })
    }, 10)
    await until(() => called.out() !== '', 'an event')
    clearInterval(telling)
    called.interrupt()
    assert.equal(await called.done, 130)
    const [line = ''] = called.out().split('\n')
    if (json) assert.equal((JSON.parse(line) as ProductEvent).data['status'], 'Faulted')
    else assert.match(line, /CP 1 +connector\.status +1\.1 {2}Faulted$/)
    assert.doesNotMatch(called.out(), /other/)
  }
})

test('on a terminal the table is drawn on a screen of its own, which is given back', async (t) => {
  const { url } = await watched(t)
  const called = call(['chargers', 'watch'], { url, terminal: 90 })
  await until(() => called.out().includes('1 charger, 1 connected'), 'the table')
  called.interrupt()
  assert.equal(await called.done, 130)
  assert.ok(called.out().startsWith('\u001b[?1049h\u001b[?25l'))
  assert.ok(called.out().endsWith('\u001b[?25h\u001b[?1049l'))
})
