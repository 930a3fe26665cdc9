import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { noon, question, system, target, targets } from '../../../test/kit/question.ts'
import type { AskedQuestion } from '../../../test/kit/question.ts'
import { fleetPower, fleetPowerKey } from './fleet-power.ts'

const limit = { operation: 'power.limit', params: { kilowatts: 5 } }
const charging = { sessionsAt: [1], watts: 22_000 }

function decide(asked: AskedQuestion) {
  return fleetPower.decide(question(asked))
}

test('one charger is done at once, and what it may change is reserved', () => {
  const { spoken, reservations, bounds } = decide({ ...limit, targets: [target(charging)] })
  assert.deepEqual([spoken, bounds], [[], undefined])
  assert.deepEqual(
    reservations?.map(({ key, amount, limit: most, windowMs }) => [key, amount, most, windowMs]),
    [[fleetPowerKey, 22_000, 500_000, 60_000]],
  )
})

const atStake: readonly (readonly [string, AskedQuestion, number])[] = [
  ['a limit on an idle charger', limit, 0],
  [
    'a limit on a session that is not measured',
    { ...limit, targets: [target({ sessionsAt: [1] })] },
    11_000,
  ],
  [
    'a limit on a session that draws little',
    { ...limit, targets: [target({ sessionsAt: [1], watts: 3_000 })] },
    11_000,
  ],
  [
    'a limit on one of two sessions',
    {
      operation: 'power.limit',
      params: { evse: 2 },
      targets: [target({ sessionsAt: [1, 2], watts: 60_000 })],
    },
    30_000,
  ],
  ['a start', { operation: 'session.start' }, 11_000],
  [
    'a start on a charger that is away',
    { operation: 'session.start', targets: [target({ connected: false })] },
    0,
  ],
  ['a stop', { operation: 'session.stop', targets: [target(charging)] }, 22_000],
  ['a reset of an idle charger', {}, 0],
  [
    'a stop of an unsafe charger',
    {
      operation: 'session.stop',
      targets: [
        target({
          ...charging,
          faults: [{ code: 'GroundFailure', vendorCode: null, info: null, evse: 0, since: noon }],
        }),
      ],
    },
    0,
  ],
  ['reading profiles', { operation: 'profile.list', targets: [target(charging)] }, 0],
  [
    'what the product does by itself',
    { ...limit, targets: [target(charging)], who: { actor: system } },
    0,
  ],
]
for (const [name, asked, watts] of atStake)
  test(`${name} counts ${watts} W`, () => {
    const [reservation] = decide(asked).reservations ?? []
    assert.equal(reservation?.amount ?? 0, watts)
  })

test('many chargers are begun one after the other, with jitter, within the cap of a minute', () => {
  const { spoken, bounds, reservations } = decide({
    ...limit,
    targets: targets(100, charging),
    fleet: { chargers: 100 },
  })
  assert.deepEqual(bounds, { pace: { perMinute: 22, jitter: 0.5, wattsPerMinute: 484_000 } })
  assert.equal(reservations?.[0]?.amount, 484_000)
  assert.equal(spoken[0]?.says, 'notes')
  assert.match(
    spoken[0]?.sentence ?? '',
    /by 2\.2 MW, of 500 kW a minute; so at most 22 chargers .* in 5 min or more/,
  )
})

test('the cap of a large fleet is its share', () => {
  const { bounds } = decide({
    ...limit,
    targets: targets(1_000, charging),
    fleet: { chargers: 10_000 },
  })
  assert.equal(bounds?.pace?.perMinute, 250)
})

test('a few that draw more than the cap together are spread too', () => {
  const { bounds } = decide({ ...limit, targets: targets(3, { sessionsAt: [1], watts: 300_000 }) })
  assert.deepEqual(bounds?.pace?.perMinute, 1)
})

test('a single charger that can do more than the cap goes when nothing else changes', () => {
  const bus = [target({ sessionsAt: [1], watts: 900_000 })]
  assert.deepEqual(decide({ ...limit, targets: bus }).spoken, [])
  const fleet = { wattsChangedLastMinute: 1 }
  assert.equal(decide({ ...limit, targets: bus, fleet }).spoken[0]?.says, 'denies')
})

test('when the minute is used up a further one is refused, with the figures', () => {
  const fleet = { wattsChangedLastMinute: 490_000 }
  const [spoken] = decide({ ...limit, targets: [target(charging)], fleet }).spoken
  assert.equal(spoken?.says, 'denies')
  assert.match(
    spoken?.sentence ?? '',
    /by 490 kW a minute already; 22 kW more would pass 500 kW\. Wait a minute/,
  )
})

test('what paced commands were promised is theirs until they have begun everywhere', () => {
  const many = { ...limit, targets: targets(100, charging) }
  const half = decide({ ...many, fleet: { wattsPerMinuteGranted: 300_000 } })
  assert.equal(half.bounds?.pace?.perMinute, 9, '200 kW are left')
  const all = decide({ ...many, fleet: { wattsPerMinuteGranted: 500_000 } })
  assert.equal(all.spoken[0]?.says, 'denies')
  const single = decide({
    ...limit,
    targets: [target(charging)],
    fleet: { wattsPerMinuteGranted: 300_000 },
  })
  assert.equal(single.reservations?.[0]?.limit, 200_000)
})

test('in no minute do those that begin together change more than the cap, in whatever order they come', () => {
  const watts = fc.array(fc.integer({ min: 0, max: 400_000 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(watts, fc.integer({ min: 0, max: 600_000 }), (each, granted) => {
      const those = each.map((one, index) =>
        target({ charger: `CP-${index}`, sessionsAt: one === 0 ? [] : [1], watts: one }),
      )
      const fleet = { chargers: 100, wattsPerMinuteGranted: granted }
      const { bounds, spoken } = decide({ ...limit, targets: those, fleet })
      if (bounds?.pace === undefined || spoken.some(({ says }) => says === 'denies')) return
      const greatest = each
        .map((one) => (one === 0 ? 0 : Math.max(one, 11_000)))
        .toSorted((one, other) => other - one)
        .slice(0, bounds.pace.perMinute)
      const most = greatest.reduce((sum, one) => sum + one, 0)
      assert.ok(most + granted <= 500_000 || (bounds.pace.perMinute === 1 && granted === 0))
    }),
  )
})
