import assert from 'node:assert/strict'
import { conformance, status } from './kit.ts'
import type { House, ScriptedCharger } from './kit.ts'
import { charging, ends, idTag, now } from './words-16.ts'
import type { IdTagInfo } from './words-16.ts'

interface Session {
  readonly state: string
  readonly stopReason: string | null
  readonly token: string | null
}

async function sessionsOf(house: House, charger: ScriptedCharger): Promise<Session[]> {
  const { body } = await house.owner('GET', `/sessions?charger=${charger.identity}`)
  return (body as { items: Session[] }).items
}

const booting = {
  chargePointVendor: 'Script',
  chargePointModel: 'One',
  firmwareVersion: '1.0',
} as const

conformance('1.6', 'sessions', (house, conforms) => {
  conforms('TC_001_CSMS ColdBootChargePoint', async () => {
    const charger = await house.charger({ booted: false })
    const answer = await charger.say<{ status: string; interval: number; currentTime: string }>(
      'BootNotification',
      booting,
    )
    assert.equal(answer.status, 'Accepted')
    assert.ok(answer.interval > 0)
    assert.ok(Math.abs(Date.parse(answer.currentTime) - Date.now()) < 60_000)
    await status(charger, '1.6', 'Available', 0)
    await status(charger, '1.6', 'Available', 1)
    assert.equal((await charger.shown())['bootState'], 'accepted')
  })

  conforms('TC_003_CSMS RegularChargingSession_PluginFirst', async () => {
    const charger = await house.charger()
    await status(charger, '1.6', 'Preparing')
    const { idTagInfo } = await charger.say<IdTagInfo>('Authorize', { idTag })
    assert.equal(idTagInfo.status, 'Accepted')
    const transaction = await charging(charger)
    await ends(charger, transaction, 'Local')
    const [session] = await sessionsOf(house, charger)
    assert.deepEqual(
      [session?.state, session?.stopReason, session?.token],
      ['ended', 'Local', idTag],
    )
  })

  conforms('TC_004_1_CSMS RegularChargingSession_IdentificationFirst', async () => {
    const charger = await house.charger()
    await charger.say('Authorize', { idTag })
    const transaction = await charging(charger)
    await ends(charger, transaction, 'Local')
    assert.equal((await sessionsOf(house, charger))[0]?.state, 'ended')
  })

  conforms(
    'TC_004_2_CSMS RegularChargingSession_IdentificationFirst_ConnectionTimeout',
    async () => {
      const charger = await house.charger()
      await charger.say('Authorize', { idTag })
      await status(charger, '1.6', 'Preparing')
      await status(charger, '1.6', 'Available')
      assert.deepEqual(await sessionsOf(house, charger), [])
    },
  )

  conforms('TC_005_1_CSMS EVSideDisconnected_StopTransactionAndUnlock', async () => {
    const charger = await house.charger()
    const transaction = await charging(charger)
    await ends(charger, transaction, 'EVDisconnected')
    assert.equal((await sessionsOf(house, charger))[0]?.stopReason, 'EVDisconnected')
  })

  conforms('TC_007_CSMS RegularStartChargingSession_CachedId', async () => {
    const charger = await house.charger()
    // The tag is in the charger's cache, so it does not ask before it starts.
    const transaction = await charging(charger)
    await ends(charger, transaction, 'Local')
    assert.equal((await sessionsOf(house, charger))[0]?.state, 'ended')
  })

  conforms('TC_032_1_CSMS PowerFailureBoot_StopTransactions', async () => {
    const charger = await house.charger()
    const transaction = await charging(charger)
    await charger.say('BootNotification', booting)
    await ends(charger, transaction, 'PowerLoss')
    assert.equal((await sessionsOf(house, charger))[0]?.stopReason, 'PowerLoss')
  })

  conforms('TC_037_1_CSMS OfflineStartTransaction_ValidIdTag', async () => {
    const charger = await house.charger()
    const before = new Date(Date.now() - 600_000).toISOString()
    const answer = await charger.say<IdTagInfo & { transactionId: number }>('StartTransaction', {
      connectorId: 1,
      idTag,
      meterStart: 0,
      timestamp: before,
    })
    assert.equal(answer.idTagInfo.status, 'Accepted')
    assert.ok(answer.transactionId > 0)
    const [session] = await sessionsOf(house, charger)
    assert.equal(session?.state, 'running')
  })

  conforms('TC_039_CSMS OfflineTransaction', async () => {
    const charger = await house.charger()
    const at = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString()
    const { transactionId } = await charger.say<{ transactionId: number }>('StartTransaction', {
      connectorId: 1,
      idTag,
      meterStart: 0,
      timestamp: at(30),
    })
    await charger.say('StopTransaction', {
      transactionId,
      meterStop: 50,
      timestamp: at(10),
      reason: 'Local',
    })
    const [session] = await sessionsOf(house, charger)
    assert.equal(session?.state, 'ended')
  })

  conforms('TC_064_CSMS DataTransferToCentralSystem', async () => {
    const charger = await house.charger()
    const answer = await charger.say('DataTransfer', { vendorId: 'nobody.we.know' })
    assert.equal(answer['status'], 'UnknownVendorId')
  })
})

