import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { ConnectionPolicy } from '../../src/gateway/protocol.ts'
import { policyFor } from '../../src/intake/policy.ts'
import { defaultIntakeSettings } from '../../src/intake/settings.ts'
import type { ManualClock } from '../../src/kernel/clock.ts'
import type { ChargerModel } from '../../src/models/profile.ts'
import { resolveProfile } from '../../src/models/profile.ts'
import type { GatewayWorld } from '../kit/gateway-world.ts'
import { advanceUntil, timedWorld } from '../kit/gateway-world.ts'
import { rawExchange, upgradeRequest } from '../kit/raw-http.ts'
import { examples, replay } from '../kit/replay.ts'
import { until } from '../kit/until.ts'

/** How connections of these models come, stay and go, through the gateway and the policy of their profile. */

type World = GatewayWorld<ManualClock>

async function worldFor(
  t: TestContext,
  charger: ChargerModel,
  bootState: 'unknown' | 'accepted' = 'accepted',
): Promise<World> {
  const world = await timedWorld()
  t.after(() => world.close())
  world.control.policy = policyOf(charger, bootState)
  world.control.decide = (request) => world.control.admit(request, { bootState })
  return world
}

function policyOf(charger: ChargerModel, bootState: 'unknown' | 'accepted'): ConnectionPolicy {
  return policyFor(bootState, resolveProfile(charger), defaultIntakeSettings)
}

const boot16 = { chargePointVendor: 'V', chargePointModel: 'M' }
const pulsar = { vendor: 'Wall Box Chargers', model: 'PLP2-M-2-4', firmware: '6.6.12' }
const smartEvse = { vendor: 'SmartEVSE', model: 'v3' }

replay(
  'evbox/elvi',
  'wait-after-connect',
  'is sent nothing in its first second',
  async (t, { ms }) => {
    const { connect, control, clock } = await worldFor(t, examples.elvi)
    const charger = await connect('ELVI')
    const early = await control.call(clock, 'ELVI', 'GetConfiguration', { key: ['A'] })
    assert.ok(!early.taken && early.retryAfterMs === ms)
    assert.deepEqual(charger.received, [])
    await clock.advance(ms)
    assert.ok((await control.call(clock, 'ELVI', 'GetConfiguration', { key: ['A'] })).taken)
  },
)

replay(
  'wallbox/6',
  'deaf-until-booted',
  'is sent nothing before its boot is answered',
  async (t) => {
    const { connect, control, clock } = await worldFor(t, pulsar)
    const charger = await connect('PULSAR')
    await clock.advance(4_000)
    assert.ok(!(await control.call(clock, 'PULSAR', 'ClearCache', {})).taken)
    assert.deepEqual(charger.received, [])
    await charger.call('BootNotification', boot16)
    assert.ok((await control.call(clock, 'PULSAR', 'ClearCache', {})).taken)
  },
)

replay(
  'wallbox/pulsar-pro-6',
  'needs-boot-trigger',
  'is asked for its boot after every connect',
  async (t, { afterMs }) => {
    const pro = { vendor: 'Wall Box Chargers', model: 'PPR1-W-2-4', firmware: '6.1.2' }
    const { connect, clock } = await worldFor(t, pro)
    const charger = await connect('PULSARPRO')
    await clock.advance(afterMs - 500)
    assert.deepEqual(charger.received, [])
    await advanceUntil(clock, 250, () => charger.received.length > 0, 'a trigger')
    const { action, payload } = await charger.calledNow()
    assert.deepEqual(
      [action, payload],
      ['TriggerMessage', { requestedMessage: 'BootNotification' }],
    )
  },
)

replay('evbox/livo', 'wait-after-boot', 'is left alone after its boot', async (t, { ms }) => {
  const livo = { vendor: 'EVBox', model: 'Livo', protocolVersion: '2.0.1' as const }
  const { connect, control, clock } = await worldFor(t, livo)
  const charger = await connect('LIVO', { protocols: ['ocpp2.0.1'] })
  const chargingStation = { model: 'Livo', vendorName: 'EVBox' }
  await charger.call('BootNotification', { reason: 'PowerUp', chargingStation })
  const report = { requestId: 1, reportBase: 'FullInventory' }
  assert.ok(!(await control.call(clock, 'LIVO', 'GetBaseReport', report)).taken)
  await clock.advance(ms)
  assert.ok((await control.call(clock, 'LIVO', 'GetBaseReport', report)).taken)
})

