import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import type { Asked, Dialogue } from '../../../../test/kit/dialogue.ts'
import { connectorFacts, sessionFacts } from '../../../../test/kit/facts.ts'
import type { Capabilities, CapabilityName, CapabilityValue } from '../../../models/capability.ts'
import { ordinaryProfile } from '../../../models/profile.ts'
import type { Quirk } from '../../../models/quirk.ts'
import { versions } from '../../../ocpp/versions.ts'
import type { Version } from '../../../ocpp/versions.ts'
import type { ChargerFacts } from '../../facts.ts'
import { powerLimit } from './power-limit.ts'

const now = Date.parse('2026-05-05T12:00:00Z')
const minute = 60_000
const fresh = { now }
const oneEvse = { connectors: [connectorFacts()] }
const charging = { sessions: [sessionFacts({ startedAt: now - 60 * minute })] }

function quirks(...list: readonly Quirk[]): Partial<ChargerFacts> {
  const grounds = { why: 'seen in the field', evidence: [], from: 'acme/one' }
  return { profile: { ...ordinaryProfile, quirks: list.map((one) => ({ ...one, ...grounds })) } }
}

function able(known: Partial<Record<CapabilityName, CapabilityValue>>): Partial<ChargerFacts> {
  const capabilities = Object.fromEntries(
    Object.entries(known).map(([name, value]) => [
      name,
      { value, source: 'probed', since: 0, why: 'it said so' },
    ]),
  ) as Capabilities
  return { capabilities }
}

/** A composite schedule of one period, in the words of the version. */
function composite(version: Version, limit: number, unit: string, startPeriod = 0) {
  const schedule = {
    chargingRateUnit: unit,
    chargingSchedulePeriod: [{ startPeriod, limit }],
  }
  const scheduleStart = new Date(now).toISOString()
  return version === '1.6'
    ? { status: 'Accepted', connectorId: 1, scheduleStart, chargingSchedule: schedule }
    : { status: 'Accepted', schedule: { ...schedule, evseId: 1, duration: 300, scheduleStart } }
}

/** A charger that accepts and plans with this limit; without one it tells no plan. */
function accepting(version: Version, planned?: number) {
  return ({ action, payload }: Asked): unknown => {
    if (action !== 'GetCompositeSchedule') return { status: 'Accepted' }
    const unit = String(payload['chargingRateUnit'])
    return planned === undefined ? { status: 'Rejected' } : composite(version, planned, unit)
  }
}

function limit(
  version: Version,
  params: object,
  facts: Partial<ChargerFacts> = {},
  planned?: number,
): Dialogue {
  return dialogue(powerLimit, version, params, accepting(version, planned), { facts, fresh })
}

interface Sent {
  readonly evse: number
  readonly id: number
  readonly purpose: string
  readonly kind: string
  readonly stackLevel: number
  readonly transactionId: unknown
  readonly unit: string
  readonly limits: readonly number[]
  readonly schedule: Readonly<Record<string, unknown>>
  readonly profile: Readonly<Record<string, unknown>>
}

/** The profiles that were sent, in the same words for all versions. */
function sent({ calls }: Dialogue): Sent[] {
  return calls
    .filter(({ action }) => action === 'SetChargingProfile')
    .map(({ payload }) => {
      const profile = (payload['csChargingProfiles'] ?? payload['chargingProfile']) as Record<
        string,
        unknown
      >
      const schedules = profile['chargingSchedule']
      const schedule = (Array.isArray(schedules) ? schedules[0] : schedules) as Record<
        string,
        unknown
      >
      const periods = schedule['chargingSchedulePeriod'] as { limit: number }[]
      return {
        evse: (payload['connectorId'] ?? payload['evseId']) as number,
        id: (profile['chargingProfileId'] ?? profile['id']) as number,
        purpose: profile['chargingProfilePurpose'] as string,
        kind: profile['chargingProfileKind'] as string,
        stackLevel: profile['stackLevel'] as number,
        transactionId: profile['transactionId'],
        unit: schedule['chargingRateUnit'] as string,
        limits: periods.map((period) => period.limit),
        schedule,
        profile,
      }
    })
}

const shortly = (one: Sent): unknown[] => [
  one.evse,
  one.id,
  one.purpose,
  one.kind,
  one.stackLevel,
  one.unit,
  ...one.limits,
]

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
      [[1, 912_030_001, 'TxDefaultProfile', 'Relative', 3, 'A', 8]],
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

