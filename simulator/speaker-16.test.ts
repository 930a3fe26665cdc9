import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Scene } from './scene.ts'
import { charge, scene } from './scene.ts'

const version = '1.6' as const

function statusesOf({ server }: Scene, connectorId: number): unknown[] {
  return server
    .calls('StatusNotification')
    .filter(({ payload }) => payload['connectorId'] === connectorId)
    .map(({ payload }) => payload['status'])
}

test('a 1.6 charger boots, tells the status of itself and each connector, and beats at the interval it was told', async (t) => {
  const { server, pass } = await scene(t, { version })
  assert.equal(server.calls('BootNotification').length, 1)
  assert.deepEqual(
    server.calls('StatusNotification').map(({ payload }) => payload['connectorId']),
    [0, 1, 2],
  )
  await pass(299_000)
  assert.equal(server.calls('Heartbeat').length, 0)
  await pass(601_000)
  assert.equal(server.calls('Heartbeat').length, 3)
})

test('a charger kept pending asks again after the interval and sends nothing else', async (t) => {
  const { server, charger, clock, pass, answers } = await scene(t, { version, booted: false })
  const currentTime = new Date(clock.now()).toISOString()
  server.reply('BootNotification', { status: 'Pending', currentTime, interval: 60 })
  await charger.start()
  await server.hears('BootNotification')
  charger.plugIn(1)
  await answers('RemoteStartTransaction', { idTag: 'T' }, 'Rejected')
  await answers(
    'TriggerMessage',
    { requestedMessage: 'StatusNotification', connectorId: 1 },
    'Accepted',
  )
  assert.equal(server.last('StatusNotification')['status'], 'Preparing')
  assert.equal(server.heard.length, 2)
  await pass(60_000)
  assert.equal(server.calls('BootNotification').length, 2)
  server.reply('BootNotification', { status: 'Accepted', currentTime, interval: 60 })
  await pass(60_000)
  assert.equal(charger.state.boot, 'accepted')
})

test('a rejected charger answers nothing but a boot trigger', async (t) => {
  const { server, charger, clock, answers } = await scene(t, { version, booted: false })
  const currentTime = new Date(clock.now()).toISOString()
  server.reply('BootNotification', { status: 'Rejected', currentTime, interval: 600 })
  await charger.start()
  await charger.until(({ state }) => state.boot === 'rejected')
  void server.call('CP 1', 'GetConfiguration', {})
  await charger.until(({ counters }) => counters.ignored === 1)
  await answers('TriggerMessage', { requestedMessage: 'BootNotification' }, 'Accepted')
  await server.hears('BootNotification', 2)
})

test('a driver plugs in, shows a token, charges, and shows it again', async (t) => {
  const setting = await scene(t, { version })
  const { server, charger, pass, quiet } = setting
  await charge(setting)
  assert.deepEqual(statusesOf(setting, 1), ['Available', 'Preparing', 'Charging'])
  await pass(120_000)
  assert.equal(server.calls('MeterValues').length, 2)
  assert.equal(server.last('MeterValues')['transactionId'], 1)
  assert.equal(await charger.presentToken(1, 'tag-1'), true)
  const stop = await server.hears('StopTransaction')
  assert.deepEqual(
    [stop['transactionId'], stop['reason'], stop['idTag'], stop['meterStop']],
    [1, 'Local', 'TAG-1', 367],
  )
  charger.unplug(1)
  await quiet()
  assert.deepEqual(statusesOf(setting, 1).slice(3), ['Finishing', 'Available'])
})

test('a refused token begins nothing', async (t) => {
  const { server, charger } = await scene(t, { version })
  server.reply('Authorize', { idTagInfo: { status: 'Blocked' } })
  charger.plugIn(1)
  assert.equal(await charger.presentToken(1, 'TAG-1'), false)
  assert.equal(server.calls('StartTransaction').length, 0)
})

test('a start answered with an invalid token is ended as deauthorised', async (t) => {
  const setting = await scene(t, { version })
  setting.server.reply('StartTransaction', { transactionId: 9, idTagInfo: { status: 'Invalid' } })
  await charge(setting)
  const stop = await setting.server.hears('StopTransaction')
  assert.deepEqual([stop['transactionId'], stop['reason']], [9, 'DeAuthorized'])
})

