import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Scene } from './scene.ts'
import { charge, scene } from './scene.ts'

function statusesOf({ server }: Scene, evseId: number): unknown[] {
  return server
    .calls('StatusNotification')
    .filter(({ payload }) => payload['evseId'] === evseId)
    .map(({ payload }) => payload['connectorStatus'])
}

interface SeenEvent {
  readonly eventType: string
  readonly triggerReason: string
  readonly seqNo: number
  readonly offline?: boolean
  readonly idToken?: { idToken: string; type: string }
  readonly transactionInfo: {
    transactionId: string
    chargingState: string
    stoppedReason?: string
    remoteStartId?: number
  }
}

function events({ server }: Scene): SeenEvent[] {
  return server.calls('TransactionEvent').map(({ payload }) => payload as unknown as SeenEvent)
}

function told(setting: Scene): [string, string, number][] {
  return events(setting).map((event) => [event.eventType, event.triggerReason, event.seqNo])
}

async function rebooted({ server, charger, pass, quiet }: Scene): Promise<void> {
  await server.until(() => !server.isConnected('CP 1'))
  await pass(3_000)
  await charger.until(({ counters }) => counters.boots === 2)
  await quiet()
}

for (const version of ['2.0.1', '2.1'] as const) {
  test(`a ${version} charger boots with its reason and tells each connector's status`, async (t) => {
    const { server } = await scene(t, { version })
    assert.equal(server.last('BootNotification')['reason'], 'PowerUp')
    assert.deepEqual(
      server.calls('StatusNotification').map(({ payload }) => payload['evseId']),
      [1, 2],
    )
  })

  test(`a ${version} session is told from start to end without a gap in seqNo`, async (t) => {
    const setting = await scene(t, { version })
    const { charger, pass, quiet } = setting
    await charge(setting)
    await pass(60_000)
    charger.suspendByCar(1)
    await quiet()
    charger.resume(1)
    await charger.presentToken(1, 'TAG-1')
    await quiet()
    charger.unplug(1)
    await quiet()
    assert.deepEqual(told(setting), [
      ['Started', 'Authorized', 0],
      ['Updated', 'MeterValuePeriodic', 1],
      ['Updated', 'ChargingStateChanged', 2],
      ['Updated', 'ChargingStateChanged', 3],
      ['Ended', 'StopAuthorized', 4],
    ])
    assert.equal(events(setting)[2]?.transactionInfo.chargingState, 'SuspendedEV')
    assert.equal(events(setting)[4]?.transactionInfo.stoppedReason, 'Local')
    assert.deepEqual(statusesOf(setting, 1), ['Available', 'Occupied', 'Available'])
  })

  test(`a ${version} remote start carries its remoteStartId into the session, and a remote stop ends it`, async (t) => {
    const setting = await scene(t, { version })
    const { answers, charger } = setting
    charger.plugIn(2)
    const start = { evseId: 2, remoteStartId: 4711, idToken: { idToken: 'R', type: 'Central' } }
    await answers('RequestStartTransaction', start, 'Accepted')
    const [started] = events(setting)
    assert.deepEqual(
      [started?.triggerReason, started?.transactionInfo.remoteStartId, started?.idToken?.type],
      ['RemoteStart', 4711, 'Central'],
    )
    await answers('RequestStartTransaction', start, 'Rejected')
    const transactionId = started?.transactionInfo.transactionId
    const status = await setting.call('GetTransactionStatus', { transactionId })
    assert.deepEqual(status, { result: { ongoingIndicator: true, messagesInQueue: false } })
    await answers('RequestStopTransaction', { transactionId: 'other' }, 'Rejected')
    await answers('RequestStopTransaction', { transactionId }, 'Accepted')
    const ended = events(setting).at(-1)
    assert.deepEqual(
      [ended?.eventType, ended?.triggerReason, ended?.transactionInfo.stoppedReason],
      ['Ended', 'RemoteStop', 'Remote'],
    )
  })

  test(`an immediate reset of a ${version} charger ends sessions and boots as RemoteReset`, async (t) => {
    const setting = await scene(t, { version })
    await charge(setting)
    await setting.answers('Reset', { type: 'Immediate' }, 'Accepted')
    assert.equal(events(setting).at(-1)?.transactionInfo.stoppedReason, 'ImmediateReset')
    await rebooted(setting)
    assert.equal(setting.server.last('BootNotification')['reason'], 'RemoteReset')
    assert.equal(setting.charger.counters.connections, 2)
  })

  test(`a reset when idle waits for the session's end on ${version}, and takes no new ones`, async (t) => {
    const setting = await scene(t, { version })
    const { answers, charger, server, quiet } = setting
    await charge(setting)
    await answers('Reset', { type: 'OnIdle' }, 'Scheduled')
    assert.equal(statusesOf(setting, 2).at(-1), 'Unavailable')
    const start = { evseId: 2, remoteStartId: 1, idToken: { idToken: 'R', type: 'Central' } }
    await answers('RequestStartTransaction', start, 'Rejected')
    assert.equal(server.calls('BootNotification').length, 1)
    await charger.presentToken(1, 'TAG-1')
    await quiet()
    await rebooted(setting)
    assert.equal(server.last('BootNotification')['reason'], 'ScheduledReset')
    assert.equal(events(setting).at(-1)?.transactionInfo.stoppedReason, 'Local')
  })

  test(`a reset when idle happens at once on an idle ${version} charger`, async (t) => {
    const setting = await scene(t, { version })
    await setting.answers('Reset', { type: 'OnIdle' }, 'Accepted')
    await rebooted(setting)
  })

  test(`a ${version} EVSE is reset alone, without a boot`, async (t) => {
    const setting = await scene(t, { version })
    const { answers, charger, pass, server } = setting
    await charge(setting, 2)
    await answers('Reset', { type: 'Immediate', evseId: 9 }, 'Rejected')
    await answers('Reset', { type: 'Immediate', evseId: 1 }, 'Accepted')
    assert.equal(statusesOf(setting, 1).at(-1), 'Unavailable')
    await pass(3_000)
    assert.equal(statusesOf(setting, 1).at(-1), 'Available')
    await answers('Reset', { type: 'OnIdle', evseId: 2 }, 'Scheduled')
    await charger.presentToken(2, 'TAG-1')
    await pass(3_000)
    assert.deepEqual(statusesOf(setting, 2).slice(-3), ['Occupied', 'Unavailable', 'Occupied'])
    assert.equal(server.calls('BootNotification').length, 1)
    assert.equal(charger.counters.connections, 1)
  })

  test(`availability has three levels on ${version}, is scheduled during a session and survives a reset`, async (t) => {
    const setting = await scene(t, { version })
    const { answers, charger } = setting
    const operationalStatus = 'Inoperative'
    await answers('ChangeAvailability', { evse: { id: 7 }, operationalStatus }, 'Rejected')
    await answers(
      'ChangeAvailability',
      { evse: { id: 2, connectorId: 1 }, operationalStatus },
      'Accepted',
    )
    await answers(
      'ChangeAvailability',
      { evse: { id: 2 }, operationalStatus: 'Operative' },
      'Accepted',
    )
    assert.equal(charger.state.evses[1]?.status, 'Unavailable')
    await charge(setting)
    await answers('ChangeAvailability', { operationalStatus }, 'Scheduled')
    assert.equal(charger.state.evses[0]?.status, 'Occupied')
    await answers('Reset', { type: 'Immediate' }, 'Accepted')
    await rebooted(setting)
    assert.deepEqual(
      [statusesOf(setting, 1).at(-1), statusesOf(setting, 2).at(-1)],
      ['Unavailable', 'Unavailable'],
    )
    await answers('ChangeAvailability', { operationalStatus: 'Operative' }, 'Accepted')
    assert.equal(statusesOf(setting, 1).at(-1), 'Occupied')
    assert.equal(charger.state.evses[1]?.status, 'Unavailable')
  })

  test(`a ${version} charger refuses to unlock during a session`, async (t) => {
    const setting = await scene(t, { version })
    const { answers, charger } = setting
    await charge(setting)
    const unlock = (evseId: number, status: string): Promise<void> =>
      answers('UnlockConnector', { evseId, connectorId: 1 }, status)
    await unlock(1, 'OngoingAuthorizedTransaction')
    await unlock(2, 'Unlocked')
    await unlock(3, 'UnknownConnector')
    charger.jamLock(2)
    await unlock(2, 'UnlockFailed')
  })

  test(`${version} variables are read, written, refused, write-only, or wait for a restart`, async (t) => {
    const { call, server, charger, pass } = await scene(t, { version })
    const at = (path: string): { component: object; variable: object } => {
      const [name, variable] = path.split('.')
      return { component: { name }, variable: { name: variable } }
    }
    const set = await call('SetVariables', {
      setVariableData: [
        { ...at('OCPPCommCtrlr.HeartbeatInterval'), attributeValue: '100' },
        { ...at('OCPPCommCtrlr.HeartbeatInterval'), attributeValue: 'soon' },
        { ...at('SecurityCtrlr.SecurityProfile'), attributeValue: '2' },
        { ...at('NoCtrlr.Thing'), attributeValue: '1' },
        { ...at('TxCtrlr.Nothing'), attributeValue: '1' },
        { ...at('LabCtrlr.DisplayLanguage'), attributeValue: 'de' },
        { ...at('LabCtrlr.ServicePin'), attributeValue: '1234' },
      ],
    })
    assert.ok('result' in set)
    const results = set.result['setVariableResult'] as { attributeStatus: string }[]
    assert.deepEqual(
      results.map(({ attributeStatus }) => attributeStatus),
      [
        'Accepted',
        'Rejected',
        'Rejected',
        'UnknownComponent',
        'UnknownVariable',
        'RebootRequired',
        'Accepted',
      ],
    )
    const get = await call('GetVariables', {
      getVariableData: [
        at('OCPPCommCtrlr.HeartbeatInterval'),
        at('LabCtrlr.DisplayLanguage'),
        at('LabCtrlr.ServicePin'),
        { component: { name: 'EVSE', evse: { id: 2 } }, variable: { name: 'AvailabilityState' } },
        { ...at('LabCtrlr.DisplayLanguage'), attributeType: 'Target' },
      ],
    })
    assert.ok('result' in get)
    const values = get.result['getVariableResult'] as {
      attributeStatus: string
      attributeValue?: string
    }[]
    assert.deepEqual(
      values.map(({ attributeStatus, attributeValue }) => attributeValue ?? attributeStatus),
      ['100', 'de', 'Rejected', 'Available', 'NotSupportedAttributeType'],
    )
    assert.equal(charger.setting('LabCtrlr.DisplayLanguage'), 'en')
    await pass(100_000)
    assert.equal(server.calls('Heartbeat').length, 1)
    const many = Array.from({ length: 21 }, () => at('OCPPCommCtrlr.HeartbeatInterval'))
    const refused = await call('GetVariables', { getVariableData: many })
    assert.equal('error' in refused && refused.error, 'OccurrenceConstraintViolation')
  })

  test(`a ${version} base report comes in pages`, async (t) => {
    const { server, answers, quiet } = await scene(t, { version })
    await answers('GetBaseReport', { requestId: 5, reportBase: 'FullInventory' }, 'Accepted')
    await server.until(() => server.last('NotifyReport')['tbc'] === false)
    await quiet()
    const pages = server.calls('NotifyReport').map(({ payload }) => payload)
    assert.ok(pages.length > 3)
    assert.deepEqual(
      pages.map(({ seqNo }) => seqNo),
      pages.map((_, index) => index),
    )
    assert.ok(pages.every(({ requestId }) => requestId === 5))
    const report = { requestId: 6, componentVariable: [{ component: { name: 'TxCtrlr' } }] }
    await answers('GetReport', report, 'Accepted')
    await server.until(() => server.last('NotifyReport')['requestId'] === 6)
    await answers(
      'GetReport',
      { requestId: 7, componentVariable: [{ component: { name: 'X' } }] },
      'EmptyResultSet',
    )
  })

  test(`what happened offline is told by ${version} with the offline mark`, async (t) => {
    const setting = await scene(t, {
      version,
      settings: { 'AuthCtrlr.OfflineTxForUnknownIdEnabled': 'true' },
    })
    const { server, charger, clock, pass } = setting
    charger.goOffline()
    await server.until(() => !server.isConnected('CP 1'))
    charger.plugIn(1)
    await charger.presentToken(1, 'OFF')
    await clock.advance(60_000)
    charger.goOnline()
    await charger.until(({ state }) => state.undelivered === 0 && state.connected)
    await pass(60_000)
    assert.deepEqual(
      events(setting).map(({ eventType, offline, seqNo }) => [eventType, offline, seqNo]),
      [
        ['Started', true, 0],
        ['Updated', true, 1],
        ['Updated', undefined, 2],
      ],
    )
    assert.equal(server.calls('BootNotification').length, 1)
  })

  test(`a fault on ${version} is a status and an event`, async (t) => {
    const { server, charger, quiet } = await scene(t, { version })
    charger.fault(2, 'GroundFailure')
    await quiet()
    assert.equal(server.last('StatusNotification')['connectorStatus'], 'Faulted')
    const [event] = server.last('NotifyEvent')['eventData'] as { techCode: string }[]
    assert.equal(event?.techCode, 'GroundFailure')
  })

  test(`a ${version} session may start with the authorisation and time out without a cable`, async (t) => {
    const setting = await scene(t, { version, settings: { 'TxCtrlr.TxStartPoint': 'Authorized' } })
    const { answers, pass } = setting
    const start = { evseId: 1, remoteStartId: 8, idToken: { idToken: 'R', type: 'Central' } }
    await answers('RequestStartTransaction', start, 'Accepted')
    await pass(60_000)
    assert.deepEqual(told(setting), [
      ['Started', 'RemoteStart', 0],
      ['Updated', 'MeterValuePeriodic', 1],
      ['Ended', 'EVConnectTimeout', 2],
    ])
  })

  test(`a ${version} session may start with the cable and be joined by the remote start`, async (t) => {
    const setting = await scene(t, { version, settings: { 'TxCtrlr.TxStartPoint': 'EVConnected' } })
    const { call, charger, quiet } = setting
    charger.plugIn(1)
    await quiet()
    const start = { evseId: 1, remoteStartId: 8, idToken: { idToken: 'R', type: 'Central' } }
    const answer = await call('RequestStartTransaction', start)
    await quiet()
    const [started, joined] = events(setting)
    assert.deepEqual(answer, {
      result: { status: 'Accepted', transactionId: started?.transactionInfo.transactionId },
    })
    assert.deepEqual(
      [
        joined?.triggerReason,
        joined?.transactionInfo.remoteStartId,
        joined?.transactionInfo.chargingState,
      ],
      ['RemoteStart', 8, 'Charging'],
    )
  })

  test(`${version} profiles limit the session they name and are reported`, async (t) => {
    const setting = await scene(t, { version })
    const { answers, charger, server, call } = setting
    await charge(setting)
    const chargingProfile = {
      id: 3,
      stackLevel: 1,
      chargingProfilePurpose: 'TxProfile',
      chargingProfileKind: 'Relative',
      transactionId: charger.state.evses[0]?.transaction?.id,
      chargingSchedule: [
        { id: 1, chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 4000 }] },
      ],
    }
    await answers('SetChargingProfile', { evseId: 2, chargingProfile }, 'Rejected')
    await answers('SetChargingProfile', { evseId: 1, chargingProfile }, 'Accepted')
    assert.equal(charger.state.evses[0]?.watts, 4000)
    await answers('GetChargingProfiles', { requestId: 1, chargingProfile: {} }, 'Accepted')
    assert.equal((await server.hears('ReportChargingProfiles'))['evseId'], 1)
    const composite = await call('GetCompositeSchedule', { evseId: 1, duration: 60 })
    assert.ok('result' in composite)
    await charger.presentToken(1, 'TAG-1')
    await answers('GetChargingProfiles', { requestId: 2, chargingProfile: {} }, 'NoProfiles')
  })

  test(`a ${version} charger triggers messages, but no boot once accepted`, async (t) => {
    const { answers, server } = await scene(t, { version })
    await answers('TriggerMessage', { requestedMessage: 'BootNotification' }, 'Rejected')
    await answers('TriggerMessage', { requestedMessage: 'TransactionEvent' }, 'Rejected')
    await answers(
      'TriggerMessage',
      { requestedMessage: 'MeterValues', evse: { id: 2 } },
      'Accepted',
    )
    assert.equal((await server.hears('MeterValues'))['evseId'], 2)
  })
}

