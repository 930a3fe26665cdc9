import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import type { Capabilities, Capability, CapabilityName } from './capability.ts'
import {
  canDo,
  capabilitySources,
  capabilityValue,
  isCapabilityName,
  knownCapabilities,
  mergeCapabilities,
  whatIsKnown,
} from './capability.ts'
import { ordinaryProfile, resolveProfile } from './profile.ts'

function known(
  value: Capability['value'],
  source: Capability['source'] = 'observed',
  since = 1,
): Capability {
  return { value, source, since, why: `it was ${source}` }
}

const capability = fc.record({
  value: fc.oneof(fc.boolean(), fc.nat()),
  source: fc.constantFrom(...capabilitySources),
  since: fc.nat(5),
  why: fc.constant('because'),
})
const names: readonly CapabilityName[] = ['evses', 'max-stack-level', 'action:Reset']
const capabilities: fc.Arbitrary<Capabilities> = fc.dictionary(
  fc.constantFrom(...names),
  capability,
)

suite('what is known of a charger', () => {
  test('a stronger source stays, of equals the newer counts', () => {
    fc.assert(
      fc.property(capabilities, capabilities, (before, learned) => {
        const merged = mergeCapabilities(before, learned)
        for (const name of names) {
          const candidates = [before[name], learned[name]].filter((one) => one !== undefined)
          const rank = (one: Capability) => capabilitySources.indexOf(one.source)
          const best = Math.min(...candidates.map(rank))
          const newest = Math.max(
            ...candidates.filter((one) => rank(one) === best).map((one) => one.since),
          )
          const chosen = merged[name]
          assert.equal(chosen === undefined, candidates.length === 0)
          if (chosen === undefined) continue
          assert.equal(rank(chosen), best)
          assert.equal(chosen.since, newest)
        }
      }),
    )
  })

  test('learning the same again changes nothing', () => {
    fc.assert(
      fc.property(capabilities, capabilities, (before, learned) => {
        const once = mergeCapabilities(before, learned)
        assert.deepEqual(mergeCapabilities(once, learned), once)
      }),
    )
  })

  test('what the model declares is there, below everything else', () => {
    const grounds = { why: 'a test says so', evidence: ['L#1'], from: 'v/m' }
    const profile = { ...ordinaryProfile, capabilities: { evses: { value: 2, ...grounds } } }
    assert.equal(whatIsKnown({ profile }).get('evses')?.source, 'declared')
    const probed = { evses: known(1, 'probed') }
    assert.deepEqual(knownCapabilities({ profile, capabilities: probed }), probed)
  })

  test('a quirk stands above what the charger wrongly says of itself, and below a person', () => {
    const profile = resolveProfile({ vendor: 'ABB', model: 'CDT_TACW22::NET_WIFI' })
    const level = (own: Capabilities) => knownCapabilities({ profile, capabilities: own })
    const name = 'max-stack-level'
    assert.equal(level({})[name]?.value, 0)
    assert.equal(level({ [name]: known(10, 'probed') })[name]?.value, 0)
    assert.equal(level({ [name]: known(10, 'observed') })[name]?.value, 0)
    assert.equal(level({ [name]: known(10, 'overridden') })[name]?.value, 10)
  })

  test('knowing it again changes nothing', () => {
    const profile = resolveProfile({ vendor: 'EV-BOX', model: 'Elvi' })
    fc.assert(
      fc.property(capabilities, (own) => {
        const once = knownCapabilities({ profile, capabilities: own })
        assert.deepEqual(knownCapabilities({ profile, capabilities: once }), once)
      }),
    )
  })

  test('names are a closed list', () => {
    assert.ok(isCapabilityName('action:RemoteStartTransaction'))
    assert.ok(isCapabilityName('action:SetVariables'))
    assert.ok(isCapabilityName('max-stack-level'))
    for (const wrong of ['action:BootNotification', 'action:', 'Reset', 'toString', ''])
      assert.ok(!isCapabilityName(wrong), wrong)
  })

  test('values have the form of their name', () => {
    assert.equal(capabilityValue('action:Reset', true), true)
    assert.equal(capabilityValue('action:Reset', 'yes'), undefined)
    assert.equal(capabilityValue('evses', 2), 2)
    assert.equal(capabilityValue('evses', -1), undefined)
    assert.deepEqual(capabilityValue('file-protocols', ['FTP']), ['FTP'])
    assert.equal(capabilityValue('file-protocols', 'FTP'), undefined)
  })
})

suite('whether a charger answers an action', () => {
  const cases: readonly [string, Capabilities, string, boolean | 'unknown'][] = [
    ['is unknown where nothing is known', {}, 'Reset', 'unknown'],
    ['is unknown for an action that is none', {}, 'Dance', 'unknown'],
    [
      'is what an answer showed',
      { 'action:UnlockConnector': known(false) },
      'UnlockConnector',
      false,
    ],
    [
      'is what a person said',
      { 'action:UnlockConnector': known(true, 'overridden') },
      'UnlockConnector',
      true,
    ],
    [
      'is no where the charger does not list the feature profile',
      { 'feature-profiles': known(['Core', 'RemoteTrigger'], 'probed') },
      'SetChargingProfile',
      false,
    ],
    [
      'is unknown where it lists the feature profile, in whatever spelling',
      { 'feature-profiles': known(['core,SMARTCHARGING'], 'probed') },
      'SetChargingProfile',
      'unknown',
    ],
    [
      'is unknown where the list cannot be one of feature profiles',
      { 'feature-profiles': known(['yes'], 'probed') },
      'SetChargingProfile',
      'unknown',
    ],
    [
      'is what was seen, whatever the feature profiles say',
      {
        'feature-profiles': known(['Core'], 'probed'),
        'action:SetChargingProfile': known(true),
      },
      'SetChargingProfile',
      true,
    ],
    [
      'is no where the whole feature is lacking',
      { reservation: known(false, 'probed') },
      'ReserveNow',
      false,
    ],
  ]
  for (const [what, capabilities, action, expected] of cases)
    test(what, () => {
      const { can, why } = canDo(capabilities, action)
      assert.equal(can, expected)
      assert.notEqual(why, '')
    })
})
