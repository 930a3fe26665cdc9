import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { noon, question, target } from '../../../test/kit/question.ts'
import type { Spoken } from '../decision.ts'
import type { TargetStanding } from '../question.ts'
import { resetBudget } from './reset-budget.ts'
import { hintAt } from './root-cause.ts'

const minute = 60_000

/** Resets so many minutes ago, newest first. */
function reset(...minutesAgo: number[]): TargetStanding['resets'] {
  return minutesAgo.map((ago) => ({ at: noon - ago * minute, faults: [] }))
}

function spoken(
  resets: TargetStanding['resets'],
  over: Partial<TargetStanding> = {},
): readonly Spoken[] {
  return resetBudget.decide(question({ targets: [target({ resets, ...over })] })).spoken
}

const pauses: readonly (readonly [string, readonly number[], number | undefined])[] = [
  ['never reset', [], undefined],
  ['once, a minute ago', [1], 1],
  ['once, two minutes ago', [2], undefined],
  ['twice, five minutes ago', [5, 30], 10],
  ['twice, a quarter of an hour ago', [15, 30], undefined],
  ['three times, half an hour ago', [30, 60, 90], 30],
  ['four times, half an hour ago', [30, 60, 90, 120], 30],
  ['yesterday only', [24 * 60], undefined],
]
for (const [name, minutesAgo, wait] of pauses)
  test(`${name}: the next reset ${wait === undefined ? 'may leave' : `waits ${wait} min more`}`, () => {
    const denied = spoken(reset(...minutesAgo)).find(({ says }) => says === 'denies')
    assert.equal(denied?.until, wait === undefined ? undefined : noon + wait * minute)
  })

test('a refusal says how often, when last, and when the next may leave', () => {
  const [first] = spoken(reset(5, 30))
  assert.equal(
    first?.sentence,
    'CP-1 was reset 2 times within 24 h, the last time 5 min ago; the next reset may leave at 2026-03-04T12:10:00Z. Find out first what the last one did not mend.',
  )
})

test('beyond the day’s budget a reset needs approval', () => {
  const five = reset(61, 130, 200, 300, 400)
  const [first] = spoken(five)
  assert.equal(first?.says, 'requires')
  assert.deepEqual(first?.needs?.approvals, [{ count: 1, roles: ['approver', 'owner'] }])
  assert.match(
    first?.sentence ?? '',
    /^CP-1 was reset 5 times within 24 h; more than 5 need approval/,
  )
})

test('of many chargers it says which pause, and every one is reserved', () => {
  const targets = Array.from({ length: 30 }, (_, index) =>
    target({ charger: `CP-${index}`, resets: index < 3 ? reset(1) : [] }),
  )
  const { spoken: said, reservations } = resetBudget.decide(question({ targets }))
  assert.match(
    said[0]?.sentence ?? '',
    /^3 of 30 chargers .*: CP-0, CP-1 and 1 other\. Leave them out/,
  )
  assert.deepEqual(said[0]?.chargers, ['CP-0', 'CP-1', 'CP-2'])
  assert.equal(reservations?.length, 30)
  assert.deepEqual(reservations?.[29]?.key, 'reset/CP-29')
})

test('more resets, or later ones, never let the next leave earlier', () => {
  const times = fc.array(fc.integer({ min: 0, max: 23 * 60 }), { maxLength: 8 })
  const waits = (ago: readonly number[]): number => {
    const sorted = ago.toSorted((one, other) => one - other)
    return spoken(reset(...sorted)).find(({ says }) => says === 'denies')?.until ?? noon
  }
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 23 * 60 }), (ago, more) => {
      assert.ok(waits([...ago, more]) >= waits(ago))
    }),
  )
})

// The likely root cause

const withFaults = (...codes: string[]): TargetStanding['faults'] =>
  codes.map((code) => ({ code, vendorCode: null, info: null, evse: 1, since: noon }))
const resetsWith = (...codes: string[]): TargetStanding['resets'] =>
  [20, 40].map((ago) => ({ at: noon - ago * minute, faults: codes }))

const causes: readonly (readonly [string, Partial<TargetStanding>, string])[] = [
  [
    'an earth fault that outlived resets',
    { faults: withFaults('GroundFailure'), resets: resetsWith('GroundFailure') },
    'grounding',
  ],
  ['an earth fault that came back each time', { resets: resetsWith('GroundFailure') }, 'grounding'],
  [
    'a connection that comes and goes',
    { conditions: ['flapping'], resets: resetsWith() },
    'connectivity',
  ],
  [
    'CALLs that are not answered',
    { conditions: ['one-way'], resets: resetsWith('InternalError') },
    'connectivity',
  ],
  [
    'restarts by itself',
    { conditions: ['boots-repeatedly'], resets: resetsWith() },
    'power-supply',
  ],
  ['an internal error that returns', { resets: resetsWith('InternalError') }, 'firmware'],
  [
    'a reader that stays broken',
    { faults: withFaults('ReaderFailure'), resets: resetsWith('ReaderFailure') },
    'hardware',
  ],
  ['nothing known', { resets: resetsWith() }, 'unknown'],
  ['a fault that is new', { faults: withFaults('GroundFailure'), resets: resetsWith() }, 'unknown'],
]
for (const [name, over, cause] of causes)
  test(`behind resets with ${name} is taken to be: ${cause}`, () => {
    const hint = hintAt(target(over))
    assert.equal(hint.cause, cause)
    assert.match(hint.sentence, /CP-1 .*: .*\.$/)
  })

test('from the second reset on the hint is said beside the decision', () => {
  const faults = { resets: resetsWith('GroundFailure') }
  const note = spoken(faults.resets).find(({ says }) => says === 'notes')
  assert.deepEqual(note?.detail, { cause: 'grounding', resets: 2 })
  assert.equal(spoken(reset(30)).length, 0)
})
