import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { ConnectionPolicy } from '../gateway/protocol.ts'
import type { ChargerModel } from '../models/profile.ts'
import { resolveProfile } from '../models/profile.ts'
import { heartbeatSeconds, policyFor } from './policy.ts'
import { defaultIntakeSettings as settings } from './settings.ts'

const cases: readonly [string, ChargerModel, Partial<ConnectionPolicy>][] = [
  ['a Mennekes 4Business may take long to answer', mennekes(), { callTimeoutMs: 120_000 }],
  ['an EVBox Elvi is left alone for a second', elvi(), { quietAfterOpenMs: 1_000 }],
  [
    'a Wallbox with firmware 6 is not spoken to before its boot is answered',
    { vendor: 'Wall Box Chargers', model: 'PLP2-M-2-4', firmware: '6.6.12' },
    { awaitBootMs: 20_000, triggerBootAfterMs: 0 },
  ],
  [
    'a Wallbox Pulsar Pro is asked for its boot',
    { vendor: 'Wall Box Chargers', model: 'PPR1-W-2-4', firmware: '6.1.2' },
    { triggerBootAfterMs: 5_000 },
  ],
  [
    'an EVBox Livo on 2.0.1 is left alone after its boot',
    { vendor: 'EVBox', model: 'Livo', protocolVersion: '2.0.1' },
    { quietAfterBootMs: 10_000 },
  ],
  [
    'what a Grizzl-E Smart Connect answers is understood',
    { vendor: 'United Chargers', model: 'Grizzl-E Smart Connect' },
    {
      answerMeanings: [
        { action: 'UnlockConnector', field: 'status', value: 'Accepted', means: 'Unlocked' },
      ],
    },
  ],
  [
    'a SmartEVSE has to write every minute',
    { vendor: 'SmartEVSE', model: 'v3' },
    { heartbeatIntervalSeconds: 60 },
  ],
]

suite('how a connection is held', () => {
  for (const [what, charger, expected] of cases)
    test(what, () => {
      const policy = policyFor('accepted', resolveProfile(charger), settings)
      for (const [name, value] of Object.entries(expected))
        assert.deepEqual(policy[name as keyof ConnectionPolicy], value, name)
    })

  test('is the ordinary way for an ordinary charger', () => {
    const { callTimeoutMs, heartbeatIntervalSeconds, pingIntervalSeconds } = settings
    assert.deepEqual(policyFor('accepted', resolveProfile({ vendor: 'V', model: 'M' }), settings), {
      callTimeoutMs,
      heartbeatIntervalSeconds,
      pingIntervalSeconds,
      triggerBootAfterMs: 0,
    })
  })

  test('a StarCharge is never asked for its boot, not even when it is new', () => {
    const profile = resolveProfile({ vendor: 'StarCharge', model: 'Aurora' })
    assert.equal(policyFor('unknown', profile, settings).triggerBootAfterMs, 0)
    assert.equal(policyFor('unknown', resolveProfile({}), settings).triggerBootAfterMs, 5_000)
  })

  test('a heartbeat is never asked for less often than the operator wants', () => {
    const profile = resolveProfile({ vendor: 'SmartEVSE' })
    assert.equal(heartbeatSeconds(profile, { ...settings, heartbeatIntervalSeconds: 30 }), 30)
  })
})

function mennekes(): ChargerModel {
  return { vendor: 'MENNEKES', model: 'Amtron 4Business 700' }
}

function elvi(): ChargerModel {
  return { vendor: 'EV-BOX', model: 'Elvi' }
}
