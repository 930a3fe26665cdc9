import assert from 'node:assert/strict'
import test from 'node:test'
import type { FleetWorld } from '../../test/kit/fleet.ts'
import { fleetWorld, owner } from '../../test/kit/fleet.ts'
import { keptNotices } from '../fleet/notices/store.ts'
import type { ChargerFacts } from '../operations/facts.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const minute = 60_000
const hour = 60 * minute

/** ISO 8601, so many minutes from noon, when the tests' clock begins. */
function at(minutes: number): string {
  return new Date(noon + minutes * minute).toISOString()
}

function start(fields: object = {}): object {
  return { connectorId: 1, idTag: 'T', meterStart: 100, timestamp: at(0), ...fields }
}

function status(word: string, minutes: number, fields: object = {}): object {
  return { connectorId: 1, errorCode: 'NoError', status: word, timestamp: at(minutes), ...fields }
}

async function factsOf(world: FleetWorld, identity = 'CP-1'): Promise<ChargerFacts> {
  const facts = (await world.fleet.facts([identity])).get(identity)
  assert.ok(facts)
  return facts
}

test('a boot is accepted, remembered and told', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const answer = await charger.say('BootNotification', {
    chargePointVendor: 'V',
    chargePointModel: 'M',
    firmwareVersion: '1.0',
  })
  assert.deepEqual(answer, { status: 'Accepted', interval: 300, currentTime: at(0) })
  const shown = await world.fleet.show('CP-1')
  assert.deepEqual(
    [shown.vendor, shown.model, shown.firmware, shown.bootState, shown.protocol],
    ['V', 'M', '1.0', 'accepted', 'ocpp1.6'],
  )
  const facts = await factsOf(world)
  assert.deepEqual(facts.boot, { receivedAt: noon, provoked: false })
  assert.equal(facts.version, '1.6')
  await world.settle()
  assert.ok(
    world.events.some((event) => event.type === 'charger.booted' && event.charger === 'CP-1'),
  )
  assert.ok(world.changed.includes('CP-1'))
})

test('a charger whose record says so is kept pending', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1', { version: '2.0.1' })
  await world.sql(`update charger set boot_policy = 'pending'`)
  const answer = await charger.say('BootNotification', {
    chargingStation: { vendorName: 'V', model: 'M' },
    reason: 'PowerUp',
  })
  assert.deepEqual([answer['status'], answer['interval']], ['Pending', 60])
  assert.equal((await factsOf(world)).bootState, 'pending')
})

test('a boot without a vendor is still a boot', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const answer = await charger.say('BootNotification', { chargePointVendor: '' })
  assert.equal(answer['status'], 'Accepted')
  assert.equal((await factsOf(world)).bootState, 'accepted')
})

test('the newest status wins, and an older one replayed late changes nothing', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  await charger.say('StatusNotification', status('Charging', -10))
  await charger.say('StatusNotification', status('Preparing', -60))
  await charger.say('StatusNotification', status('Finishing', -50))
  assert.equal((await factsOf(world)).connectors[0]?.status, 'Charging')
  await charger.say('StatusNotification', status('Available', 0))
  assert.equal((await factsOf(world)).connectors[0]?.status, 'Available')
})

test('a replay in order leaves the last of its statuses', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  for (const [index, word] of ['Preparing', 'Charging', 'Finishing', 'Available'].entries())
    await charger.say('StatusNotification', status(word, -300 + index))
  const [connector] = (await factsOf(world)).connectors
  assert.deepEqual(connector, {
    evse: 1,
    connector: 1,
    status: 'Available',
    receivedAt: noon,
    at: noon - 297 * minute,
  })
})

test('a status with a clock that was never set counts when it comes', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  await charger.say('StatusNotification', status('Charging', 0))
  const unset = { connectorId: 1, errorCode: 'NoError', status: 'Available' }
  await charger.say('StatusNotification', { ...unset, timestamp: '1970-01-01T00:00:00Z' })
  assert.equal((await factsOf(world)).connectors[0]?.status, 'Available')
})

test('a fault is raised once and cleared, and a replayed fault does not raise it again', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const broken = status('Faulted', -5, { errorCode: 'GroundFailure', info: 'RCD' })
  await charger.say('StatusNotification', broken)
  await charger.say('StatusNotification', broken)
  const [fault, ...more] = (await world.fleet.faults({ limit: 10 }, { open: true })).items
  assert.equal(more.length, 0)
  assert.deepEqual(
    [fault?.code, fault?.info, fault?.evse, fault?.since, fault?.clearedAt],
    ['GroundFailure', 'RCD', 1, at(-5), null],
  )
  assert.equal((await factsOf(world)).connectors[0]?.error, 'GroundFailure')
  await charger.say('StatusNotification', status('Available', -1))
  await charger.say('StatusNotification', broken)
  assert.deepEqual((await world.fleet.faults({ limit: 10 }, { open: true })).items, [])
  assert.equal((await world.fleet.show('CP-1')).faults, 0)
  await world.settle()
  assert.deepEqual(
    world.events.map(({ type }) => type).filter((type) => type.startsWith('fault.')),
    ['fault.raised', 'fault.cleared'],
  )
})