conformance('1.6', 'remote control', (house, conforms) => {
  conforms('TC_010_CSMS RemoteStartChargingSession_CablePluggedInFirst', async () => {
    const charger = await house.charger()
    await status(charger, '1.6', 'Preparing')
    const ended = charger.command('session.start', { token: idTag, connector: 1 })
    const asked = await charger.receives('RemoteStartTransaction')
    assert.deepEqual(asked.payload, { idTag, connectorId: 1 })
    asked.answer({ status: 'Accepted' })
    await charging(charger)
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_011_1_CSMS RemoteStartChargingSession_RemoteStartFirst', async () => {
    const charger = await house.charger()
    const ended = charger.command('session.start', { token: idTag, connector: 1 })
    const asked = await charger.receives('RemoteStartTransaction')
    asked.answer({ status: 'Accepted' })
    const { idTagInfo } = await charger.say<IdTagInfo>('Authorize', { idTag })
    assert.equal(idTagInfo.status, 'Accepted')
    await charging(charger)
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_011_2_CSMS RemoteStartChargingSession_Timeout', async () => {
    const charger = await house.charger()
    await charger.submit('session.start', { token: idTag, connector: 1 })
    const asked = await charger.receives('RemoteStartTransaction')
    asked.answer({ status: 'Accepted' })
    await status(charger, '1.6', 'Preparing')
    await status(charger, '1.6', 'Available')
    assert.deepEqual(await sessionsOf(house, charger), [])
  })

  conforms('TC_012_CSMS RemoteStopChargingSession', async () => {
    const charger = await house.charger()
    const transactionId = await charging(charger)
    const ended = charger.command('session.stop')
    const asked = await charger.receives('RemoteStopTransaction')
    assert.deepEqual(asked.payload, { transactionId })
    asked.answer({ status: 'Accepted' })
    await ends(charger, transactionId, 'Remote')
    assert.equal((await ended).state, 'succeeded')
  })

  for (const [name, mode, type] of [
    ['TC_013_CSMS HardReset', 'now', 'Hard'],
    ['TC_014_CSMS SoftReset', 'after-stopping-sessions', 'Soft'],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('charger.reset', { mode })
      const asked = await charger.receives('Reset')
      assert.deepEqual(asked.payload, { type })
      asked.answer({ status: 'Accepted' })
      await charger.say('BootNotification', booting)
      assert.equal((await ended).state, 'succeeded')
    })

  conforms('TC_017_1_CSMS UnlockConnector_NoTransaction_NotFixedCable', async () => {
    const charger = await house.charger()
    await status(charger, '1.6', 'Finishing')
    const ended = charger.command('connector.unlock', { connector: 1 })
    const asked = await charger.receives('UnlockConnector')
    assert.deepEqual(asked.payload, { connectorId: 1 })
    asked.answer({ status: 'Unlocked' })
    await status(charger, '1.6', 'Available')
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_017_2_CSMS UnlockConnector_NoTransaction_FixedCable', async () => {
    const charger = await house.charger()
    const ended = charger.command('connector.unlock', { connector: 1 })
    const asked = await charger.receives('UnlockConnector')
    asked.answer({ status: 'NotSupported' })
    assert.equal((await ended).state, 'unsupported')
  })

  conforms('TC_018_1_CSMS UnlockConnector_WithChargingSession', async () => {
    const charger = await house.charger()
    const transactionId = await charging(charger)
    const guarded = await charger.command('connector.unlock', { connector: 1 })
    assert.equal(guarded.state, 'refused')
    const ended = charger.command('connector.unlock', { connector: 1, evenWithSession: true })
    const asked = await charger.receives('UnlockConnector')
    asked.answer({ status: 'Unlocked' })
    await ends(charger, transactionId, 'UnlockCommand')
    assert.equal((await ended).state, 'succeeded')
    assert.equal((await sessionsOf(house, charger))[0]?.stopReason, 'UnlockCommand')
  })

  conforms('TC_030_CSMS UnlockConnector_UnlockFailure', async () => {
    const charger = await house.charger()
    const ended = charger.command('connector.unlock', { connector: 1 })
    const asked = await charger.receives('UnlockConnector')
    asked.answer({ status: 'UnlockFailed' })
    assert.equal((await ended).state, 'failed')
  })

  conforms('TC_031_CSMS UnlockConnector_UnknownConnector', async () => {
    const charger = await house.charger()
    const refused = await charger.command('connector.unlock', { connector: 7 })
    assert.equal(refused.state, 'refused')
    assert.match(refused.detail ?? '', /no connector 7/)
  })

  conforms('TC_026_CSMS RemoteStartChargingSession_Rejected', async () => {
    const charger = await house.charger()
    const ended = charger.command('session.start', { token: idTag, connector: 1 })
    const asked = await charger.receives('RemoteStartTransaction')
    asked.answer({ status: 'Rejected' })
    assert.equal((await ended).state, 'refused')
  })

  conforms('TC_028_CSMS RemoteStopTransaction_Rejected', async () => {
    const charger = await house.charger()
    await charging(charger)
    const ended = charger.command('session.stop')
    const asked = await charger.receives('RemoteStopTransaction')
    asked.answer({ status: 'Rejected' })
    assert.equal((await ended).state, 'refused')
  })

  conforms('TC_024_CSMS StartChargingSession_LockFailure', async () => {
    const charger = await house.charger()
    await charger.say('StatusNotification', {
      connectorId: 1,
      errorCode: 'ConnectorLockFailure',
      status: 'Faulted',
      timestamp: now(),
    })
    const { body } = await house.owner('GET', `/faults?charger=${charger.identity}&open=true`)
    const [fault] = (body as { items: { code: string }[] }).items
    assert.equal(fault?.code, 'ConnectorLockFailure')
  })

  conforms('TC_054_CSMS TriggerMessage', async () => {
    const charger = await house.charger()
    for (const [what, requestedMessage, tells] of [
      ['heartbeat', 'Heartbeat', () => charger.say('Heartbeat', {})],
      ['status', 'StatusNotification', () => status(charger, '1.6', 'Available')],
      [
        'meter-values',
        'MeterValues',
        () =>
          charger.say('MeterValues', {
            connectorId: 1,
            meterValue: [{ timestamp: now(), sampledValue: [{ value: '1', context: 'Trigger' }] }],
          }),
      ],
    ] as const) {
      const ended = charger.command('charger.report', { what })
      const asked = await charger.receives('TriggerMessage')
      assert.deepEqual(asked.payload, { requestedMessage })
      asked.answer({ status: 'Accepted' })
      await tells()
      assert.equal((await ended).state, 'succeeded', what)
    }
  })

  conforms('TC_055_CSMS TriggerMessage_Rejected', async () => {
    const charger = await house.charger()
    const ended = charger.command('charger.report', { what: 'heartbeat' })
    const asked = await charger.receives('TriggerMessage')
    asked.answer({ status: 'Rejected' })
    assert.equal((await ended).state, 'refused')
  })
})

