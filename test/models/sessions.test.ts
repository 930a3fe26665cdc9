import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { ChargerFacts } from '../../src/operations/facts.ts'
import type { FleetWorld, TestCharger } from '../kit/fleet.ts'
import { fleetWorld, owner } from '../kit/fleet.ts'
import { examples, replay } from '../kit/replay.ts'

/** What these models report, made durable by control with a real database. */

const noon = Date.parse('2026-03-01T12:00:00Z')

function at(minutes: number): string {
  return new Date(noon + minutes * 60_000).toISOString()
}

async function booted(
  t: TestContext,
  boot: object,
): Promise<{ world: FleetWorld; charger: TestCharger }> {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  await charger.say('BootNotification', {
    chargePointVendor: 'V',
    chargePointModel: 'M',
    ...boot,
  })
  return { world, charger }
}

async function factsOf({ fleet }: FleetWorld): Promise<ChargerFacts> {
  const facts = (await fleet.facts(['CP-1'])).get('CP-1')
  assert.ok(facts)
  return facts
}

async function sessionsOf({ fleet }: FleetWorld) {
  const { items } = await fleet.sessions({ limit: 10 }, { charger: 'CP-1' })
  return items
}

function begin(charger: TestCharger): Promise<{ transactionId: number }> {
  const start = { connectorId: 1, idTag: 'T', meterStart: 100, timestamp: at(0) }
  return charger.say<{ transactionId: number }>('StartTransaction', start)
}

/** Ends the running session under a number that is not its own. */
async function endsUnder(t: TestContext, boot: object, transactionId: number): Promise<void> {
  const { world, charger } = await booted(t, boot)
  await begin(charger)
  await charger.say('StopTransaction', { transactionId, meterStop: 900, timestamp: at(30) })
  const sessions = await sessionsOf(world)
  assert.deepEqual(
    sessions.map(({ state, meterStopWh }) => [state, meterStopWh]),
    [['ended', 900]],
  )
}

replay('go-e/charger', 'stops-with-minus-one', 'the end finds its session', (t) =>
  endsUnder(t, { chargePointVendor: 'go-e' }, -1),
)
replay('keba/p30', 'stops-with-minus-one', 'the end finds its session', (t) =>
  endsUnder(t, { chargePointVendor: 'Keba AG', chargePointModel: 'P30' }, -1),
)
replay('etrel/inch', 'needs-central-authorisation', 'the end finds its session', (t) =>
  endsUnder(t, { chargePointVendor: 'Etrel' }, -77),
)

replay('enercab/all', 'stops-unknown-transactions', 'the end is answered and kept', async (t) => {
  const { world, charger } = await booted(t, { chargePointVendor: 'Enercab' })
  const stop = { transactionId: 4_711, meterStop: 900, timestamp: at(30) }
  for (let times = 0; times < 2; times += 1) await charger.say('StopTransaction', stop)
  const sessions = await sessionsOf(world)
  assert.deepEqual(
    sessions.map(({ state, transactionId }) => [state, transactionId]),
    [['ended', '4711']],
  )
})

replay('alfen/eve', 'floods-history', 'the past is answered and is no session', async (t) => {
  const { world, charger } = await booted(t, { chargePointVendor: 'Alfen BV' })
  for (let day = 1; day <= 60; day += 1)
    await charger.say('MeterValues', {
      connectorId: 1,
      meterValue: [{ timestamp: at(-1_440 * day), sampledValue: [{ value: String(day) }] }],
    })
  assert.deepEqual(await sessionsOf(world), [])
  const { connectors } = await world.fleet.show('CP-1')
  const [newest] = connectors.flatMap(({ meter }) => meter)
  assert.ok(newest === undefined || newest.value === 1)
})

replay('everest/1.6', 'floods-status', 'each word is answered, so many are kept', async (t) => {
  const { world, charger } = await booted(t, { chargePointVendor: 'chargebyte' })
  for (let times = 0; times < 60; times += 1)
    await charger.say('DiagnosticsStatusNotification', { status: 'Uploading' })
  const facts = await factsOf(world)
  assert.equal(facts.jobs.diagnostics?.status, 'Uploading')
})

replay('everest/1.6', 'misreads-hex-key', 'both forms of the key are its own', async (t) => {
  const world = await fleetWorld(t)
  const identity = 'EVEREST'
  const key = '0123456789abcdef0123456789abcdef01234567'
  await world.fleet.register(owner, { identity, credential: key })
  for (const form of [key, key.toUpperCase(), Buffer.from(key, 'hex')])
    assert.ok((await world.admit(identity, form)).admitted)
  assert.ok(!(await world.admit(identity, `${key.slice(2)}00`)).admitted)
})

replay(
  'grizzl-e/smart-5',
  'no-subprotocol-header',
  'a known one is admitted with the version of its model',
  async (t, { assume }) => {
    const { world, charger } = await booted(t, {
      chargePointVendor: 'United Chargers',
      chargePointModel: 'Grizzl-E Smart',
      firmwareVersion: 'v05.621',
    })
    const { basic } = { basic: charger.credential }
    const headerless = await world.ask<{ admitted: boolean; version?: string }>(
      'control.admission',
      {
        gateway: 'g-1',
        identity: 'CP-1',
        remoteAddress: '192.0.2.7',
        offeredProtocols: [],
        path: '/ocpp/',
        basic: { username: 'CP-1', passwordBase64: Buffer.from(basic).toString('base64') },
      },
    )
    assert.deepEqual([headerless.admitted, headerless.version], [true, assume])
  },
)

replay('go-e/charger', 'restarts-without-server', 'its boot is taken as it comes', async (t) => {
  const { world, charger } = await booted(t, { chargePointVendor: 'go-e' })
  await begin(charger)
  await charger.close()
  await world.clock.advance(600_000)
  const boot = { chargePointVendor: 'go-e', chargePointModel: 'M' }
  await charger.say('BootNotification', boot)
  const { boot: last, sessions } = await factsOf(world)
  assert.equal(last?.provoked, false)
  assert.equal(sessions.filter(({ endedAt }) => endedAt === undefined).length, 1)
})

replay('autel/maxicharger', 'needs-uploaded-ca', 'whoever looks at it is told', async (t) => {
  const { vendor, model } = examples.autel
  const { world } = await booted(t, { chargePointVendor: vendor, chargePointModel: model })
  const { quirks } = await world.fleet.capabilities('CP-1')
  const told = quirks.find(({ quirk }) => quirk === 'needs-uploaded-ca')
  assert.match(told?.does ?? '', /root certificate/)
})