replay('starcharge/all', 'never-trigger-boot', 'is never asked, however new it is', async (t) => {
  const { connect, clock } = await worldFor(t, examples.starCharge, 'unknown')
  const charger = await connect('STAR')
  await clock.advance(60_000)
  assert.deepEqual(charger.received, [])
})

replay(
  'mennekes/4business',
  'slow-answers',
  'may take more than a minute',
  async (t, { timeoutMs }) => {
    const { connect, control, clock } = await worldFor(t, {
      vendor: 'MENNEKES',
      model: 'Amtron 4Business 700',
    })
    assert.equal(control.policy.callTimeoutMs, timeoutMs)
    const charger = await connect('AMTRON')
    const answerTimeoutMs = control.policy.callTimeoutMs
    const patience = { answerTimeoutMs, notAfter: clock.now() + 300_000 }
    await control.call(clock, 'AMTRON', 'ClearCache', {}, patience)
    const { id } = await charger.calledNow()
    await clock.advance(90_000)
    charger.answer(id, { status: 'Accepted' })
    await until(() => control.outcomesOf('call-1').length === 2, 'the answer')
    assert.deepEqual(control.outcomesOf('call-1'), ['sent', 'answered'])
  },
)

replay(
  'grizzl-e/smart-connect',
  'invalid-answer',
  'Accepted is understood as Unlocked',
  async (t) => {
    const { connect, control, clock } = await worldFor(t, {
      vendor: 'United Chargers',
      model: 'Grizzl-E Smart Connect',
    })
    const charger = await connect('GRIZZLE')
    await control.call(clock, 'GRIZZLE', 'UnlockConnector', { connectorId: 1 })
    charger.answer((await charger.calledNow()).id, { status: 'Accepted' })
    await until(() => control.outcomesOf('call-1').includes('answered'), 'the answer')
    const answered = control.outcomes.find((one) => one.kind === 'answered')
    assert.ok(answered?.kind === 'answered' && answered.valid)
    assert.deepEqual(answered.payload, { status: 'Unlocked' })
    await advanceUntil(clock, 500, () => control.violations.length > 0, 'the violation')
    assert.equal(control.violations[0]?.kind, 'answer-invalid')
  },
)

async function livesWithoutPongs(t: TestContext, charger: ChargerModel): Promise<void> {
  const { connect, control, clock } = await worldFor(t, charger)
  assert.ok(control.policy.pingIntervalSeconds > 0)
  const silent = await connect('PINGLESS', { autoPong: false })
  for (let beat = 0; beat < 6; beat += 1) {
    await silent.call('Heartbeat', {})
    await clock.advance(300_000)
  }
  assert.equal(silent.closed, undefined)
  assert.deepEqual(control.violations, [])
}

replay('en-plus/ac7000', 'ignores-pings', 'lives by its heartbeats', (t) =>
  livesWithoutPongs(t, examples.enPlus),
)
replay('evduty/all', 'ignores-pings', 'lives by its heartbeats', (t) =>
  livesWithoutPongs(t, { vendor: 'EVduty', model: 'EVC30' }),
)

async function isMissedSoon(
  t: TestContext,
  charger: ChargerModel,
  heartbeatSeconds: number,
): Promise<void> {
  const { connect, control, clock } = await worldFor(t, charger)
  assert.equal(control.policy.heartbeatIntervalSeconds, heartbeatSeconds)
  // Nothing comes any more, not even pongs.
  const stale = await connect('MOVED', { autoPong: false })
  await advanceUntil(clock, 5_000, () => stale.closed !== undefined, 'closed as silent')
  await advanceUntil(clock, 500, () => control.closings('MOVED').length === 1, 'the report')
  assert.ok(clock.monotonic() <= 4 * heartbeatSeconds * 1000)
  const [closed] = control.closings('MOVED')
  assert.ok(closed?.kind === 'closed' && closed.reason === 'silent')
  const again = await connect('MOVED')
  assert.equal((await again.call('Heartbeat', {}))[0], 3)
}