conformance('1.6', 'configuration', (house, conforms) => {
  conforms('TC_019_2_CSMS RetrieveSpecificConfigurationKey', async () => {
    const charger = await house.charger()
    const ended = charger.command('settings.read', { keys: ['HeartbeatInterval'] })
    const asked = await charger.receives('GetConfiguration')
    assert.deepEqual(asked.payload, { key: ['HeartbeatInterval'] })
    asked.answer({
      configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }],
      unknownKey: [],
    })
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_019_1_CSMS RetrieveAllConfigurationKeys', async () => {
    const charger = await house.charger()
    const ended = charger.command('settings.read')
    const asked = await charger.receives('GetConfiguration')
    assert.deepEqual(asked.payload, {})
    asked.answer({
      configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }],
    })
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_021_CSMS ChangeSetConfiguration', async () => {
    const charger = await house.charger()
    const ended = charger.command('settings.write', {
      key: 'MeterValueSampleInterval',
      value: '60',
    })
    const asked = await charger.receives('ChangeConfiguration')
    assert.deepEqual(asked.payload, { key: 'MeterValueSampleInterval', value: '60' })
    asked.answer({ status: 'Accepted' })
    const readBack = await charger.receives('GetConfiguration')
    readBack.answer({
      configurationKey: [{ key: 'MeterValueSampleInterval', readonly: false, value: '60' }],
    })
    assert.equal((await ended).state, 'succeeded')
  })

  for (const [name, word, state] of [
    ['TC_040_1_CSMS ConfigurationKeys_NotSupported', 'NotSupported', 'unsupported'],
    ['TC_040_2_CSMS ConfigurationKeys_InvalidValue', 'Rejected', 'refused'],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('settings.write', { key: 'NoSuchKey', value: '-1' })
      const asked = await charger.receives('ChangeConfiguration')
      asked.answer({ status: word })
      assert.equal((await ended).state, state)
    })

  conforms('TC_061_CSMS ClearAuthorizationDataInAuthorizationCache', async () => {
    const charger = await house.charger()
    const ended = charger.command('tokens.clear-cache')
    const asked = await charger.receives('ClearCache')
    assert.deepEqual(asked.payload, {})
    asked.answer({ status: 'Accepted' })
    // Nothing shows that it was cleared.
    assert.equal((await ended).state, 'accepted-unverified')
  })
})