describe('a limit by the clock', () => {
  const window = { amperes: 6, from: '2026-05-05T17:00:00Z', to: '2026-05-05T20:00:00+00:00' }

  test('starts and ends where it is said', () => {
    for (const version of versions) {
      const [one] = sent(limit(version, window))
      assert.equal(one?.kind, 'Absolute')
      assert.equal(one?.schedule['startSchedule'], '2026-05-05T17:00:00.000Z')
      assert.equal(one?.schedule['duration'], 3 * 3600)
      assert.equal(one?.profile['validTo'], '2026-05-05T20:00:00.000Z')
    }
  })

  test('weekly is told for the time before and after the next change of clocks', () => {
    const weekly = {
      timeZone: 'Europe/Berlin',
      times: [{ days: ['mon', 'fri'], from: '17:00', to: '20:00', kilowatts: 4 }],
    }
    const played = limit('1.6', { evse: 1, kilowatts: 11, weekly }, charging)
    const change = '2026-10-25T01:00:00.000Z'
    assert.deepEqual(
      sent(played).map(({ id, stackLevel, profile }) => [
        id,
        stackLevel,
        profile['recurrencyKind'],
        profile['validFrom'],
        profile['validTo'],
      ]),
      [
        [912_010_001, 1, 'Weekly', undefined, change],
        [912_020_001, 2, 'Weekly', change, undefined],
        [913_010_001, 1, 'Weekly', undefined, change],
        [913_020_001, 2, 'Weekly', change, undefined],
      ],
    )
    const [learned] = played.learned
    assert.deepEqual(learned, {
      kind: 'weekly-limit',
      place: 1,
      again: { params: { evse: 1, kilowatts: 11, weekly }, after: Date.parse(change) },
    })
  })

  test('weekly on a charger with too few levels is one profile, sent again when the clocks change', () => {
    const weekly = {
      timeZone: 'Europe/Berlin',
      times: [{ days: ['mon'], from: '17:00', to: '20:00', amperes: 6 }],
    }
    const played = limit('2.1', { amperes: 16, weekly }, able({ 'max-stack-level': 1 }))
    assert.equal(sent(played).length, 1)
    assert.equal(sent(played)[0]?.profile['validTo'], undefined)
    assert.deepEqual(
      played.learned.map((one) => one.kind === 'weekly-limit' && one.again?.after),
      [Date.parse('2026-10-25T01:00:00Z')],
    )
  })

  test('days that are all alike take the periods of one day', () => {
    const times = [
      { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '17:00', to: '20:00', amperes: 6 },
    ]
    const weekly = { timeZone: 'UTC', times }
    const [one] = sent(limit('1.6', { amperes: 16, weekly }, able({ 'max-schedule-periods': 3 })))
    assert.equal(one?.profile['recurrencyKind'], 'Daily')
    assert.deepEqual(one?.limits, [16, 6, 16])
  })

  const refusals: readonly (readonly [string, object, Partial<ChargerFacts>, string, RegExp])[] = [
    ['a wrong clock', window, { clockSkewMs: -7_200_000 }, 'from', /2 h behind/],
    [
      'a model without times',
      window,
      quirks({ quirk: 'relative-profiles-only' }),
      'from',
      /takes no times by the clock/,
    ],
    ['an end in the past', { amperes: 6, to: '2026-05-05T11:00:00Z' }, {}, 'to', /past/],
    [
      'an end before its beginning',
      { ...window, to: '2026-05-05T16:00:00Z' },
      {},
      'to',
      /after from/,
    ],
    ['what is no time', { amperes: 6, from: 'tomorrow' }, {}, 'from', /2026-05-01T12:00:00Z/],
    [
      'a week with more periods than the charger takes',
      {
        amperes: 16,
        weekly: {
          timeZone: 'UTC',
          times: [{ days: ['mon', 'wed'], from: '08:00', to: '09:00', amperes: 6 }],
        },
      },
      able({ 'max-schedule-periods': 4 }),
      'weekly',
      /5 periods, and the charger takes 4/,
    ],
  ]
  for (const [name, params, facts, field, words] of refusals)
    test(`is refused for ${name}`, () => {
      const { refused, calls } = limit('1.6', params, facts)
      assert.equal(refused?.field, field)
      assert.match(refused?.refused ?? '', words)
      assert.equal(calls.length, 0)
    })
})

