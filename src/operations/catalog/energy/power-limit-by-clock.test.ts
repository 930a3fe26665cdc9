import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { able, charging, limit, now, quirks, sent } from '../../../../test/kit/limits.ts'
import { versions } from '../../../ocpp/versions.ts'
import type { ChargerFacts } from '../../facts.ts'

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

  test('lies above a standing limit, which holds again afterwards', () => {
    const [standing] = sent(limit('1.6', { amperes: 10 }))
    const [one] = sent(limit('1.6', window))
    assert.deepEqual([standing?.stackLevel, one?.stackLevel], [1, 3])
    const facts = able({ 'max-stack-level': 1 })
    const seen = limit('1.6', { amperes: 6, to: window.to }, facts, 5).look({}, now)
    assert.ok(seen.seen === 'yes')
    assert.match(JSON.stringify(seen.result), /takes the place of a standing limit/)
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
      {
        days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
        from: '17:00',
        to: '20:00',
        amperes: 6,
      },
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
