import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compose, personaCalled, personas } from './personas.ts'
import { ruleFor } from './rules.ts'
import { charge, scene } from './scene.ts'

const always = (): boolean => true

test('the first fitting rule of a composed persona decides', () => {
  const both = compose(personas['lying-settings'], personas.refusing)
  assert.equal(ruleFor(both, 'ChangeConfiguration', {}, always)?.deed.do, 'pretend')
  assert.equal(ruleFor(both, 'Reset', {}, always)?.deed.do, 'refuse')
  assert.equal(personaCalled('slow+clock-wrong').clock?.startsAt, 0)
  assert.throws(() => personaCalled('slow+friendly'), /no persona is called friendly/)
})

test('a slow charger answers and acts late', async (t) => {
  const { server, charger, clock, call } = await scene(t, { version: '1.6', persona: 'slow' })
  let answered = false
  const answer = call('ChangeAvailability', { connectorId: 1, type: 'Inoperative' })
  void answer.then(() => (answered = true))
  await charger.until(({ counters }) => counters.calls === 1)
  await clock.advance(4_999)
  assert.equal(answered, false)
  assert.equal(charger.state.evses[0]?.status, 'Available')
  void call('ClearCache')
  await charger.until(({ counters }) => counters.overlapping === 1)
  await clock.advance(15_001)
  assert.deepEqual(await answer, { result: { status: 'Accepted' } })
  await server.until(() => charger.state.evses[0]?.status === 'Unavailable')
})

test('a silent charger swallows calls, a mute one acts on them', async (t) => {
  const { charger, call } = await scene(t, { version: '2.0.1', persona: 'silent' })
  void call('ChangeAvailability', { operationalStatus: 'Inoperative' })
  await charger.until(({ counters }) => counters.ignored === 1)
  assert.equal(charger.state.operative, true)
  charger.become('mute')
  void call('ChangeAvailability', { operationalStatus: 'Inoperative' })
  await charger.until(({ counters }) => counters.ignored === 2)
  assert.equal(charger.state.operative, false)
})

test('a refusing charger says no in words each action knows', async (t) => {
  const one = await scene(t, { version: '1.6', persona: 'refusing' })
  await one.answers('Reset', { type: 'Hard' }, 'Rejected')
  await one.answers('UnlockConnector', { connectorId: 1 }, 'UnlockFailed')
  const keys = await one.call('GetConfiguration', { key: ['HeartbeatInterval'] })
  assert.deepEqual(keys, { result: { unknownKey: ['HeartbeatInterval'] } })
  const two = await scene(t, { version: '2.1', persona: 'refusing' })
  await two.answers('Reset', { type: 'Immediate' }, 'Rejected')
  const at = { component: { name: 'TxCtrlr' }, variable: { name: 'TxStartPoint' } }
  assert.deepEqual(await two.call('GetVariables', { getVariableData: [at] }), {
    result: { getVariableResult: [{ ...at, attributeStatus: 'Rejected' }] },
  })
  const cost = await two.call('CostUpdated', { totalCost: 1, transactionId: 'x' })
  assert.equal('error' in cost && cost.error, 'NotSupported')
})

test('a dropping charger hangs up, having acted or not', async (t) => {
  const { server, charger, clock, call } = await scene(t, { version: '1.6', persona: 'dropping' })
  void call('ChangeAvailability', { connectorId: 0, type: 'Inoperative' })
  await server.until(() => !server.isConnected('CP 1'))
  assert.equal(charger.state.operative, true)
  charger.become('dropping-after')
  await clock.advance(2_000)
  await charger.until(({ online }) => online)
  void call('ChangeAvailability', { connectorId: 0, type: 'Inoperative' })
  await server.until(() => !server.isConnected('CP 1'))
  assert.equal(charger.state.operative, false)
  assert.equal(charger.counters.dropped, 2)
})

test('a lying charger accepts and does nothing', async (t) => {
  const setting = await scene(t, { version: '1.6', persona: 'lying' })
  const { charger, answers, server, pass } = setting
  await answers('Reset', { type: 'Hard' }, 'Accepted')
  await answers('ChangeAvailability', { connectorId: 0, type: 'Inoperative' }, 'Accepted')
  await charge(setting)
  await answers('RemoteStopTransaction', { transactionId: 1 }, 'Accepted')
  await answers('UnlockConnector', { connectorId: 1 }, 'Unlocked')
  await pass(10_000)
  assert.equal(server.isConnected('CP 1'), true)
  assert.equal(charger.state.evses[0]?.status, 'Charging')
})

