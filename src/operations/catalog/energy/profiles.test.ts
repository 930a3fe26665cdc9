import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import type { Asked } from '../../../../test/kit/dialogue.ts'
import { sessionFacts } from '../../../../test/kit/facts.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import { ordinaryProfile } from '../../../models/profile.ts'
import { versions } from '../../../ocpp/versions.ts'
import type { Version } from '../../../ocpp/versions.ts'
import type { ChargerFacts, ReportFacts } from '../../facts.ts'
import type { Operation } from '../../operation.ts'
import { gridAfrrSignal } from './grid-afrr-signal.ts'
import { powerDefault } from './power-default.ts'
import { powerUnlimit } from './power-unlimit.ts'
import { profileClear } from './profile-clear.ts'
import { profileComposite } from './profile-composite.ts'
import { profileDynamicUpdate } from './profile-dynamic-update.ts'
import { profileList } from './profile-list.ts'
import { profileSet } from './profile-set.ts'
import { sessionEnergyTransfer } from './session-energy-transfer.ts'
import { sessionPriority } from './session-priority.ts'

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
  return { capabilities: known as ChargerFacts['capabilities'] }
}

function set(version: Version, params: object, facts: Partial<ChargerFacts> = {}, answer = accepts) {
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
        { unit: 'W', periods: [{ startPeriod: 0, operationMode: 'CentralSetpoint', setpoint: -5e3 }] },
      ],
    }
    const [first] = set('2.1', { evse: 2, profile }, charging).calls
    const sent = first?.payload['chargingProfile'] as JsonObject
    assert.equal(sent['dynUpdateInterval'], 30)
    assert.match(JSON.stringify(sent), /"operationMode":"CentralSetpoint","setpoint":-5000/)
  })

  const start = '2026-05-05T00:00:00Z'
  const absolute = { ...byDefault, kind: 'Absolute', schedules: [{ ...schedules[0], startSchedule: start }] }
  const many = Array.from({ length: 4 }, (_, index) => ({ startPeriod: index * 60, limit: 6 }))
  const rows: readonly (readonly [string, Version, object, Partial<ChargerFacts>, string, RegExp])[] =
    [
      ['for outside limits', '2.0.1', { purpose: 'external' }, {}, 'profile.purpose', /K01\.FR\.22/],
      ['for priority before 2.1', '2.0.1', { purpose: 'priority' }, {}, 'profile.purpose', /2\.0\.1 has no/],
      ['of a session where none runs', '1.6', { purpose: 'session' }, {}, 'profile.purpose', /none runs/],
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
      ['with three schedules on 1.6', '1.6', { schedules: [...schedules, ...schedules] }, {}, 'profile.schedules[1]', /one schedule/],
      ['with fields its version lacks', '2.0.1', { dynUpdateInterval: 3 }, {}, 'profile', /2\.0\.1 does not know/],
      ['with an id of ours', '1.6', { id: 912_010_001 }, {}, 'profile.id', /power\.limit/],
      ['that recurs, it does not say how often', '1.6', { kind: 'Recurring' }, {}, 'profile.recurrencyKind', /Daily/],
      ['by the clock, it does not say from when', '1.6', { kind: 'Absolute' }, {}, 'profile.schedules[0].startSchedule', /starts/],
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
      const { refused, calls } = set(version, { evse: 1, profile: { ...byDefault, ...over } }, facts)
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
      assert.equal(played.look({ reports: [report(['7'])] }, now).seen, 'yes')
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

describe('a default', () => {
  for (const version of versions)
    test(`lies below every other limit on ${version}`, () => {
      const { calls } = dialogue(powerDefault, version, { amperes: 6 }, accepts, { fresh })
      const { payload } = calls[0]!
      const profile = (payload['csChargingProfiles'] ?? payload['chargingProfile']) as JsonObject
      assert.equal(payload['connectorId'] ?? payload['evseId'], 0)
      assert.equal(profile['stackLevel'], 0)
      assert.equal(profile['chargingProfilePurpose'], 'TxDefaultProfile')
      assert.equal(profile['chargingProfileId'] ?? profile['id'], 912_000_000)
    })

  test('has been kept when a 2.x charger lists it', () => {
    const played = dialogue(powerDefault, '2.1', { amperes: 6 }, accepts, { fresh })
    assert.equal(played.look({ reports: [report(['912000000'])] }, now).seen, 'yes')
    assert.equal(played.look({ reports: [report([])] }, now).seen, 'no')
  })

  test('goes to each EVSE of a model that does not know connector 0', () => {
    const quirk = { quirk: 'no-connector-zero', use: 1, why: 'seen', evidence: [], from: 'x' } as const
    const facts = { profile: { ...ordinaryProfile, quirks: [quirk] } }
    const { calls } = dialogue(powerDefault, '2.0.1', { amperes: 6 }, accepts, { facts, fresh })
    assert.deepEqual(
      calls.map(({ action, payload }) => [action, payload['evseId']]),
      [
        ['SetChargingProfile', 1],
        ['SetChargingProfile', 2],
        ['GetChargingProfiles', undefined],
      ],
    )
  })
})

describe('taking a limit away', () => {
  const unlimit = (version: Version, answer: (call: Asked, index: number) => unknown) =>
    dialogue(powerUnlimit, version, { evse: 2 }, answer, { facts: charging, fresh })
  const ids = [912_010_002, 912_020_002, 913_010_002, 913_020_002]

  test('clears every profile the limit may have', () => {
    const on16 = unlimit('1.6', () => ({ status: 'Unknown' }))
    assert.deepEqual(
      on16.calls.map(({ payload }) => payload['id']),
      ids,
    )
    assert.equal(on16.verdict?.meaning, 'done')
    assert.deepEqual(on16.learned[0], { kind: 'weekly-limit', place: 2, again: null })
  })

  test('on 1.6 has worked when what was cleared is unknown afterwards', () => {
    const held = new Set<unknown>([ids[0], ids[2]])
    const honest = ({ payload }: Asked) => ({
      status: held.delete(payload['id']) ? 'Accepted' : 'Unknown',
    })
    const { verdict, calls } = unlimit('1.6', honest)
    assert.deepEqual(verdict, { meaning: 'done', result: { cleared: 2 } })
    assert.equal(calls.length, 6)
    assert.equal(unlimit('1.6', accepts).verdict?.meaning, 'unverifiable')
  })

  for (const version of v2)
    test(`on ${version} has worked when the charger lists none of it`, () => {
      const answering = (last: string) => (call: Asked) => ({
        status: call.action === 'GetChargingProfiles' ? last : 'Accepted',
      })
      assert.equal(unlimit(version, answering('NoProfiles')).verdict?.meaning, 'done')
      assert.equal(unlimit(version, answering('Accepted')).verdict?.meaning, 'failed')
    })
})

describe('what came with 2.1', () => {
  const rows: readonly (readonly [Operation, object, object, readonly (readonly [string, string])[]])[] = [
    [
      profileDynamicUpdate as unknown as Operation,
      { id: 9, setpoint: -3000 },
      { chargingProfileId: 9, scheduleUpdate: { setpoint: -3000 } },
      [
        ['Accepted', 'unverifiable'],
        ['Rejected', 'refused'],
      ],
    ],
    [
      sessionPriority as unknown as Operation,
      { evse: 2, priority: true },
      { transactionId: '77', activate: true },
      [
        ['Accepted', 'unverifiable'],
        ['Rejected', 'refused'],
        ['NoProfile', 'refused'],
      ],
    ],
    [
      sessionEnergyTransfer as unknown as Operation,
      { transactionId: '77', modes: ['DC', 'DC_BPT'] },
      { transactionId: '77', allowedEnergyTransfer: ['DC', 'DC_BPT'] },
      [
        ['Accepted', 'unverifiable'],
        ['Rejected', 'refused'],
      ],
    ],
    [
      gridAfrrSignal as unknown as Operation,
      { signal: -120 },
      { signal: -120, timestamp: '2026-05-05T12:00:00.000Z' },
      [
        ['Accepted', 'unverifiable'],
        ['Rejected', 'refused'],
      ],
    ],
  ]
  for (const [operation, params, payload, answers] of rows)
    test(operation.name, () => {
      assert.ok('absent' in operation.versions['1.6'] && 'absent' in operation.versions['2.0.1'])
      for (const [status, meaning] of answers) {
        const played = dialogue(operation, '2.1', params, () => ({ status }), {
          facts: charging,
          fresh,
        })
        assert.deepEqual(played.calls[0]?.payload, payload)
        assert.equal(played.verdict?.meaning, meaning)
      }
    })

  test('a dynamic profile is given at least one value', () =>
    assert.equal(profileDynamicUpdate.check?.({ id: 1 })?.field, 'limit'))

  test('priority needs a session that runs', () => {
    const { refused } = dialogue(
      sessionPriority,
      '2.1',
      { transactionId: '78', priority: true },
      accepts,
      { facts: charging },
    )
    assert.equal(refused?.field, 'transactionId')
  })
})
