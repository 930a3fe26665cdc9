import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import type { Asked } from '../../../../test/kit/dialogue.ts'
import { versions } from '../../../ocpp/versions.ts'
import type { Version } from '../../../ocpp/versions.ts'
import type { ReportFacts } from '../../facts.ts'
import { profileClear } from './profile-clear.ts'
import { profileComposite } from './profile-composite.ts'
import { profileList } from './profile-list.ts'

const now = Date.parse('2026-05-05T12:00:00Z')
const fresh = { now, number: 4711 }
const v2 = ['2.0.1', '2.1'] as const

const accepts = (): unknown => ({ status: 'Accepted' })

function report(ids: readonly string[], complete = true): ReportFacts {
  const items = ids.length
  const kind = 'charging-profiles'
  return { kind, requestId: 4711, receivedAt: now, parts: 1, items, complete, missing: [], ids }
}

describe('clearing profiles', () => {
  test('names one by its id, or many by what they have in common', () => {
    const asked = (version: Version, params: object): Asked | undefined =>
      dialogue(profileClear, version, params, () => ({ status: 'Unknown' }), { fresh }).calls[0]
    assert.deepEqual(asked('1.6', { id: 7 })?.payload, { id: 7 })
    assert.deepEqual(asked('1.6', { purpose: 'max', stackLevel: 2 })?.payload, {
      chargingProfilePurpose: 'ChargePointMaxProfile',
      stackLevel: 2,
    })
    assert.deepEqual(asked('2.1', { evse: 1, purpose: 'local-generation' })?.payload, {
      chargingProfileCriteria: { evseId: 1, chargingProfilePurpose: 'LocalGeneration' },
    })
    assert.deepEqual(asked('2.0.1', { everything: true })?.payload, {})
  })

  for (const [params, field] of [
    [{}, 'id'],
    [{ id: 1, stackLevel: 1 }, 'id'],
    [{ everything: true, stackLevel: 1 }, 'everything'],
  ] as const)
    test(`is refused for ${JSON.stringify(params)}`, () =>
      assert.equal(profileClear.check?.(params)?.field, field))

  test('has worked when the charger holds none any more', () => {
    const second = (version: Version, status: string): string | undefined =>
      dialogue(
        profileClear,
        version,
        { id: 7 },
        (_call, index) => ({ status: index === 0 ? 'Accepted' : status }),
        { fresh },
      ).verdict?.meaning
    assert.equal(second('1.6', 'Unknown'), 'done')
    assert.equal(second('1.6', 'Accepted'), 'unverifiable')
    for (const version of v2) {
      assert.equal(second(version, 'NoProfiles'), 'done')
      assert.equal(second(version, 'Accepted'), 'failed')
    }
  })

  test('finds nothing to clear', () => {
    for (const version of versions) {
      const { verdict } = dialogue(profileClear, version, { id: 7 }, () => ({ status: 'Unknown' }))
      assert.equal(verdict?.meaning, 'refused')
    }
  })
})

describe('a list of profiles', () => {
  test('is not to be had on 1.6', () => assert.ok('absent' in profileList.versions['1.6']))

  for (const version of v2)
    test(`on ${version} has come when every part has`, () => {
      const played = dialogue(profileList, version, { evse: 1 }, accepts, { fresh })
      assert.deepEqual(played.calls[0]?.payload, {
        requestId: 4711,
        evseId: 1,
        chargingProfile: {},
      })
      assert.equal(played.look({ reports: [report(['1'], false)] }, now).seen, 'not-yet')
      assert.equal(played.look({ reports: [report(['1'], false)] }, now, true).seen, 'no')
      assert.deepEqual(played.look({ reports: [report(['1', '2'])] }, now), {
        seen: 'yes',
        result: { requestId: 4711, profiles: 2 },
      })
    })
})

test('a composite schedule comes in the same words from every version', () => {
  const from = '2026-05-05T12:00:00.000Z'
  const chargingSchedulePeriod = [
    { startPeriod: 0, limit: 16 },
    { startPeriod: 60, limit: 6, numberPhases: 1 },
  ]
  const told = { chargingRateUnit: 'A', duration: 600, chargingSchedulePeriod }
  for (const version of versions) {
    const answer =
      version === '1.6'
        ? { status: 'Accepted', scheduleStart: from, chargingSchedule: told }
        : { status: 'Accepted', schedule: { ...told, evseId: 1, scheduleStart: from } }
    const { verdict, calls } = dialogue(
      profileComposite,
      version,
      { evse: 1, minutes: 10, unit: 'A' },
      () => answer,
    )
    assert.equal(calls[0]?.payload['duration'], 600)
    assert.deepEqual(verdict?.result, {
      unit: 'A',
      from,
      duration: 600,
      periods: [
        { from, startPeriod: 0, limit: 16, phases: null },
        { from: '2026-05-05T12:01:00.000Z', startPeriod: 60, limit: 6, phases: 1 },
      ],
    })
  }
})
