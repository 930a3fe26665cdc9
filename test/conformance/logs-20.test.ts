import assert from 'node:assert/strict'
import { conformance } from './kit.ts'
import type { Received, ScriptedCharger } from './kit.ts'

interface GetLog {
  readonly logType: string
  readonly requestId: number
  readonly log: { readonly remoteLocation: string }
}

/** Does what the charger was asked: uploads, and tells how far it is. */
async function uploads(charger: ScriptedCharger, asked: Received<GetLog>): Promise<void> {
  const { requestId, log } = asked.payload
  asked.answer({ status: 'Accepted', filename: 'log.txt' })
  await charger.say('LogStatusNotification', { status: 'Uploading', requestId })
  const stored = await fetch(`${log.remoteLocation}/log.txt`, { method: 'PUT', body: 'a log' })
  assert.ok(stored.ok, String(stored.status))
  await charger.say('LogStatusNotification', { status: 'Uploaded', requestId })
}

conformance('2.0.1', 'logs', (house, conforms) => {
  conforms('TC_N_25_CSMS Retrieve Log Information - Diagnostics Log - Success', async () => {
    const charger = await house.charger()
    const ended = charger.command('diagnostics.fetch')
    const asked = await charger.receives<GetLog>('GetLog')
    assert.equal(asked.payload.logType, 'DiagnosticsLog')
    await uploads(charger, asked)
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_N_34_CSMS Retrieve Log Information - Rejected', async () => {
    const charger = await house.charger()
    const ended = charger.command('diagnostics.fetch')
    const asked = await charger.receives<GetLog>('GetLog')
    asked.answer({ status: 'Rejected' })
    assert.equal((await ended).state, 'refused')
  })

  conforms('TC_N_35_CSMS Retrieve Log Information - Security Log - Success', async () => {
    const charger = await house.charger()
    const ended = charger.command('security-log.fetch')
    const asked = await charger.receives<GetLog>('GetLog')
    assert.equal(asked.payload.logType, 'SecurityLog')
    await uploads(charger, asked)
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_N_36_CSMS Retrieve Log Information - Second Request', async () => {
    const charger = await house.charger()
    const first = charger.command('diagnostics.fetch')
    const one = await charger.receives<GetLog>('GetLog')
    one.answer({ status: 'Accepted', filename: 'one.txt' })
    const second = charger.command('security-log.fetch')
    const two = await charger.receives<GetLog>('GetLog')
    assert.notEqual(two.payload.requestId, one.payload.requestId)
    const { requestId } = one.payload
    two.answer({ status: 'AcceptedCanceled', filename: 'two.txt' })
    await charger.say('LogStatusNotification', { status: 'AcceptedCanceled', requestId })
    assert.equal((await first).state, 'failed')
    const { log, requestId: newer } = two.payload
    await fetch(`${log.remoteLocation}/two.txt`, { method: 'PUT', body: 'another' })
    await charger.say('LogStatusNotification', { status: 'Uploaded', requestId: newer })
    assert.equal((await second).state, 'succeeded')
  })

  for (const [name, what, message] of [
    [
      'TC_F_15_CSMS Trigger message - LogStatusNotification - Idle',
      'log-status',
      'LogStatusNotification',
    ],
    [
      'TC_F_18_CSMS Trigger message - FirmwareStatusNotification - Idle',
      'firmware-status',
      'FirmwareStatusNotification',
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('charger.report', { what })
      const asked = await charger.receives('TriggerMessage')
      assert.deepEqual(asked.payload, { requestedMessage: message })
      asked.answer({ status: 'Accepted' })
      await charger.say(message, { status: 'Idle' })
      assert.equal((await ended).state, 'succeeded')
    })
})