test('lying settings are accepted and read back unchanged', async (t) => {
  const { call, answers } = await scene(t, { version: '1.6', persona: 'lying-settings' })
  await answers('ChangeConfiguration', { key: 'HeartbeatInterval', value: '77' }, 'Accepted')
  const read = await call('GetConfiguration', { key: ['HeartbeatInterval'] })
  assert.deepEqual(read, {
    result: { configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }] },
  })
})

test('an erroring charger answers everything with InternalError', async (t) => {
  const { call } = await scene(t, { version: '2.0.1', persona: 'erroring' })
  const answer = await call('ClearCache')
  assert.equal('error' in answer && answer.error, 'InternalError')
})

test('a rebooting charger restarts by itself and boots again', async (t) => {
  const { server, charger, clock } = await scene(t, { version: '2.0.1', persona: 'rebooting' })
  await clock.advance(240_000)
  await charger.until(({ counters }) => counters.restarts > 0 && counters.boots > 1)
  assert.equal(server.last('BootNotification')['reason'], 'Watchdog')
})

test('wrong clocks write 1970, run ahead, or write local time', async (t) => {
  const stampWith = async (persona: string): Promise<unknown> => {
    const { server } = await scene(t, { version: '1.6', persona, checked: false })
    return server.last('StatusNotification')['timestamp']
  }
  assert.equal(await stampWith('clock-wrong'), '1970-01-01T00:00:00.000Z')
  assert.equal(await stampWith('clock-ahead'), '2026-01-01T03:00:00.000Z')
  assert.equal(await stampWith('clock-local'), '2026-01-01T02:00:00.000+02')
  assert.equal(await stampWith('clock-local-as-utc'), '2026-01-01T02:00:00.000Z')
})

test('a charger that never boots says nothing until its boot is triggered', async (t) => {
  const options = { version: '1.6', persona: 'never-boots', booted: false } as const
  const { server, charger, answers, clock } = await scene(t, options)
  await charger.start()
  await clock.advance(60_000)
  assert.equal(server.heard.length, 0)
  await answers('TriggerMessage', { requestedMessage: 'BootNotification' }, 'Accepted')
  await charger.until(({ online }) => online)
  await server.hears('StatusNotification', 3)
})

test('pings are answered, or ignored by a charger that ignores them', async (t) => {
  const honest = await scene(t, { version: '1.6' })
  assert.equal(await honest.server.ping('CP 1'), true)
  const deaf = await scene(t, { version: '1.6', persona: 'ignores-pings' })
  assert.equal(await deaf.server.ping('CP 1'), false)
})

test('a case-mangling charger names its keys in lower case', async (t) => {
  const one = await scene(t, { version: '1.6', persona: 'case-mangling' })
  assert.deepEqual(await one.call('GetConfiguration', { key: ['HeartbeatInterval', 'Nope'] }), {
    result: {
      configurationKey: [{ key: 'heartbeatinterval', readonly: false, value: '300' }],
      unknownKey: ['nope'],
    },
  })
})

test('a garbled charger cuts frames off', async (t) => {
  const persona = { ...personas.garbled, garbledShare: 1 }
  const options = { version: '1.6', persona, booted: false, checked: false } as const
  const { server, charger } = await scene(t, options)
  await charger.start()
  await server.until(() => server.violations.length > 0)
  assert.match(server.violations[0] ?? '', /^\[2,"[^"]*","BootNot/)
})

test('chargers without the subprotocol header connect with none', async (t) => {
  const { server, charger } = await scene(t, { version: '1.6', persona: 'no-protocol-header' })
  assert.equal(server.isConnected('CP 1'), true)
  assert.equal(charger.online, true)
})

test('message ids restart on every connection, or never change', async (t) => {
  const restarting = await scene(t, { version: '1.6', persona: 'restarting-ids' })
  assert.deepEqual(
    restarting.server.heard.map(({ messageId }) => messageId),
    ['1', '2', '3', '4'],
  )
  const constant = await scene(t, { version: '1.6', persona: 'constant-id' })
  assert.ok(constant.server.heard.every(({ messageId }) => messageId === '1'))
})