test('a remote start with the cable in begins a session, and a remote stop ends it', async (t) => {
  const { server, charger, answers } = await scene(t, { version })
  charger.plugIn(2)
  await answers('RemoteStartTransaction', { idTag: 'R', connectorId: 2 }, 'Accepted')
  const start = await server.hears('StartTransaction')
  assert.deepEqual([start['connectorId'], start['idTag']], [2, 'R'])
  await answers('RemoteStartTransaction', { idTag: 'R', connectorId: 2 }, 'Rejected')
  await answers('RemoteStopTransaction', { transactionId: 77 }, 'Rejected')
  await answers('RemoteStopTransaction', { transactionId: 1 }, 'Accepted')
  assert.equal((await server.hears('StopTransaction'))['reason'], 'Remote')
})

test('a remote start waits for the cable and is forgotten after the connection timeout', async (t) => {
  const setting = await scene(t, { version })
  const { server, charger, answers, pass, quiet } = setting
  await answers('RemoteStartTransaction', { idTag: 'R', connectorId: 1 }, 'Accepted')
  assert.equal(charger.state.evses[0]?.status, 'Preparing')
  await pass(60_000)
  assert.equal(charger.state.evses[0]?.status, 'Available')
  charger.plugIn(1)
  await quiet()
  assert.equal(server.calls('StartTransaction').length, 0)
  await answers('RemoteStartTransaction', { idTag: 'R', connectorId: 1 }, 'Accepted')
  await server.hears('StartTransaction')
})

test('a soft reset ends the sessions first, and boots on a new connection', async (t) => {
  const setting = await scene(t, { version })
  const { server, charger, answers, pass } = setting
  await charge(setting)
  await answers('Reset', { type: 'Soft' }, 'Accepted')
  const stop = await server.hears('StopTransaction')
  assert.equal(stop['reason'], 'SoftReset')
  await server.until(() => !server.isConnected('CP 1'))
  assert.equal(server.calls('BootNotification').length, 1)
  await pass(3_000)
  await charger.until(({ counters }) => counters.boots === 2)
  assert.equal(charger.counters.connections, 2)
  assert.equal(charger.state.evses[0]?.status, 'Preparing')
})

test('a hard reset breaks the line at once and tells the stop after the boot', async (t) => {
  const setting = await scene(t, { version })
  const { server, charger, answers, pass } = setting
  await charge(setting)
  await answers('Reset', { type: 'Hard' }, 'Accepted')
  await server.until(() => !server.isConnected('CP 1'))
  assert.equal(server.calls('StopTransaction').length, 0)
  await pass(3_000)
  const stop = await server.hears('StopTransaction')
  assert.deepEqual([stop['reason'], stop['transactionId']], ['HardReset', 1])
  const order = server.heard.map(({ action }) => action)
  assert.ok(order.lastIndexOf('BootNotification') < order.indexOf('StopTransaction'))
  assert.equal(charger.state.evses[0]?.transaction, undefined)
})

test('a soft reset does not wait for ever for an answer to the stop', async (t) => {
  const setting = await scene(t, { version })
  const { server, charger, clock } = setting
  await charge(setting)
  server.reply('StopTransaction', () => 'silence')
  await setting.call('Reset', { type: 'Soft' })
  await server.hears('StopTransaction')
  await clock.advance(10_000)
  await server.until(() => !server.isConnected('CP 1'))
  server.reply('StopTransaction', {})
  await clock.advance(3_000)
  await charger.until(({ state }) => state.boot === 'accepted' && state.undelivered === 0)
  assert.equal(server.calls('StopTransaction').length, 2)
})

