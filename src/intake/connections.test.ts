import assert from 'node:assert/strict'
import test from 'node:test'
import type { ConnectionReport, ViolationReport } from '../gateway/protocol.ts'
import { subjects } from '../gateway/protocol.ts'
import { keptViolations } from '../fleet/violations/store.ts'
import type { Json } from '../kernel/json.ts'
import { silentLog } from '../kernel/log.ts'
import { openIntake } from './open-intake.ts'
import { defaultIntakeSettings } from './settings.ts'
import { fleetWorld, owner } from '../../test/kit/fleet.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const minute = 60_000
const day = 86_400_000

function opened(epoch: number, at = noon, gateway = 'g-1'): ConnectionReport {
  return {
    kind: 'opened',
    gateway,
    identity: 'CP-1',
    epoch,
    version: '1.6',
    remoteAddress: '192.0.2.7',
    at,
  }
}
function closed(epoch: number, at = noon + minute): ConnectionReport {
  return {
    kind: 'closed',
    gateway: 'g-1',
    identity: 'CP-1',
    epoch,
    at,
    reason: 'network-lost',
    code: 1006,
    detail: 'the socket ended',
  }
}
function alive(epoch: number, lastInboundAt: number): ConnectionReport {
  return {
    kind: 'alive',
    gateway: 'g-1',
    identity: 'CP-1',
    epoch,
    lastInboundAt,
    lastHeartbeatAt: lastInboundAt,
    roundTripMs: 42,
  }
}

test('a connection is known from its opening to its end, and told once however often it is reported', async (t) => {
  const world = await fleetWorld(t)
  await world.fleet.register(owner, { identity: 'CP-1' })
  await world.report(opened(7), opened(7))
  await world.report(opened(7))
  const up = await world.fleet.show('CP-1')
  assert.deepEqual(
    [up.connected, up.protocol, up.connectedAt],
    [true, 'ocpp1.6', '2026-03-01T12:00:00.000Z'],
  )
  await world.report(closed(7))
  await world.report(closed(7))
  const down = await world.fleet.show('CP-1')
  assert.deepEqual([down.connected, down.protocol, down.connectedAt], [false, 'ocpp1.6', null])
  await world.settle()
  assert.deepEqual(
    world.events.map(({ type }) => type).filter((type) => type !== 'charger.registered'),
    ['charger.connected', 'charger.disconnected'],
  )
  const { items } = await world.fleet.connections('CP-1', { limit: 10 })
  assert.deepEqual(items, [
    {
      openedAt: '2026-03-01T12:00:00.000Z',
      closedAt: '2026-03-01T12:01:00.000Z',
      reason: 'network-lost',
      detail: 'the socket ended',
      explanation: 'It was lost: the socket ended.',
      protocol: 'ocpp1.6',
      remoteAddress: '192.0.2.7',
      gateway: 'g-1',
    },
  ])
})

test('the late end of an old connection does not end the new one', async (t) => {
  const world = await fleetWorld(t)
  await world.fleet.register(owner, { identity: 'CP-1' })
  await world.report(opened(7), opened(8, noon + minute), closed(7, noon + 2 * minute))
  const charger = await world.fleet.show('CP-1')
  assert.equal(charger.connected, true)
  assert.equal((await world.fleet.facts(['CP-1'])).get('CP-1')?.epoch, 8)
})

test('reports of one connection may come in the wrong order', async (t) => {
  const world = await fleetWorld(t)
  await world.fleet.register(owner, { identity: 'CP-1' })
  await world.report(closed(7), opened(7))
  assert.equal((await world.fleet.show('CP-1')).connected, false)
  await world.report(opened(9), opened(8))
  assert.equal((await world.fleet.facts(['CP-1'])).get('CP-1')?.epoch, 9)
})

test('signs of life keep what is known fresh', async (t) => {
  const world = await fleetWorld(t)
  await world.fleet.register(owner, { identity: 'CP-1' })
  await world.report(opened(7), alive(7, noon + minute), alive(6, noon + 5 * minute))
  const charger = await world.fleet.show('CP-1')
  assert.deepEqual([charger.lastSeenAt, charger.roundTripMs], ['2026-03-01T12:01:00.000Z', 42])
  assert.equal((await world.fleet.facts(['CP-1'])).get('CP-1')?.heard.heartbeat, noon + minute)
})

test('reports of chargers that are not registered are taken and left', async (t) => {
  const world = await fleetWorld(t)
  await world.report(opened(7), closed(7), alive(7, noon))
  assert.deepEqual((await world.fleet.list({ limit: 10 })).items, [])
})

