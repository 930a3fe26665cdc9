import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { limitWattsAt, withProfile } from '../../../simulator/profiles.ts'
import type { Profile } from '../../../simulator/profiles.ts'
import { profileFrom16 } from '../../../simulator/charging-16.ts'
import { chargerFacts } from '../../../test/kit/facts.ts'
import { isRefusal } from '../operation.ts'
import { planLimit } from './limit-plan.ts'
import { request16 } from './profile.ts'
import { checkWhen, renewalOf } from './timing.ts'
import { nextOffsetChange, offsetMinutes } from './time-zone.ts'
import { days, nextTurn, stepsOf, valueAt } from './weekly.ts'
import type { Weekly } from './weekly.ts'

const zones = [
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Pacific/Auckland',
  'UTC',
]
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const start = Date.parse('2026-01-14T10:00:00Z')

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`

/** Times that do not overlap: each day has its own, within it. */
const weeks: fc.Arbitrary<Weekly> = fc
  .tuple(
    fc.constantFrom(...zones),
    fc.array(
      fc.record({
        day: fc.constantFrom(...days),
        from: fc.integer({ min: 0, max: 1_400 }),
        length: fc.integer({ min: 1, max: 1_440 }),
        kilowatts: fc.integer({ min: 0, max: 10 }),
      }),
      { minLength: 1, maxLength: 7 },
    ),
  )
  .map(([timeZone, spans]) => {
    const each = new Map(spans.map((span) => [span.day, span]))
    const times = [...each.values()].map(({ day: name, from, length, kilowatts }) => ({
      days: [name],
      from: clock(from),
      to: clock(Math.min(1_440, from + length)),
      kilowatts,
    }))
    return { timeZone, times }
  })

/** What was asked for at a moment, found by the calendar alone. */
function asked({ timeZone, times }: Weekly, otherwise: number, at: number): number {
  const local = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at)
  const part = (type: string): string => local.find((one) => one.type === type)?.value ?? ''
  const name = part('weekday').toLowerCase()
  const time = `${part('hour')}:${part('minute')}`
  const found = times.find(
    (one) => one.days.some((own) => own === name) && one.from <= time && time < one.to,
  )
  return (found?.kilowatts ?? otherwise) * 1000
}

test('over a year the limit in force at any moment is the one that was asked for', () => {
  fc.assert(
    fc.property(
      weeks,
      fc.array(fc.integer({ min: 0, max: 400 * 24 * 60 }), { minLength: 20, maxLength: 20 }),
      fc.integer({ min: 0, max: 60 * day }),
      (weekly, minutes, late) => {
        const held: { readonly from: number; readonly profiles: readonly Profile[] }[] = []
        let profiles: readonly Profile[] = []
        // Sent once, and again some time after each change of clocks.
        for (let sentAt: number | undefined = start; sentAt !== undefined;) {
          const plan = planLimit(
            { evse: 1, kilowatts: 11, weekly, layer: 'operator' },
            chargerFacts(),
            sentAt,
          )
          assert.ok(!isRefusal(plan))
          let due: number | undefined
          for (const { evse, profile } of plan.orders) {
            assert.ok(profile.kind !== 'Relative' && profile.purpose === 'default')
            const { csChargingProfiles } = request16(evse, { ...profile, purpose: 'default' })
            profiles = withProfile(profiles, profileFrom16(evse, csChargingProfiles, undefined))
            due ??= renewalOf(weekly, profile)
          }
          held.push({ from: sentAt, profiles })
          sentAt = due !== undefined && due < start + 400 * day ? due + late : undefined
        }
        for (const after of minutes) {
          const at = start + after * minute + 30_000
          const known = held.findLast(({ from }) => from <= at)!
          const occupancy = { evse: 1, transactionKey: undefined, startedAt: undefined }
          assert.equal(
            limitWattsAt(known.profiles, at, occupancy, 1e9),
            asked(weekly, 11, at),
            `${new Date(at).toISOString()} ${JSON.stringify(weekly)}`,
          )
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('a week says the same in steps as in words, also over midnight', () => {
  const weekly: Weekly = {
    timeZone: 'Europe/Berlin',
    times: [{ days: ['sun'], from: '22:00', to: '06:00', kilowatts: 5 }],
  }
  const steps = stepsOf(weekly, { unit: 'W', value: 11_000 })
  assert.ok(!isRefusal(steps))
  const at = (text: string): number => valueAt(steps, weekly.timeZone, Date.parse(text))
  assert.equal(at('2026-07-05T21:59:00+02:00'), 11_000)
  assert.equal(at('2026-07-05T22:00:00+02:00'), 5_000)
  assert.equal(at('2026-07-06T05:59:00+02:00'), 5_000)
  assert.equal(at('2026-07-06T06:00:00+02:00'), 11_000)
})

test('times that overlap, other units and unknown zones are refused by name', () => {
  const time = { days: ['mon'], from: '10:00', to: '12:00', kilowatts: 5 } as const
  const limit = { unit: 'W', value: 11_000 } as const
  const refusedFor = (weekly: object): string | undefined => {
    const problem = checkWhen({ weekly: weekly as Weekly }, limit)
    return problem?.field
  }
  const timeZone = 'Europe/Berlin'
  const twice = [time, { ...time, from: '11:00', to: '13:00' }]
  assert.equal(refusedFor({ timeZone, times: twice }), 'weekly.times[1]')
  const bare = { days: time.days, from: time.from, to: time.to }
  const amperes = [{ ...bare, amperes: 5 }]
  assert.equal(refusedFor({ timeZone, times: amperes }), 'weekly.times[0].amperes')
  assert.equal(refusedFor({ timeZone, times: [bare] }), 'weekly.times[0].amperes')
  assert.equal(refusedFor({ timeZone: 'Mars/Base', times: [time] }), 'weekly.timeZone')
  assert.equal(refusedFor({ timeZone, times: [time] }), undefined)
})

test('the next turn is never later than the first moment that says something else', () => {
  fc.assert(
    fc.property(weeks, fc.integer({ min: 0, max: 400 * 24 * 60 }), (weekly, after) => {
      const steps = stepsOf(weekly, { unit: 'W', value: 11_000 })
      assert.ok(!isRefusal(steps))
      const at = start + after * minute
      const turn = nextTurn(steps, weekly.timeZone, at)
      assert.ok(turn > at && turn <= at + 8 * day)
      for (let probe = at; probe < turn; probe += 30 * minute)
        assert.equal(valueAt(steps, weekly.timeZone, probe), valueAt(steps, weekly.timeZone, at))
    }),
    { numRuns: 50 },
  )
})

test('the change of clocks is found to the second', () => {
  assert.equal(
    nextOffsetChange('Europe/Berlin', start, start + 200 * day),
    Date.parse('2026-03-29T01:00:00Z'),
  )
  assert.equal(nextOffsetChange('Asia/Kolkata', start, start + 400 * day), undefined)
  assert.equal(offsetMinutes('Australia/Lord_Howe', start), 11 * 60)
})
