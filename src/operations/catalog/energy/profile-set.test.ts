import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { listedAs } from '../../listed.ts'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import type { Asked } from '../../../../test/kit/dialogue.ts'
import { sessionFacts } from '../../../../test/kit/facts.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import { ordinaryProfile } from '../../../models/profile.ts'
import type { Version } from '../../../ocpp/versions.ts'
import type { ChargerFacts, ReportFacts } from '../../facts.ts'
import { profileSet } from './profile-set.ts'

const now = Date.parse('2026-05-05T12:00:00Z')
const fresh = { now, number: 4711 }
const charging = { sessions: [sessionFacts({ evse: 2, transactionId: '77' })] }
const periods = [{ startPeriod: 0, limit: 10 }]
const schedules = [{ unit: 'A', periods }]
const byDefault = { purpose: 'default', stackLevel: 3, kind: 'Relative', schedules }
const v2 = ['2.0.1', '2.1'] as const

const accepts = (): unknown => ({ status: 'Accepted' })

function report(ids: readonly string[], complete = true): ReportFacts {
  const items = ids.length
  const kind = 'charging-profiles'
  return { kind, requestId: 4711, receivedAt: now, parts: 1, items, complete, missing: [], ids }
}

function able(name: string, value: unknown): Partial<ChargerFacts> {
  const known = { [name]: { value, source: 'probed', since: 0, why: 'it said so' } }
  return { capabilities: known }
}

function set(
  version: Version,
  params: object,
  facts: Partial<ChargerFacts> = {},
  answer = accepts,
) {
  return dialogue(profileSet, version, params, answer, { facts, fresh })
}

