import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connectorFacts } from '../../../../test/kit/facts.ts'
import { able, charging, limit, now, quirks, sent, shortly } from '../../../../test/kit/limits.ts'
import { versions } from '../../../ocpp/versions.ts'
import type { Version } from '../../../ocpp/versions.ts'
import type { ChargerFacts } from '../../facts.ts'

const oneEvse = { connectors: [connectorFacts()] }

describe('a limit becomes the profiles that keep it', () => {
  const rows: readonly (readonly [
    string,
    Version,
    object,
    Partial<ChargerFacts>,
    readonly unknown[][],
  ])[] = [
    [
      'a whole charger by its greatest limit',
      '1.6',
      { amperes: 16 },
      {},
      [[0, 911_010_000, 'ChargePointMaxProfile', 'Absolute', 1, 'A', 16]],
    ],
    [
      'the same in the words of 2.x',
      '2.1',
      { kilowatts: 11 },
      {},
      [[0, 911_010_000, 'ChargingStationMaxProfile', 'Absolute', 1, 'W', 11_000]],
    ],
    [
      'an EVSE by a default, relative to the session',
      '2.0.1',
      { evse: 2, amperes: 6 },
      {},
      [[2, 912_010_002, 'TxDefaultProfile', 'Relative', 1, 'A', 6]],
    ],
    [
      'the session that runs there too',
      '1.6',
      { evse: 1, amperes: 10.5 },
      charging,
      [
        [1, 912_010_001, 'TxDefaultProfile', 'Relative', 1, 'A', 10.5],
        [1, 913_010_001, 'TxProfile', 'Relative', 1, 'A', 10.5],
      ],
    ],
    [
      'a charger that takes watts only gets watts',
      '1.6',
      { amperes: 16 },
      able({ 'charging-rate-units': ['Power'] }),
      [[0, 911_010_000, 'ChargePointMaxProfile', 'Absolute', 1, 'W', 11_040]],
    ],
    [
      'a charger that takes amperes only gets amperes, rounded down',
      '2.1',
      { kilowatts: 11, phases: 1 },
      able({ 'charging-rate-units': ['A'] }),
      [[0, 911_010_000, 'ChargingStationMaxProfile', 'Absolute', 1, 'A', 47.8]],
    ],
    [
      'a charger without stack levels gets level 0',
      '1.6',
      { amperes: 16 },
      able({ 'max-stack-level': 0 }),
      [[0, 911_000_000, 'ChargePointMaxProfile', 'Absolute', 0, 'A', 16]],
    ],
    [
      'a model that rejects Absolute profiles gets a Relative one',
      '1.6',
      { amperes: 16 },
      quirks({ quirk: 'relative-profiles-only' }),
      [[0, 911_010_000, 'ChargePointMaxProfile', 'Relative', 1, 'A', 16]],
    ],
    [
      'a model that ignores the greatest limit gets a part of it for each EVSE',
      '1.6',
      { amperes: 32 },
      {
        ...quirks({ quirk: 'ignores-profile-purpose', purposes: ['ChargePointMaxProfile'] }),
        ...charging,
      },
      [
        [1, 912_010_001, 'TxDefaultProfile', 'Relative', 1, 'A', 16],
        [2, 912_010_002, 'TxDefaultProfile', 'Relative', 1, 'A', 16],
        [1, 913_010_001, 'TxProfile', 'Relative', 1, 'A', 16],
      ],
    ],
    [
      'a model that ignores defaults is limited as a whole where it has one EVSE',
      '2.0.1',
      { evse: 1, amperes: 8 },
      {
        ...oneEvse,
        ...able({ 'charging-purposes': ['ChargingStationMaxProfile', 'TxProfile'] }),
      },
      [[0, 911_010_000, 'ChargingStationMaxProfile', 'Absolute', 1, 'A', 8]],
    ],
    [
      'a limit of a site lies above that of an operator',
      '1.6',
      { evse: 1, amperes: 8, layer: 'site' },
      {},
      [[1, 912_040_001, 'TxDefaultProfile', 'Relative', 4, 'A', 8]],
    ],
    [
      'a limit below what keeps the session alive is raised to that',
      '1.6',
      { kilowatts: 0.5 },
      quirks({ quirk: 'zero-limit-ends-session', leastW: 1380 }),
      [[0, 911_010_000, 'ChargePointMaxProfile', 'Absolute', 1, 'W', 1380]],
    ],
    [
      'a pause that may end the session is sent when it is meant',
      '1.6',
      { kilowatts: 0, evenIfSessionEnds: true },
      quirks({ quirk: 'zero-limit-ends-session', leastW: 1380 }),
      [[0, 911_010_000, 'ChargePointMaxProfile', 'Absolute', 1, 'W', 0]],
    ],
  ]
  for (const [name, version, params, facts, expected] of rows)
    test(name, () => {
      assert.deepEqual(sent(limit(version, params, facts)).map(shortly), expected)
    })
})
describe('a limit is refused', () => {
  const rows: readonly (readonly [
    string,
    Version,
    object,
    Partial<ChargerFacts>,
    string | undefined,
  ])[] = [
    ['without an amount', '1.6', {}, {}, 'amperes'],
    ['with two amounts', '1.6', { amperes: 1, kilowatts: 1 }, {}, 'amperes'],
    [
      'where 0 would end the session',
      '1.6',
      { amperes: 0 },
      quirks({ quirk: 'zero-limit-ends-session', leastW: 1380 }),
      'evenIfSessionEnds',
    ],
    [
      'for one of several EVSEs where defaults come to nothing',
      '2.0.1',
      { evse: 1, amperes: 6 },
      able({ 'charging-purposes': ['ChargingStationMaxProfile'] }),
      'evse',
    ],
    [
      'for how long it holds offline before 2.1',
      '2.0.1',
      { amperes: 6, offlineMinutes: 5 },
      {},
      'offlineMinutes',
    ],
    ['at an EVSE that is not there', '2.1', { evse: 9, amperes: 6 }, {}, 'evse'],
  ]
  for (const [name, version, params, facts, field] of rows)
    test(name, () => {
      const { refused, calls } = limit(version, params, facts)
      assert.ok(refused !== undefined)
      assert.equal(refused.field, field)
      assert.equal(calls.length, 0)
    })
})

