import assert from 'node:assert/strict'
import test from 'node:test'
import type { FleetWorld, TestCharger } from '../../test/kit/fleet.ts'
import { fleetWorld } from '../../test/kit/fleet.ts'
import type { ConditionKind } from '../fleet/conditions/condition.ts'
import type { ConnectionReport } from '../gateway/protocol.ts'

const minute = 60_000
const hour = 60 * minute
/** Longer than any silence in these tests: connections are not given up. */
const patient = 100 * hour

type AliveReport = Extract<ConnectionReport, { kind: 'alive' }>

function alive(
  { identity, epoch }: TestCharger,
  lastInboundAt: number,
  more: Partial<AliveReport> = {},
): ConnectionReport {
  return { kind: 'alive', gateway: 'g-1', identity, epoch, lastInboundAt, ...more }
}

async function conditionsOf(world: FleetWorld, identity = 'CP-1'): Promise<ConditionKind[]> {
  return (await world.fleet.show(identity)).conditions.map(({ kind }) => kind)
}

async function told(world: FleetWorld): Promise<string[]> {
  await world.settle()
  return world.events
    .filter(({ type }) => type.startsWith('charger.condition-'))
    .map(
      ({ type, data }) =>
        `${type.slice('charger.condition-'.length)} ${JSON.stringify(data['condition'])}`,
    )
}

/** Ends the connection and opens the next. */
async function reconnect(world: FleetWorld, charger: TestCharger): Promise<TestCharger> {
  await charger.close()
  const admission = await world.admit(charger.identity, charger.credential)
  assert.ok(admission.admitted)
  const { epoch } = admission
  const opened = { kind: 'opened', gateway: 'g-1', identity: charger.identity, epoch } as const
  const at = world.clock.now()
  await world.report({ ...opened, version: '1.6', remoteAddress: '192.0.2.7', at })
  const next = { ...charger, epoch }
  const end = { kind: 'closed', gateway: 'g-1', identity: charger.identity, epoch } as const
  const how = { reason: 'network-lost', code: 1006, detail: 'the connection broke' } as const
  return { ...next, close: () => world.report({ ...end, ...how, at: world.clock.now() }) }
}

test('a charger that keeps connecting is flapping at once, and no more half an hour later', async (t) => {
  const world = await fleetWorld(t)
  await (await world.charger('CP-2')).close()
  let charger = await world.charger('CP-1')
  const since = new Date(world.clock.now()).toISOString()
  for (let turn = 0; turn < 4; turn += 1) {
    assert.deepEqual(await conditionsOf(world), [])
    await world.clock.advance(2 * minute)
    charger = await reconnect(world, charger)
  }
  const [flapping] = (await world.fleet.show('CP-1')).conditions
  assert.deepEqual([flapping?.kind, flapping?.since], ['flapping', since])
  assert.match(flapping!.sentence, /^It connected 5 times within 30 min/)
  const page = await world.fleet.list({ limit: 10 }, { condition: ['flapping', 'silent'] })
  assert.deepEqual(
    page.items.map(({ identity }) => identity),
    ['CP-1'],
  )
  await world.fleet.sweep(patient)
  assert.equal(world.fleet.conditionCounts().get('flapping'), 1)

  await world.clock.advance(31 * minute)
  await world.report(alive(charger, world.clock.now()))
  await world.fleet.sweep(patient)
  assert.deepEqual(await conditionsOf(world), [])
  assert.deepEqual(await told(world), ['raised "flapping"', 'cleared "flapping"'])
  assert.equal(world.fleet.conditionCounts().get('flapping'), undefined)
})

test('a connected charger from which nothing comes is silent, and no more with its next sign of life', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const heard = world.clock.now()
  await world.report(alive(charger, heard, { quietMs: 3 * minute, roundTripsMs: [80] }))
  await world.clock.advance(3 * minute)
  await world.fleet.sweep(patient)
  assert.deepEqual(await conditionsOf(world), [])
  await world.clock.advance(minute)
  // Several nodes sweep, and each finds what the other found.
  await Promise.all([world.fleet.sweep(patient), world.fleet.sweep(patient)])
  const [silent] = (await world.fleet.show('CP-1')).conditions
  assert.deepEqual([silent?.kind, silent?.since], ['silent', new Date(heard).toISOString()])
  await world.clock.advance(minute)
  await world.report(alive(charger, world.clock.now()))
  assert.deepEqual(await conditionsOf(world), [])
  assert.deepEqual(await told(world), ['raised "silent"', 'cleared "silent"'])
})