test('a 2.1 reset that resumes sessions ends none of them', async (t) => {
  const setting = await scene(t, { version: '2.1' })
  const { answers, charger } = setting
  await charge(setting)
  await answers('Reset', { type: 'ImmediateAndResume' }, 'Accepted')
  await rebooted(setting)
  assert.deepEqual(told(setting), [
    ['Started', 'Authorized', 0],
    ['Updated', 'ResetCommand', 1],
    ['Updated', 'TxResumed', 2],
  ])
  assert.equal(charger.state.evses[0]?.watts, 11_000)
})

test('a 2.0.1 charger does not know how to resume', async (t) => {
  const { call, charger } = await scene(t, { version: '2.0.1' })
  const answer = await call('Reset', { type: 'ImmediateAndResume' })
  assert.equal('error' in answer && answer.error, 'FormatViolation')
  assert.equal(charger.counters.invalid, 1)
})

test('a rejected 2.0.1 charger answers with SecurityError', async (t) => {
  const { server, charger, clock, call } = await scene(t, { version: '2.0.1', booted: false })
  const currentTime = new Date(clock.now()).toISOString()
  server.reply('BootNotification', { status: 'Rejected', currentTime, interval: 600 })
  await charger.start()
  await charger.until(({ state }) => state.boot === 'rejected')
  const answer = await call('GetLocalListVersion')
  assert.equal('error' in answer && answer.error, 'SecurityError')
})

test('a new 2.0.1 password is used for the next handshake', async (t) => {
  const { server, call, clock } = await scene(t, { version: '2.0.1', password: 'first' })
  const attributeValue = 'second-password-1'
  await call('SetVariables', {
    setVariableData: [
      {
        component: { name: 'SecurityCtrlr' },
        variable: { name: 'BasicAuthPassword' },
        attributeValue,
      },
    ],
  })
  await server.until(() => !server.isConnected('CP 1'))
  await clock.advance(2_000)
  await server.until(() => server.handshakes.length === 2 && server.isConnected('CP 1'))
  const { authorization = '' } = server.handshakes[1] ?? {}
  assert.equal(Buffer.from(authorization.slice(6), 'base64').toString(), `CP 1:${attributeValue}`)
})