replay(
  'smartevse/all',
  'stale-socket-after-network-change',
  'is missed within minutes',
  (t, { heartbeatSeconds }) => isMissedSoon(t, smartEvse, heartbeatSeconds),
)
replay(
  'ocular/bs-ev',
  'stale-socket-after-network-change',
  'is missed within minutes',
  (t, { heartbeatSeconds }) => isMissedSoon(t, examples.ocular, heartbeatSeconds),
)

replay('keba/x-1.9.0', 'garbled-subprotocol', 'connects all the same', async (t, { sends }) => {
  const { gateway } = await worldFor(t, { vendor: 'Keba AG', firmware: '1.9.0' })
  const request = upgradeRequest('/ocpp/KEBA', { 'Sec-WebSocket-Protocol': sends })
  const answer = await rawExchange(gateway.address(), request)
  assert.equal(answer.status, 101)
  assert.equal(answer.headers.get('sec-websocket-protocol'), 'ocpp2.0.1')
})

replay('enercab/all', 'sends-browser-origin', 'connects all the same', async (t, { origin }) => {
  const { gateway } = await worldFor(t, { vendor: 'Enercab' })
  const request = upgradeRequest('/ocpp/E1', {
    'Sec-WebSocket-Protocol': 'ocpp1.6',
    Origin: origin,
  })
  assert.equal((await rawExchange(gateway.address(), request)).status, 101)
})

replay('foxess/a-series', 'probes-other-version', 'speaks what it means', async (t, { first }) => {
  const { connect, control } = await worldFor(t, examples.foxess)
  const probe = await connect('FOX', { protocols: [`ocpp${first}`] })
  probe.close()
  await connect('FOX', { protocols: ['ocpp2.0.1'] })
  const versions = () =>
    control.reports.flatMap((one) => (one.kind === 'opened' ? one.version : []))
  await until(() => versions().length === 2, 'two connections')
  assert.deepEqual(versions(), [first, '2.0.1'])
})

replay('alfen/eve', 'reuses-message-ids', 'messages of two connections are two', async (t) => {
  const { connect, control } = await worldFor(t, { vendor: 'Alfen BV', model: 'NG910-60023' })
  for (const connection of [1, 2]) {
    const charger = await connect('ALFEN')
    await charger.call('BootNotification', boot16, '1')
    charger.close()
    await until(() => control.closings('ALFEN').length === connection, 'closed')
  }
  assert.equal(control.inbound.length, 2)
})

replay('phihong/ac', 'reuses-message-ids', 'different messages of one id are two', async (t) => {
  const { connect, control } = await worldFor(t, { vendor: 'Phihong Technology' })
  const charger = await connect('PHIHONG')
  for (const status of ['Available', 'Preparing'])
    await charger.call(
      'StatusNotification',
      { connectorId: 1, errorCode: 'NoError', status },
      'one-id',
    )
  assert.equal(control.inbound.length, 2)
})

replay('en-plus/all', 'answers-under-another-id', 'such an answer answers nothing', async (t) => {
  const { connect, control, clock } = await worldFor(t, examples.enPlus)
  const charger = await connect('ENPLUS')
  await control.call(clock, 'ENPLUS', 'ClearCache', {})
  await charger.calledNow()
  charger.answer('12505155-afc5-4b55-bc8a-4e88151cec37', { status: 'Accepted' })
  await advanceUntil(clock, 500, () => control.violations.length > 0, 'the violation')
  assert.equal(control.violations[0]?.kind, 'unexpected-answer')
  assert.deepEqual(control.outcomesOf('call-1'), ['sent'])
})

replay('abb/terra-ac', 'drops-line', 'what became of the CALL is not guessed', async (t) => {
  const { connect, control, clock } = await worldFor(t, examples.abb)
  const charger = await connect('ABB')
  await control.call(clock, 'ABB', 'Reset', { type: 'Soft' })
  await charger.calledNow()
  charger.socket.terminate()
  await until(() => control.outcomesOf('call-1').length === 2, 'the end of the connection')
  assert.deepEqual(control.outcomesOf('call-1'), ['sent', 'connection-lost'])
})