test('availability changes at once when idle, after the session when not, and survives a reset', async (t) => {
  const setting = await scene(t, { version })
  const { charger, answers, pass } = setting
  await answers('ChangeAvailability', { connectorId: 2, type: 'Inoperative' }, 'Accepted')
  await answers('ChangeAvailability', { connectorId: 2, type: 'Inoperative' }, 'Accepted')
  assert.equal(charger.state.evses[1]?.status, 'Unavailable')
  await charge(setting)
  await answers('ChangeAvailability', { connectorId: 1, type: 'Inoperative' }, 'Scheduled')
  assert.equal(charger.state.evses[0]?.status, 'Charging')
  await answers('ChangeAvailability', { connectorId: 9, type: 'Inoperative' }, 'Rejected')
  await answers('RemoteStopTransaction', { transactionId: 1 }, 'Accepted')
  assert.deepEqual(statusesOf(setting, 1).at(-1), 'Unavailable')
  await answers('Reset', { type: 'Hard' }, 'Accepted')
  await setting.server.until(() => !setting.server.isConnected('CP 1'))
  await pass(3_000)
  await charger.until(({ counters }) => counters.boots === 2)
  await setting.quiet()
  assert.equal(statusesOf(setting, 1).at(-1), 'Unavailable')
  await answers('RemoteStartTransaction', { idTag: 'R', connectorId: 1 }, 'Rejected')
  await answers('ChangeAvailability', { connectorId: 0, type: 'Operative' }, 'Accepted')
  assert.equal(charger.state.evses[1]?.status, 'Available')
})

test('the whole charger made inoperative says so on connector 0', async (t) => {
  const setting = await scene(t, { version })
  await setting.answers('ChangeAvailability', { connectorId: 0, type: 'Inoperative' }, 'Accepted')
  for (const connector of [0, 1, 2]) {
    assert.equal(statusesOf(setting, connector).at(-1), 'Unavailable')
  }
})

test('unlocking ends a running session, frees the cable, or fails on a jammed lock', async (t) => {
  const setting = await scene(t, { version, pullsCableAfterUnlockMs: 2_000 })
  const { server, charger, answers, pass } = setting
  await answers('UnlockConnector', { connectorId: 5 }, 'NotSupported')
  await charge(setting)
  await answers('UnlockConnector', { connectorId: 1 }, 'Unlocked')
  assert.equal((await server.hears('StopTransaction'))['reason'], 'UnlockCommand')
  await pass(2_000)
  assert.equal(charger.state.evses[0]?.plugged, false)
  charger.jamLock(2)
  await answers('UnlockConnector', { connectorId: 2 }, 'UnlockFailed')
})

test('a fault ends the session and is told with its code, and again when it clears', async (t) => {
  const setting = await scene(t, { version })
  const { server, charger, quiet } = setting
  await charge(setting)
  charger.fault(1, 'GroundFailure')
  await server.hears('StopTransaction')
  await quiet()
  const { status, errorCode } = server.last('StatusNotification')
  assert.deepEqual([status, errorCode], ['Faulted', 'GroundFailure'])
  charger.clearFault(1)
  await quiet()
  assert.deepEqual(
    [server.last('StatusNotification')['status'], server.last('StatusNotification')['errorCode']],
    ['Finishing', 'NoError'],
  )
})

test('what happens offline is told afterwards, in order, with its own time and without a new boot', async (t) => {
  const setting = await scene(t, { version, settings: { AllowOfflineTxForUnknownId: 'true' } })
  const { server, charger, clock, pass } = setting
  charger.goOffline()
  await server.until(() => !server.isConnected('CP 1'))
  charger.plugIn(1)
  assert.equal(await charger.presentToken(1, 'OFF'), true)
  await clock.advance(60_000)
  await charger.presentToken(1, 'OFF')
  charger.unplug(1)
  await clock.advance(3_600_000)
  assert.equal(server.calls('StartTransaction').length, 0)
  charger.goOnline()
  await charger.until(({ state }) => state.undelivered === 0)
  await pass(1_000)
  assert.equal(server.calls('BootNotification').length, 1)
  const replay = server.heard.filter(({ action }) => /Transaction|MeterValues/.test(action))
  assert.deepEqual(
    replay.map(({ action, payload }) => [action, payload['transactionId'], payload['timestamp']]),
    [
      ['StartTransaction', undefined, '2026-01-01T00:00:00.000Z'],
      ['MeterValues', 1, undefined],
      ['StopTransaction', 1, '2026-01-01T00:01:00.000Z'],
    ],
  )
})