describe('a charging profile', () => {
  test('is said in the words of each version', () => {
    const [on16] = set('1.6', { evse: 1, profile: { ...byDefault, id: 7 } }).calls
    assert.deepEqual(on16?.payload, {
      connectorId: 1,
      csChargingProfiles: {
        chargingProfileId: 7,
        stackLevel: 3,
        chargingProfilePurpose: 'TxDefaultProfile',
        chargingProfileKind: 'Relative',
        chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: periods },
      },
    })
    for (const version of v2) {
      const [first] = set(version, { profile: { ...byDefault, purpose: 'max', id: 7 } }).calls
      assert.deepEqual(first?.payload, {
        evseId: 0,
        chargingProfile: {
          id: 7,
          stackLevel: 3,
          chargingProfilePurpose: 'ChargingStationMaxProfile',
          chargingProfileKind: 'Relative',
          chargingSchedule: [{ id: 1, chargingRateUnit: 'A', chargingSchedulePeriod: periods }],
        },
      })
    }
  })

  test('of a session is bound to the one that runs', () => {
    const profile = { ...byDefault, purpose: 'session' }
    const [on16] = set('1.6', { evse: 2, profile }, charging).calls
    const sent = on16?.payload['csChargingProfiles'] as JsonObject
    assert.equal(sent['transactionId'], 77)
    const [on21] = set('2.1', { profile }, charging).calls
    assert.equal(on21?.payload['evseId'], 2)
    assert.equal((on21?.payload['chargingProfile'] as JsonObject)['transactionId'], '77')
  })

  test('of 2.1 keeps the fields that only 2.1 knows', () => {
    const profile = {
      id: 9,
      purpose: 'session',
      stackLevel: 0,
      kind: 'Dynamic',
      dynUpdateInterval: 30,
      schedules: [
        {
          unit: 'W',
          periods: [{ startPeriod: 0, operationMode: 'CentralSetpoint', setpoint: -5e3 }],
        },
      ],
    }
    const [first] = set('2.1', { evse: 2, profile }, charging).calls
    const sent = first?.payload['chargingProfile'] as JsonObject
    assert.equal(sent['dynUpdateInterval'], 30)
    assert.match(JSON.stringify(sent), /"operationMode":"CentralSetpoint","setpoint":-5000/)
  })

  const start = '2026-05-05T00:00:00Z'
  const absolute = {
    ...byDefault,
    kind: 'Absolute',
    schedules: [{ ...schedules[0], startSchedule: start }],
  }
  const many = Array.from({ length: 4 }, (_, index) => ({ startPeriod: index * 60, limit: 6 }))
  const rows: readonly (readonly [
    string,
    Version,
    object,
    Partial<ChargerFacts>,
    string,
    RegExp,
  ])[] = [
    ['for outside limits', '2.0.1', { purpose: 'external' }, {}, 'profile.purpose', /K01\.FR\.22/],
    [
      'for priority before 2.1',
      '2.0.1',
      { purpose: 'priority' },
      {},
      'profile.purpose',
      /2\.0\.1 has no/,
    ],
    [
      'of a session where none runs',
      '1.6',
      { purpose: 'session' },
      {},
      'profile.purpose',
      /none runs/,
    ],
    ['for one EVSE as greatest limit', '1.6', { purpose: 'max' }, {}, 'evse', /whole charger/],
    ['of a dynamic kind before 2.1', '1.6', { kind: 'Dynamic' }, {}, 'profile.kind', /2\.1/],
    [
      'above its stack levels',
      '2.1',
      {},
      able('max-stack-level', 2),
      'profile.stackLevel',
      /up to 2/,
    ],
    [
      'with too many periods',
      '1.6',
      { schedules: [{ unit: 'A', periods: many }] },
      able('max-schedule-periods', 3),
      'profile.schedules[0].periods',
      /4 periods, and the charger takes 3/,
    ],
    [
      'in a unit it does not know',
      '1.6',
      {},
      able('charging-rate-units', ['W']),
      'profile.schedules[0].unit',
      /in W only/,
    ],
    [
      'whose time is over',
      '1.6',
      { validTo: '2026-05-05T11:59:59Z' },
      {},
      'profile.validTo',
      /past/,
    ],
    ['by a wrong clock', '1.6', absolute, { clockSkewMs: 3_600_000 }, 'profile.kind', /1 h ahead/],
    [
      'of a purpose the model makes nothing of',
      '1.6',
      {},
      {
        profile: {
          ...ordinaryProfile,
          quirks: [
            {
              quirk: 'ignores-profile-purpose',
              purposes: ['TxDefaultProfile'],
              why: 'seen',
              evidence: [],
              from: 'x',
            },
          ],
        },
      },
      'profile.purpose',
      /does nothing/,
    ],
    [
      'with three schedules on 1.6',
      '1.6',
      { schedules: [...schedules, ...schedules] },
      {},
      'profile.schedules[1]',
      /one schedule/,
    ],
    [
      'with fields its version lacks',
      '2.0.1',
      { dynUpdateInterval: 3 },
      {},
      'profile',
      /2\.0\.1 does not know/,
    ],
    ['with an id of ours', '1.6', { id: 912_010_001 }, {}, 'profile.id', /power\.limit/],
    [
      'that recurs, it does not say how often',
      '1.6',
      { kind: 'Recurring' },
      {},
      'profile.recurrencyKind',
      /Daily/,
    ],
    [
      'by the clock, it does not say from when',
      '1.6',
      { kind: 'Absolute' },
      {},
      'profile.schedules[0].startSchedule',
      /starts/,
    ],
    [
      'whose periods do not begin at 0',
      '1.6',
      { schedules: [{ unit: 'A', periods: [{ startPeriod: 5, limit: 1 }] }] },
      {},
      'profile.schedules[0].periods[0].startPeriod',
      /at 0/,
    ],
  ]
  for (const [name, version, over, facts, field, words] of rows)
    test(`is refused ${name}`, () => {
      const { refused, calls } = set(
        version,
        { evse: 1, profile: { ...byDefault, ...over } },
        facts,
      )
      assert.equal(refused?.field, field)
      assert.match(refused?.refused ?? '', words)
      assert.equal(calls.length, 0)
    })

  for (const version of v2)
    test(`is set on ${version} when the charger lists it`, () => {
      const played = set(version, { evse: 1, profile: { ...byDefault, id: 7 } })
      assert.deepEqual(played.calls[1], {
        action: 'GetChargingProfiles',
        payload: { requestId: 4711, chargingProfile: { chargingProfileId: [7] } },
      })
      assert.equal(played.look({}, now).seen, 'not-yet')
      const sent = played.calls[0]?.payload['chargingProfile']
      const listed = ['7', listedAs(sent) ?? '']
      assert.equal(played.look({ reports: [report(listed)] }, now).seen, 'yes')
      // Under the same id the charger may hold what it held before.
      assert.equal(played.look({ reports: [report(['7', '7#other'])] }, now).seen, 'unclear')
      assert.equal(played.look({ reports: [report(['8'])] }, now).seen, 'no')
      const lying = ({ action }: Asked): unknown => ({
        status: action === 'SetChargingProfile' ? 'Accepted' : 'NoProfiles',
      })
      const { verdict } = dialogue(profileSet, version, { profile: byDefault }, lying, { fresh })
      assert.equal(verdict?.meaning, 'failed')
    })

  for (const [limit, meaning] of [
    [10, 'done'],
    [16, 'unverifiable'],
  ] as const)
    test(`on 1.6 is ${meaning} where the charger plans with ${limit} A and the profile says 10`, () => {
      const chargingSchedule = {
        chargingRateUnit: 'A',
        chargingSchedulePeriod: [{ startPeriod: 0, limit }],
      }
      const { verdict } = dialogue(
        profileSet,
        '1.6',
        { evse: 2, profile: byDefault },
        (_call, index) => (index === 0 ? accepts() : { status: 'Accepted', chargingSchedule }),
        { facts: charging, fresh },
      )
      assert.equal(verdict?.meaning, meaning)
    })
})
