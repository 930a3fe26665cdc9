import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InboundRule } from './boot-rules.ts'
import { askedActions, inboundRule, outboundRefusal } from './boot-rules.ts'
import type { BootState } from './protocol.ts'
import type { Version } from '../ocpp/versions.ts'

test('what a charger may send depends on its registration', () => {
  const table: [Version, BootState, action: string, asked: boolean, InboundRule][] = [
    ['1.6', 'unknown', 'StatusNotification', false, 'take'],
    ['1.6', 'accepted', 'StatusNotification', false, 'take'],
    ['1.6', 'pending', 'BootNotification', false, 'take'],
    ['1.6', 'pending', 'StatusNotification', false, 'take-and-record'],
    ['1.6', 'pending', 'StatusNotification', true, 'take'],
    ['1.6', 'rejected', 'Heartbeat', false, 'take-and-record'],
    ['2.0.1', 'unknown', 'TransactionEvent', false, 'take'],
    ['2.0.1', 'pending', 'BootNotification', false, 'take'],
    ['2.0.1', 'pending', 'TransactionEvent', false, 'refuse'],
    ['2.0.1', 'pending', 'NotifyReport', true, 'take'],
    ['2.0.1', 'rejected', 'NotifyReport', true, 'refuse'],
    ['2.1', 'rejected', 'Heartbeat', false, 'refuse'],
    ['2.1', 'rejected', 'BootNotification', false, 'take'],
  ]
  for (const [version, state, action, asked, rule] of table)
    assert.equal(inboundRule(version, state, action, asked), rule, `${version} ${state} ${action}`)
})

test('what we may send depends on it as well', () => {
  const trigger = (requestedMessage: string) => ({ requestedMessage })
  const table: [BootState, action: string, payload: object, allowed: boolean][] = [
    ['unknown', 'RemoteStartTransaction', {}, true],
    ['accepted', 'RequestStopTransaction', {}, true],
    ['pending', 'RemoteStartTransaction', {}, false],
    ['pending', 'RemoteStopTransaction', {}, false],
    ['pending', 'RequestStartTransaction', {}, false],
    ['pending', 'GetBaseReport', {}, true],
    ['pending', 'TriggerMessage', trigger('StatusNotification'), true],
    ['rejected', 'GetConfiguration', {}, false],
    ['rejected', 'TriggerMessage', trigger('Heartbeat'), false],
    ['rejected', 'TriggerMessage', trigger('BootNotification'), true],
    ['rejected', 'ExtendedTriggerMessage', trigger('BootNotification'), true],
  ]
  for (const [state, action, payload, allowed] of table)
    assert.equal(
      outboundRefusal(state, action, payload) === undefined,
      allowed,
      `${state} ${action}`,
    )
})

test('a CALL of ours says which messages it brings', () => {
  const table: [action: string, payload: unknown, asked: string[]][] = [
    ['TriggerMessage', { requestedMessage: 'BootNotification' }, ['BootNotification']],
    ['TriggerMessage', { requestedMessage: 'SignChargingStationCertificate' }, ['SignCertificate']],
    [
      'ExtendedTriggerMessage',
      { requestedMessage: 'SignChargePointCertificate' },
      ['SignCertificate'],
    ],
    ['TriggerMessage', { requestedMessage: 'CustomTrigger' }, []],
    ['TriggerMessage', { requestedMessage: 'constructor' }, ['constructor']],
    ['TriggerMessage', null, []],
    ['GetBaseReport', { requestId: 1 }, ['NotifyReport']],
    ['Reset', { type: 'Soft' }, []],
  ]
  for (const [action, payload, asked] of table)
    assert.deepEqual(askedActions(action, payload), asked, JSON.stringify([action, payload]))
})