test('a transaction message refused with an error is repeated with growing pauses, then given up', async (t) => {
  const { server, charger, clock, quiet } = await scene(t, { version })
  server.reply('StartTransaction', () => 'error')
  charger.plugIn(1)
  await charger.presentToken(1, 'T')
  await server.hears('StartTransaction', 1)
  await quiet()
  await clock.advance(59_000)
  assert.equal(server.calls('StartTransaction').length, 1)
  await clock.advance(1_000)
  await server.hears('StartTransaction', 2)
  await quiet()
  await clock.advance(120_000)
  await server.hears('StartTransaction', 3)
  await quiet()
  await charger.presentToken(1, 'T')
  assert.equal((await server.hears('StopTransaction'))['transactionId'], -1)
  assert.equal(server.calls('StartTransaction').length, 3)
})

test('settings are stored, refused, unknown, write-only, or wait for a restart', async (t) => {
  const { server, charger, call, answers, pass } = await scene(t, { version })
  const change = (key: string, value: string, status: string): Promise<void> =>
    answers('ChangeConfiguration', { key, value }, status)
  await change('HeartbeatInterval', '100', 'Accepted')
  await change('heartbeatinterval', '120', 'Accepted')
  await change('HeartbeatInterval', 'soon', 'Rejected')
  await change('NumberOfConnectors', '9', 'Rejected')
  await change('NoSuchKey', '1', 'NotSupported')
  await change('LabServicePin', '1234', 'Accepted')
  await change('LabDisplayLanguage', 'de', 'RebootRequired')
  const read = await call('GetConfiguration', {
    key: ['HeartbeatInterval', 'LabServicePin', 'LabDisplayLanguage', 'Nope'],
  })
  assert.deepEqual(read, {
    result: {
      configurationKey: [
        { key: 'HeartbeatInterval', readonly: false, value: '120' },
        { key: 'LabServicePin', readonly: false },
        { key: 'LabDisplayLanguage', readonly: false, value: 'de' },
      ],
      unknownKey: ['Nope'],
    },
  })
  assert.equal(charger.setting('LabDisplayLanguage'), 'en')
  await change('GetConfigurationMaxKeys', '2', 'Accepted')
  const refused = await call('GetConfiguration', { key: ['a', 'b', 'c'] })
  assert.equal('error' in refused && refused.error, 'OccurenceConstraintViolation')
  await pass(120_000)
  assert.equal(server.calls('Heartbeat').length, 1)
  await answers('Reset', { type: 'Soft' }, 'Accepted')
  await server.until(() => !server.isConnected('CP 1'))
  await pass(3_000)
  assert.equal(charger.setting('LabDisplayLanguage'), 'de')
})

test('a new authorization key is used for the next handshake, as the bytes it stands for', async (t) => {
  const { server, charger, answers, clock } = await scene(t, { version, password: 'first' })
  const key = '0001020304050607FFFF0A0B0C0D0E0F'
  await answers('ChangeConfiguration', { key: 'AuthorizationKey', value: key }, 'Accepted')
  await server.until(() => !server.isConnected('CP 1'))
  await clock.advance(2_000)
  await server.until(() => server.handshakes.length === 2 && server.isConnected('CP 1'))
  const [first, second] = server.handshakes.map(({ authorization = '' }) =>
    Buffer.from(authorization.slice(6), 'base64'),
  )
  assert.deepEqual(first, Buffer.from('CP 1:first'))
  assert.deepEqual(second, Buffer.concat([Buffer.from('CP 1:'), Buffer.from(key, 'hex')]))
  assert.equal(charger.counters.boots, 1)
})

