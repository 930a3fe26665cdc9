import assert from 'node:assert/strict'
import { conformance, status } from './kit.ts'
import type { ScriptedCharger } from './kit.ts'
import { assigned, changeList, longAgo, tokenList } from './token-lists.ts'
import { ends, idTag, now } from './words-16.ts'
import type { IdTagInfo } from './words-16.ts'

conformance('1.6', 'authorisation', (house, conforms) => {
  for (const [name, token, word] of [
    ['TC_023_1_CSMS StartChargingSession_AuthorizeInvalid', undefined, 'Invalid'],
    [
      'TC_023_2_CSMS StartChargingSession_AuthorizeExpired',
      { token: idTag, validUntil: longAgo },
      'Expired',
    ],
    [
      'TC_023_3_CSMS StartChargingSession_AuthorizeBlocked',
      { token: idTag, status: 'blocked' },
      'Blocked',
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      await assigned(house, charger, token === undefined ? [] : [token])
      const { idTagInfo } = await charger.say<IdTagInfo>('Authorize', { idTag })
      assert.equal(idTagInfo.status, word)
    })

  conforms('TC_037_3_CSMS OfflineStartTransaction_InvalidIdTag_StopOnInvalidTrue', async () => {
    const charger = await house.charger()
    await assigned(house, charger, [])
    const answer = await charger.say<IdTagInfo & { transactionId: number }>('StartTransaction', {
      connectorId: 1,
      idTag,
      meterStart: 0,
      timestamp: new Date(Date.now() - 60_000).toISOString(),
    })
    assert.equal(answer.idTagInfo.status, 'Invalid')
    await ends(charger, answer.transactionId, 'DeAuthorized')
    const { body } = await house.owner('GET', `/sessions?charger=${charger.identity}`)
    const [session] = (body as { items: { state: string; stopReason: string }[] }).items
    assert.deepEqual([session?.state, session?.stopReason], ['ended', 'DeAuthorized'])
  })
})

interface SentList {
  readonly listVersion: number
  readonly updateType: string
  readonly localAuthorizationList?: readonly { readonly idTag: string }[]
}

async function pushed(charger: ScriptedCharger, list: string, held: number): Promise<SentList> {
  const ended = charger.command('tokens.push', { list })
  const before = await charger.receives('GetLocalListVersion')
  before.answer({ listVersion: held })
  const asked = await charger.receives<SentList>('SendLocalList')
  asked.answer({ status: 'Accepted' })
  const after = await charger.receives('GetLocalListVersion')
  after.answer({ listVersion: asked.payload.listVersion })
  assert.equal((await ended).state, 'succeeded')
  return asked.payload
}

conformance('1.6', 'local authorisation list', (house, conforms) => {
  for (const [name, listVersion] of [
    ['TC_042_1_CSMS GetLocalListVersion_NotSupported', -1],
    ['TC_042_2_CSMS GetLocalListVersion_Empty', 0],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('tokens.version')
      const asked = await charger.receives('GetLocalListVersion')
      asked.answer({ listVersion })
      assert.deepEqual((await ended).result, { version: listVersion })
    })

  for (const [name, word, states] of [
    [
      'TC_043_1_CSMS SendLocalAuthorizationList_NotSupported',
      'NotSupported',
      ['unsupported', 'failed'],
    ],
    ['TC_043_3_CSMS SendLocalAuthorizationList_Failed', 'Failed', ['refused', 'failed']],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const list = await tokenList(house, [{ token: 'ONE' }])
      const ended = charger.command('tokens.push', { list })
      const before = await charger.receives('GetLocalListVersion')
      before.answer({ listVersion: 0 })
      const asked = await charger.receives('SendLocalList')
      asked.answer({ status: word })
      const { state } = await ended
      assert.ok((states as readonly string[]).includes(state), state)
    })

  conforms('TC_043_4_CSMS SendLocalAuthorizationList_Full', async () => {
    const charger = await house.charger()
    const list = await tokenList(house, [{ token: 'ONE' }, { token: 'TWO' }])
    const sent = await pushed(charger, list, 0)
    assert.equal(sent.updateType, 'Full')
    assert.equal(sent.localAuthorizationList?.length, 2)
  })

  conforms('TC_043_5_CSMS SendLocalAuthorizationList_Differential', async () => {
    const charger = await house.charger()
    const list = await tokenList(
      house,
      ['ONE', 'THREE', 'FOUR', 'FIVE'].map((token) => ({ token })),
    )
    const first = await pushed(charger, list, 0)
    await changeList(house, list, { put: [{ token: 'TWO' }], remove: ['ONE'] })
    const second = await pushed(charger, list, first.listVersion)
    assert.equal(second.updateType, 'Differential')
    assert.deepEqual(second.localAuthorizationList?.map((one) => one.idTag).sort(), ['ONE', 'TWO'])
  })
})

interface GetDiagnostics {
  readonly location: string
}

conformance('1.6', 'diagnostics', (house, conforms) => {
  conforms('TC_045_1_CSMS GetDiagnostics', async () => {
    const charger = await house.charger()
    const ended = charger.command('diagnostics.fetch')
    const asked = await charger.receives<GetDiagnostics>('GetDiagnostics')
    asked.answer({ fileName: 'diag.txt' })
    await charger.say('DiagnosticsStatusNotification', { status: 'Uploading' })
    const { location } = asked.payload
    const stored = await fetch(`${location}/diag.txt`, { method: 'PUT', body: 'all is well' })
    assert.ok(stored.ok)
    await charger.say('DiagnosticsStatusNotification', { status: 'Uploaded' })
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_045_2_CSMS GetDiagnostics_UploadFailed', async () => {
    const charger = await house.charger()
    const ended = charger.command('diagnostics.fetch')
    const asked = await charger.receives<GetDiagnostics>('GetDiagnostics')
    asked.answer({ fileName: 'diag.txt' })
    await charger.say('DiagnosticsStatusNotification', { status: 'Uploading' })
    await charger.say('DiagnosticsStatusNotification', { status: 'UploadFailed' })
    assert.equal((await ended).state, 'failed')
  })

  conforms('TC_079_CSMS GetSecurityLog', async () => {
    const charger = await house.charger()
    const ended = charger.command('security-log.fetch')
    const asked = await charger.receives<{
      logType: string
      requestId: number
      log: { remoteLocation: string }
    }>('GetLog')
    const { logType, requestId, log } = asked.payload
    assert.equal(logType, 'SecurityLog')
    asked.answer({ status: 'Accepted', filename: 'security.txt' })
    await charger.say('LogStatusNotification', { status: 'Uploading', requestId })
    await fetch(`${log.remoteLocation}/security.txt`, { method: 'PUT', body: 'nothing' })
    await charger.say('LogStatusNotification', { status: 'Uploaded', requestId })
    assert.equal((await ended).state, 'succeeded')
  })

  for (const [name, type] of [
    ['TC_078_CSMS InvalidCentralSystemCertificateSecurityEvent', 'InvalidCentralSystemCertificate'],
    ['TC_077_CSMS InvalidChargePointCertificateSecurityEvent', 'InvalidChargePointCertificate'],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      await charger.say('SecurityEventNotification', { type, timestamp: now() })
      const { body } = await house.owner('GET', `/chargers/${charger.identity}/notices`)
      const [notice] = (body as { items: { kind: string; detail: { type?: string } }[] }).items
      assert.equal(notice?.kind, 'security.event')
      assert.match(JSON.stringify(notice?.detail), new RegExp(type))
    })

  conforms('TC_085_CSMS BasicAuthenticationValidCredentials', async () => {
    const charger = await house.charger()
    await status(charger, '1.6', 'Available')
    assert.equal((await charger.shown())['connected'], true)
  })

  conforms('TC_088_CSMS WebSocketSubprotocolNegotiation', async () => {
    const charger = await house.charger()
    assert.equal(charger.wire.socket.protocol, 'ocpp1.6')
  })
})