test('a charger that leaves two CALLs unanswered while it speaks is one-way until it answers one', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const since = world.clock.now()
  await world.clock.advance(minute)
  const now = world.clock.now()
  const calls = { unanswered: 1, answered: true, since, actions: ['Reset'] }
  await world.report(alive(charger, now, { calls }))
  assert.deepEqual(await conditionsOf(world), [])
  await world.report(
    alive(charger, now, { calls: { ...calls, unanswered: 2, actions: ['Reset', 'GetLog'] } }),
  )
  const [oneWay] = (await world.fleet.show('CP-1')).conditions
  assert.deepEqual([oneWay?.kind, oneWay?.since], ['one-way', new Date(since).toISOString()])
  await world.report(alive(charger, now, { calls: { unanswered: 0, answered: true } }))
  assert.deepEqual(await conditionsOf(world), [])
})

test('a wrong clock is a condition and a fact, with its uncertainty, until it is set', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const status = (skewMs: number): object => ({
    connectorId: 1,
    errorCode: 'NoError',
    status: 'Available',
    timestamp: new Date(world.clock.now() + skewMs).toISOString(),
  })
  await world.report(alive(charger, world.clock.now(), { roundTripMs: 200, roundTripsMs: [200] }))
  await charger.say('StatusNotification', status(2 * hour - 100))
  const shown = await world.fleet.show('CP-1')
  assert.deepEqual(
    [shown.clockSkewMs, shown.clockUncertaintyMs],
    [2 * hour, 101],
    'half of the round trip is taken off',
  )
  const [wrong] = shown.conditions
  assert.deepEqual([wrong?.kind, wrong?.evidence['zoneMinutes']], ['clock-wrong', 120])
  assert.equal((await world.fleet.facts(['CP-1'])).get('CP-1')?.clockSkewMs, 2 * hour)
  await charger.say('StatusNotification', status(0))
  assert.deepEqual(await conditionsOf(world), [])
  assert.deepEqual(await told(world), ['raised "clock-wrong"', 'cleared "clock-wrong"'])
})

test('how far off a clock may be is set, and looked at anew by the sweep', async (t) => {
  const world = await fleetWorld(t, { conditions: { clockAlertMs: 10 * minute } })
  const charger = await world.charger('CP-1')
  const timestamp = new Date(world.clock.now() + 5 * minute).toISOString()
  const status = { connectorId: 1, errorCode: 'NoError', status: 'Available', timestamp }
  await charger.say('StatusNotification', status)
  await world.fleet.sweep(patient)
  assert.deepEqual(await conditionsOf(world), [])
})

test('a charger that starts again and again is named, unless it was asked to tell its boot', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const boot = { chargePointVendor: 'V', chargePointModel: 'M' }
  for (let turn = 0; turn < 5; turn += 1)
    await charger.say('BootNotification', boot, { provoked: true })
  assert.deepEqual(await conditionsOf(world), [])
  for (let turn = 0; turn < 3; turn += 1) {
    await world.clock.advance(minute)
    await charger.say('BootNotification', boot)
  }
  assert.deepEqual(await conditionsOf(world), ['boots-repeatedly'])
})

test('two devices with one identity are found out by their displacing each other', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const displaced = {
    kind: 'closed',
    gateway: 'g-1',
    identity: 'CP-1',
    reason: 'displaced',
    code: 1008,
    detail: 'displaced by a newer connection, and still answering',
    contested: true,
  } as const
  let { epoch } = charger
  for (const remoteAddress of ['192.0.2.8', '192.0.2.7']) {
    const at = world.clock.now()
    const admission = await world.admit('CP-1', charger.credential)
    assert.ok(admission.admitted)
    const opened = { kind: 'opened', gateway: 'g-1', identity: 'CP-1', version: '1.6' } as const
    await world.report({ ...opened, epoch: admission.epoch, remoteAddress, at })
    await world.report({ ...displaced, epoch, at })
    epoch = admission.epoch
  }
  const [shared] = (await world.fleet.show('CP-1')).conditions
  assert.equal(shared?.kind, 'shared-identity')
  assert.match(shared.sentence, /192\.0\.2\.7 and 192\.0\.2\.8/)
})

test('round trips are shown as the last one, their median and their 95th percentile', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const now = world.clock.now()
  await world.report(alive(charger, now, { roundTripMs: 40, roundTripsMs: [40, 50, 900] }))
  const { roundTripMs, roundTrips } = await world.fleet.show('CP-1')
  assert.deepEqual([roundTripMs, roundTrips], [40, { medianMs: 50, p95Ms: 900, samples: 3 }])
})