test('profiles limit the power, show in the composite schedule, and survive a reset', async (t) => {
  const setting = await scene(t, { version })
  const { charger, call, answers, pass, server } = setting
  await charge(setting)
  const profile = {
    chargingProfileId: 1,
    stackLevel: 0,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Relative',
    chargingSchedule: {
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [
        { startPeriod: 0, limit: 10 },
        { startPeriod: 600, limit: 0 },
      ],
    },
  }
  await answers('SetChargingProfile', { connectorId: 0, csChargingProfiles: profile }, 'Accepted')
  assert.equal(charger.state.evses[0]?.watts, 6900)
  const composite = await call('GetCompositeSchedule', {
    connectorId: 1,
    duration: 900,
    chargingRateUnit: 'A',
  })
  assert.ok('result' in composite)
  const schedule = composite.result['chargingSchedule'] as { chargingSchedulePeriod: unknown }
  assert.deepEqual(schedule.chargingSchedulePeriod, [
    { startPeriod: 0, limit: 10 },
    { startPeriod: 600, limit: 0 },
  ])
  await pass(600_000)
  assert.equal(charger.state.evses[0]?.status, 'SuspendedEVSE')
  const bad = { ...profile, chargingProfilePurpose: 'ChargePointMaxProfile' }
  await answers('SetChargingProfile', { connectorId: 1, csChargingProfiles: bad }, 'Rejected')
  const late = {
    ...profile,
    chargingSchedule: {
      ...profile.chargingSchedule,
      chargingSchedulePeriod: [{ startPeriod: 5, limit: 1 }],
    },
  }
  await answers('SetChargingProfile', { connectorId: 1, csChargingProfiles: late }, 'Rejected')
  const session = { ...profile, chargingProfilePurpose: 'TxProfile' }
  await answers('SetChargingProfile', { connectorId: 2, csChargingProfiles: session }, 'Rejected')
  await answers('Reset', { type: 'Hard' }, 'Accepted')
  await server.until(() => !server.isConnected('CP 1'))
  await pass(3_000)
  await charger.until(({ counters }) => counters.boots === 2)
  await answers('ClearChargingProfile', { id: 1 }, 'Accepted')
  await answers('ClearChargingProfile', { id: 1 }, 'Unknown')
})

test('a reservation keeps the connector for its token until it runs out', async (t) => {
  const setting = await scene(t, { version })
  const { charger, answers, pass, clock } = setting
  const expiryDate = new Date(clock.now() + 60_000).toISOString()
  const reservation = { connectorId: 1, idTag: 'MINE', reservationId: 4, expiryDate }
  await answers('ReserveNow', reservation, 'Accepted')
  assert.equal(charger.state.evses[0]?.status, 'Reserved')
  await answers('ReserveNow', { ...reservation, reservationId: 5 }, 'Occupied')
  await answers('RemoteStartTransaction', { connectorId: 1, idTag: 'OTHER' }, 'Rejected')
  await answers('CancelReservation', { reservationId: 9 }, 'Rejected')
  await pass(60_000)
  assert.equal(charger.state.evses[0]?.status, 'Available')
})

test('the local list is kept by version and decides offline', async (t) => {
  const { server, charger, call, answers } = await scene(t, { version })
  const send = (listVersion: number, updateType: string, status: string): Promise<void> =>
    answers(
      'SendLocalList',
      {
        listVersion,
        updateType,
        localAuthorizationList: [{ idTag: 'KNOWN', idTagInfo: { status: 'Accepted' } }],
      },
      status,
    )
  await send(3, 'Full', 'Accepted')
  await send(3, 'Differential', 'VersionMismatch')
  assert.deepEqual(await call('GetLocalListVersion'), { result: { listVersion: 3 } })
  charger.goOffline()
  await server.until(() => !server.isConnected('CP 1'))
  charger.plugIn(1)
  assert.equal(await charger.presentToken(1, 'UNKNOWN'), false)
  assert.equal(await charger.presentToken(1, 'known'), true)
})

test('messages are triggered, and what cannot be done is honestly refused', async (t) => {
  const { server, call, answers, quiet } = await scene(t, { version })
  for (const requestedMessage of [
    'BootNotification',
    'Heartbeat',
    'MeterValues',
    'DiagnosticsStatusNotification',
  ]) {
    await answers('TriggerMessage', { requestedMessage }, 'Accepted')
    await server.hears(requestedMessage)
  }
  await answers(
    'TriggerMessage',
    { requestedMessage: 'StatusNotification', connectorId: 3 },
    'Rejected',
  )
  const diagnostics = await call('GetDiagnostics', { location: 'http://127.0.0.1:1/y' })
  assert.match('result' in diagnostics ? String(diagnostics.result['fileName']) : '', /\.log$/)
  assert.equal((await server.hears('DiagnosticsStatusNotification', 3))['status'], 'UploadFailed')
  assert.deepEqual(
    await call('UpdateFirmware', {
      location: 'http://127.0.0.1:1/y',
      retrieveDate: '2026-01-01T00:00:00Z',
    }),
    { result: {} },
  )
  assert.equal((await server.hears('FirmwareStatusNotification', 2))['status'], 'DownloadFailed')
  await answers('CertificateSigned', { certificateChain: 'x' }, 'Rejected')
  await quiet()
})