describe('a limit is refused', () => {
  const rows: readonly (readonly [string, Version, object, Partial<ChargerFacts>, string | undefined])[] = [
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
    ['for how long it holds offline before 2.1', '2.0.1', { amperes: 6, offlineMinutes: 5 }, {}, 'offlineMinutes'],
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

for (const version of versions)
  describe(`whether a limit is kept shows on ${version}`, () => {
    const asked = { evse: 1, kilowatts: 7 }
    const drawing = (kilowatts: number, secondsLater: number): Partial<ChargerFacts> => ({
      drawn: [
        { evse: 1, connector: 1, watts: { value: kilowatts * 1000, at: now + secondsLater * 1000 } },
      ],
    })

    test('in the composite schedule where nobody charges', () => {
      const seen = limit(version, asked, {}, 7000).look({}, now)
      assert.equal(seen.seen, 'yes')
    })

    test('not where the charger tells no plan and nobody charges', () => {
      assert.equal(limit(version, asked).look({}, now, true).seen, 'not-yet')
    })

    test('in the plan at once where the session is not metered, and later where it may be', () => {
      const at = (startReceivedAt: number): string => {
        const facts = { sessions: [sessionFacts({ startReceivedAt })] }
        return limit(version, asked, facts, 7000).look({}, now).seen
      }
      assert.equal(at(now - 60 * minute), 'yes')
      assert.equal(at(now - minute), 'not-yet')
    })

    test('in the power of the session, once it is measured', () => {
      const before = { ...charging, ...drawing(11, -30) }
      const played = limit(version, asked, before, 7000)
      assert.equal(played.look({ ...charging, ...drawing(11, -30) }, now).seen, 'not-yet')
      const seen = played.look({ ...charging, ...drawing(6.9, 10) }, now)
      assert.ok(seen.seen === 'yes')
      const { shownBy } = seen.result as { shownBy: unknown }
      assert.deepEqual(shownBy, ['composite-schedule', 'measured-power'])
    })

    test('in the power alone where it came down', () => {
      const before = { ...charging, ...drawing(11, -30) }
      const seen = limit(version, asked, before).look({ ...charging, ...drawing(6.9, 10) }, now)
      assert.ok(seen.seen === 'yes')
      assert.deepEqual((seen.result as { shownBy: unknown }).shownBy, ['measured-power'])
    })

    test('not in power that was below the limit before', () => {
      const before = { ...charging, ...drawing(3, -30) }
      const played = limit(version, asked, before)
      assert.equal(played.look({ ...charging, ...drawing(3, 60) }, now, true).seen, 'not-yet')
    })

    test('not where it accepts and still draws more', () => {
      const played = limit(version, asked, { ...charging, ...drawing(11, -30) }, 7000)
      assert.equal(played.look({ ...charging, ...drawing(11, 20) }, now).seen, 'not-yet')
      const seen = played.look({ ...charging, ...drawing(11, 31) }, now)
      assert.ok(seen.seen === 'no')
      assert.equal(seen.because, 'accepted, but still draws 11 kW')
    })

    test('not where its own plan allows more', () => {
      const seen = limit(version, asked, charging, 11_000).look(charging, now)
      assert.ok(seen.seen === 'no')
      assert.match(seen.because, /composite schedule allows 11 kW instead of 7 kW/)
    })

    test('in the plan where the meter stays silent', () => {
      const played = limit(version, asked, charging, 7000)
      assert.equal(played.look({ ...charging, ...drawing(6.9, -30) }, now).seen, 'not-yet')
      assert.equal(played.look({ ...charging, ...drawing(6.9, -30) }, now, true).seen, 'yes')
    })

    test('a profile the session no longer takes does not spoil the rest', () => {
      const answers = accepting(version, 7000)
      const played = dialogue(
        powerLimit,
        version,
        asked,
        (call, index) => (index === 1 ? { status: 'Rejected' } : answers(call)),
        { facts: charging, fresh },
      )
      assert.equal(played.look({}, now).seen, 'yes')
    })

    test('a charger that refuses is reported as refusing', () => {
      const refusing = () => ({ status: 'Rejected' })
      const { verdict } = dialogue(powerLimit, version, asked, refusing, { fresh })
      assert.equal(verdict?.meaning, 'refused')
    })
  })