test('what a weekly limit left for after the change of clocks goes with it', () => {
  for (const version of versions) {
    const cleared = limit(version, { evse: 1, amperes: 8 }, charging)
      .calls.filter(({ action }) => action === 'ClearChargingProfile')
      .map(({ payload }) => payload['id'] ?? payload['chargingProfileId'])
    assert.deepEqual(cleared, [912_020_001, 913_020_001])
  }
})

test('on 2.1 a limit may end some time after the connection is lost', () => {
  const [one] = sent(limit('2.1', { amperes: 32, offlineMinutes: 10 }))
  assert.equal(one?.profile['maxOfflineDuration'], 600)
})

test('what was converted and assumed stands in the result', () => {
  const facts = able({ 'charging-rate-units': ['A'] })
  const told = (params: object): Record<string, unknown> => {
    const seen = limit('1.6', params, facts, 5).look({}, now)
    assert.ok(seen.seen === 'yes')
    return seen.result as Record<string, unknown>
  }
  assert.deepEqual(told({ kilowatts: 11 })['converted'], {
    from: '11 kW',
    volts: 230,
    phases: 3,
    phasesAre: 'assumed',
  })
  assert.equal(told({ kilowatts: 11 })['limit'], '15.9 A per phase')
  const single = told({ kilowatts: 3.68, phases: 1 })
  assert.equal(single['limit'], '16 A per phase')
  assert.equal((single['converted'] as { phasesAre: string }).phasesAre, 'given')
})