test('meter values are kept in our units, the newest of each', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  await charger.say('StatusNotification', status('Charging', -30))
  const sample = (minutes: number, kWh: string): Promise<unknown> =>
    charger.say('MeterValues', {
      connectorId: 1,
      meterValue: [
        {
          timestamp: at(minutes),
          sampledValue: [
            { value: kWh, unit: 'kWh' },
            { value: '230', measurand: 'Voltage', phase: 'L1', unit: 'V' },
          ],
        },
      ],
    })
  await sample(-1, '1.5')
  await sample(-20, '1.2')
  const [connector] = (await world.fleet.show('CP-1')).connectors
  assert.deepEqual(connector?.meter, [
    {
      measurand: 'Energy.Active.Import.Register',
      phase: null,
      value: 1500,
      unit: 'Wh',
      at: at(-1),
    },
    { measurand: 'Voltage', phase: 'L1', value: 230, unit: 'V', at: at(-1) },
  ])
  assert.equal((await factsOf(world)).heard.meterValues, noon)
})

test('a flood of history in one message leaves the newest values', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  await charger.say('StatusNotification', status('Charging', 0))
  await charger.say('MeterValues', {
    connectorId: 1,
    transactionId: 9_223_372_036_854_775_807n,
    meterValue: Array.from({ length: 60 }, (_, index) => ({
      timestamp: at(-60 + index),
      sampledValue: Array.from({ length: 40 }, () => ({ value: String(index) })),
    })),
  })
  const [connector] = (await world.fleet.show('CP-1')).connectors
  assert.deepEqual(
    connector?.meter.map(({ value }) => value),
    [59],
  )
})

test('a clock that is off is found, and times are told by ours', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  for (let minutes = 0; minutes < 4; minutes += 1)
    await charger.say('StatusNotification', status('Available', minutes - 120), {
      receivedAt: noon + minutes * minute,
    })
  assert.equal((await world.fleet.show('CP-1')).clockSkewMs, -2 * hour)
  await charger.say('StartTransaction', start({ timestamp: at(10 - 120) }), {
    receivedAt: noon + 10 * minute,
  })
  const { items } = await world.fleet.sessions({ limit: 1 }, {})
  assert.equal(items[0]?.startedAt, at(10))
})

test('what a charger tells that is no state is kept as a notice, once', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1', { version: '2.0.1' })
  const alarm = { type: 'TamperDetectionActivated', timestamp: at(-1), techInfo: 'door' }
  const over = { messageId: 'm', receivedAt: noon }
  await charger.say('SecurityEventNotification', alarm, over)
  await charger.say('SecurityEventNotification', alarm, over)
  await charger.say('FirmwareStatusNotification', { status: 'Installed', requestId: 5 })
  const vendor = await charger.say('DataTransfer', { vendorId: 'V', data: { a: 1 } })
  assert.equal(vendor['status'], 'UnknownVendorId')
  const { items } = await world.fleet.notices('CP-1', { limit: 10 })
  assert.deepEqual(
    items.map(({ kind, detail, at: when }) => [kind, detail, when]),
    [
      ['data.transferred', { vendor: 'V', data: '{"a":1}' }, null],
      ['firmware.status', { status: 'Installed', requestId: 5 }, null],
      ['security.event', { type: 'TamperDetectionActivated', info: 'door' }, at(-1)],
    ],
  )
})

test('a charger that reports progress without end keeps a bounded number of notices', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  for (let round = 0; round < 12; round += 1)
    await Promise.all(
      Array.from({ length: 50 }, () =>
        charger.say('DiagnosticsStatusNotification', { status: 'Uploading' }),
      ),
    )
  const { rows } = await world.sql('select count(*)::int as kept from notice')
  assert.ok((rows[0] as { kept: number }).kept <= keptNotices + 50)
})

test('a message that cannot be understood is answered with an error, unless an error does harm', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const unreadable = { payload: null, valid: false }
  const answer = await charger.call('SecurityEventNotification', {}, unreadable)
  assert.deepEqual([answer.kind, answer.kind === 'error' && answer.code], ['error', 'format'])
  for (const action of ['StatusNotification', 'MeterValues', 'StopTransaction'])
    assert.deepEqual(await charger.say(action, {}, unreadable), {})
  assert.equal((await charger.say('BootNotification', {}, unreadable))['status'], 'Accepted')
  const started = await charger.say('StartTransaction', {}, unreadable)
  assert.ok((started['transactionId'] as number) > 0)
})

test('a message the version does not have is not implemented', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const answer = await charger.call('TransactionEvent', {})
  assert.deepEqual(
    [answer.kind, answer.kind === 'error' && answer.code],
    ['error', 'not-implemented'],
  )
})

test('every token may charge', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  assert.deepEqual(await charger.say('Authorize', { idTag: 'A tag of more than 20 chars' }), {
    idTagInfo: { status: 'Accepted' },
  })
})

test('what hundreds of chargers say at once is all remembered', async (t) => {
  const world = await fleetWorld(t)
  const identities = Array.from({ length: 300 }, (_, index) => `CP-${index}`)
  await world.fleet.import(
    owner,
    identities.map((identity) => ({ identity })),
  )
  const say = (identity: string, action: string, payload: object): Promise<unknown> =>
    world.ask('control.inbound', {
      identity,
      epoch: 1,
      version: '1.6',
      messageId: action,
      action,
      payload,
      valid: true,
      receivedAt: noon,
      provoked: false,
      unanswered: false,
    })
  await Promise.all(
    identities.flatMap((identity) => [
      say(identity, 'BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' }),
      say(identity, 'StatusNotification', status('Available', 0)),
      say(identity, 'StatusNotification', status('Available', 0, { connectorId: 2 })),
      say(identity, 'StartTransaction', start()),
    ]),
  )
  const facts = await world.fleet.facts(identities)
  assert.equal(facts.size, 300)
  for (const one of facts.values()) {
    assert.equal(one.bootState, 'accepted')
    assert.equal(one.connectors.length, 2)
    assert.equal(one.sessions.length, 1)
  }
})