test('a gateway that reports nothing any more loses its connections, and has them back when it returns', async (t) => {
  const world = await fleetWorld(t)
  await world.fleet.register(owner, { identity: 'CP-1' })
  await world.report(opened(7))
  await world.clock.advance(10 * minute)
  assert.equal((await world.fleet.sweep(15 * minute)).lost, 0)
  await world.clock.advance(10 * minute)
  assert.equal((await world.fleet.sweep(15 * minute)).lost, 1)
  assert.equal((await world.fleet.show('CP-1')).connected, false)
  const { items } = await world.fleet.connections('CP-1', { limit: 10 })
  assert.equal(items[0]?.reason, 'network-lost')
  await world.report(alive(7, noon + 20 * minute))
  assert.equal((await world.fleet.show('CP-1')).connected, true)
})

test('a gateway that starts anew holds none of the connections it held', async (t) => {
  const world = await fleetWorld(t)
  await world.fleet.register(owner, { identity: 'CP-1' })
  await world.report(opened(7, noon, 'g-1'))
  assert.equal(await world.fleet.loseConnections('g-2'), 0)
  assert.equal(await world.fleet.loseConnections('g-1'), 1)
  await world.report(opened(8, noon, 'g-3'))
  assert.equal(await world.fleet.loseConnections(), 1)
  await world.settle()
  assert.equal(world.events.filter(({ type }) => type === 'charger.disconnected').length, 2)
})

test('connection history is paged, and forgotten after its time', async (t) => {
  const world = await fleetWorld(t)
  await world.fleet.register(owner, { identity: 'CP-1' })
  for (let epoch = 1; epoch <= 5; epoch += 1) await world.report(opened(epoch), closed(epoch))
  const first = await world.fleet.connections('CP-1', { limit: 3 })
  assert.equal(first.items.length, 3)
  const rest = await world.fleet.connections('CP-1', { limit: 3, cursor: first.nextCursor! })
  assert.deepEqual([rest.items.length, rest.nextCursor], [2, null])
  await world.clock.advance(91 * day)
  assert.equal((await world.fleet.sweep(minute)).forgotten, 5)
  assert.deepEqual((await world.fleet.connections('CP-1', { limit: 3 })).items, [])
})

function violation(index: number): ViolationReport {
  return {
    kind: 'payload-invalid',
    identity: 'CP-1',
    at: noon + index,
    action: 'StatusNotification',
    path: '/connectorId',
    detail: `violation ${index} with \u0000 and \ud800`,
    frame: '[2,"1","StatusNotification",{}]',
  }
}

test('violations are kept once, though every control node hears of them', async (t) => {
  const world = await fleetWorld(t)
  const second = openIntake({
    bus: world.bus,
    fleet: world.fleet,
    access: world.access,
    trust: world.trust,
    clock: world.clock,
    log: silentLog,
    settings: defaultIntakeSettings,
  })
  t.after(() => second.close())
  await world.fleet.register(owner, { identity: 'CP-1' })
  world.bus.publish(subjects.violations, [violation(1), violation(2)] as unknown as Json)
  await world.fleet.reports.hearAll([])
  const kept = await eventually(
    async () => (await world.fleet.violations('CP-1', { limit: 10 })).items,
    (items) => items.length >= 2,
  )
  assert.deepEqual(
    kept.map(({ kind, action, path, detail }) => [kind, action, path, detail]),
    [
      ['payload-invalid', 'StatusNotification', '/connectorId', 'violation 2 with  and \ufffd'],
      ['payload-invalid', 'StatusNotification', '/connectorId', 'violation 1 with  and \ufffd'],
    ],
  )
})

test('the newest violations of a charger are kept and all are counted', async (t) => {
  const world = await fleetWorld(t)
  await world.fleet.register(owner, { identity: 'CP-1' })
  const total = keptViolations + 60
  for (let from = 0; from < total; from += 65)
    await world.fleet.reports.hearAll(
      Array.from({ length: Math.min(65, total - from) }, (_, index) => ({
        ...violation(from + index),
        kind: 'violating' as const,
        violation: 'payload-invalid',
      })),
    )
  const { rows } = await world.sql('select count(*)::int as kept from violation')
  assert.deepEqual(rows, [{ kept: keptViolations }])
  const [newest] = (await world.fleet.violations('CP-1', { limit: 1 })).items
  assert.match(newest!.detail, new RegExp(`^violation ${total - 1} `))
  const counted = await world.sql('select violations from charger_state')
  assert.deepEqual(counted.rows, [{ violations: total }])
})

test('a report that can never be stored does not hold up the others', async (t) => {
  const world = await fleetWorld(t)
  await world.fleet.register(owner, { identity: 'CP-1' })
  const broken = { ...opened(7), at: Number.MAX_SAFE_INTEGER }
  await world.report(broken, opened(8))
  assert.equal((await world.fleet.facts(['CP-1'])).get('CP-1')?.epoch, 8)
})

async function eventually<Value>(
  look: () => Promise<Value>,
  done: (value: Value) => boolean,
): Promise<Value> {
  const deadline = Date.now() + 5_000
  for (;;) {
    const value = await look()
    if (done(value) || Date.now() > deadline) return value
    await new Promise((resolve) => setImmediate(resolve))
  }
}
