import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { operations } from '../../operations/catalogue.ts'
import { riskLevels } from '../decision.ts'
import { defaultRiskRules } from '../rules/risk.ts'
import { question, robot, system, target, targets } from '../../../test/kit/question.ts'
import type { AskedQuestion } from '../../../test/kit/question.ts'
import { assess } from './assess.ts'
import { needsAt, riskRule } from './rule.ts'

const busy = { sessionsAt: [1] }
const table: readonly (readonly [string, AskedQuestion, string, number])[] = [
  [
    'reading from a whole fleet',
    { operation: 'settings.read', targets: targets(20_000) },
    'low',
    0,
  ],
  ['starting one session', { operation: 'session.start' }, 'low', 5],
  [
    'clearing the cache of thirty chargers',
    { operation: 'tokens.clear-cache', targets: targets(30) },
    'moderate',
    20,
  ],
  ['resetting one idle charger', {}, 'moderate', 20],
  ['resetting one with a session', { targets: [target(busy)] }, 'moderate', 25],
  ['resetting twenty idle chargers', { targets: targets(20) }, 'moderate', 30],
  ['resetting twenty-one', { targets: targets(21) }, 'severe', 80],
  ['unlocking one connector', { operation: 'connector.unlock' }, 'high', 50],
  [
    'unlocking under a session',
    { operation: 'connector.unlock', targets: [target(busy)] },
    'high',
    62.5,
  ],
  [
    'updating the firmware of six',
    { operation: 'firmware.update', targets: targets(6) },
    'severe',
    75,
  ],
  [
    'updating the firmware of thirty',
    { operation: 'firmware.update', targets: targets(30) },
    'severe',
    200,
  ],
  ['a reset that failed three times', { targets: [target({ recentFailures: 3 })] }, 'moderate', 25],
  ['a reset in the evening peak', { now: Date.parse('2026-03-04T17:00:00Z') }, 'moderate', 22],
]

for (const [name, asked, level, score] of table)
  test(`${name} is of ${level} risk`, () => {
    const found = assess(question(asked))
    assert.deepEqual([found.level, found.score], [level, score])
    for (const { sentence } of found.factors) assert.match(sentence, /^.+: (?:times )?[\d.]+\.$/)
  })

test('the hours are those of the fleet’s time zone', () => {
  const now = Date.parse('2026-03-04T09:00:00Z')
  assert.equal(assess(question({ now })).score, 20)
  assert.equal(assess(question({ now, risk: { timeZone: 'Asia/Tokyo' } })).score, 22)
})

test('an operation can weigh other than its class', () => {
  const found = assess(question({ risk: { operations: { 'charger.reset': 60 } } }))
  assert.deepEqual([found.level, found.score], ['high', 60])
})

const some = fc.record({
  operation: fc.constantFrom(...operations.map(({ name }) => name)),
  count: fc.integer({ min: 1, max: 400 }),
  sessions: fc.integer({ min: 0, max: 3 }),
  failures: fc.integer({ min: 0, max: 12 }),
  now: fc.integer({ min: 0, max: 7 * 24 * 60 }).map((minutes) => minutes * 60_000),
})
const anySteps = fc.array(
  fc.record({
    from: fc.integer({ min: 0, max: 300 }),
    times: fc.double({ min: 1, max: 9, noNaN: true }),
  }),
  { maxLength: 5 },
)

function ask({
  operation,
  count,
  sessions,
  failures,
  now,
}: typeof some extends fc.Arbitrary<infer T> ? T : never): AskedQuestion {
  const one = {
    sessionsAt: Array.from({ length: sessions }, (_, index) => index + 1),
    recentFailures: failures,
  }
  return { operation, now, targets: targets(count, one) }
}

test('more targets, more sessions or more failures never lower score or level, whatever the steps', () => {
  const more = fc.record({
    count: fc.integer({ min: 0, max: 100 }),
    sessions: fc.integer({ min: 0, max: 2 }),
    failures: fc.integer({ min: 0, max: 5 }),
  })
  fc.assert(
    fc.property(
      some,
      more,
      anySteps,
      anySteps,
      anySteps,
      (before, extra, byTargets, sessions, failures) => {
        const risk = { targets: byTargets, sessions, failures }
        const after = {
          ...before,
          count: before.count + extra.count,
          sessions: before.sessions + extra.sessions,
          failures: before.failures + extra.failures,
        }
        const [low, high] = [before, after].map((one) => assess(question({ ...ask(one), risk })))
        assert.ok(high!.score >= low!.score)
        assert.ok(riskLevels.indexOf(high!.level) >= riskLevels.indexOf(low!.level))
      },
    ),
    { numRuns: 60 },
  )
})

test('a higher score never needs less', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 500, noNaN: true }),
      fc.double({ min: 0, max: 200, noNaN: true }),
      (score, more) => {
        const [low, high] = [
          needsAt(defaultRiskRules, score),
          needsAt(defaultRiskRules, score + more),
        ]
        assert.ok((high.freshWithinMs ?? Infinity) <= (low.freshWithinMs ?? Infinity))
        assert.ok((high.waitMs ?? 0) >= (low.waitMs ?? 0))
        assert.ok(high.ticket === true || low.ticket !== true)
        for (const { roles, count } of low.approvals ?? [])
          assert.ok(
            (high.approvals ?? []).some(
              (one) => String(one.roles) === String(roles) && one.count >= count,
            ),
          )
      },
    ),
  )
})

test('an idle charger’s reset needs a factor of the last 8 hours, and says why', () => {
  const [spoken, ...others] = riskRule(question()).spoken
  assert.deepEqual(others, [])
  assert.deepEqual(spoken?.needs, { freshWithinMs: 8 * 3_600_000 })
  assert.equal(
    spoken?.sentence,
    'The risk is moderate (20), so it needs a second factor shown within the last 8 h. charger.reset is disruptive: 20.',
  )
})

test('a great risk needs a ticket, two approvals and a wait beside the factor', () => {
  const [spoken] = riskRule(question({ operation: 'firmware.update', targets: targets(30) })).spoken
  assert.deepEqual(spoken?.needs, {
    freshWithinMs: 15 * 60_000,
    approvals: [{ roles: ['approver', 'owner'], count: 2 }],
    ticket: true,
    waitMs: 600_000,
  })
})

test('a robot is asked for no factor but for everything else, the product itself for nothing', () => {
  const severe = { targets: targets(21) }
  assert.deepEqual(riskRule(question({ who: { actor: robot } })).spoken, [])
  const [spoken] = riskRule(question({ ...severe, who: { actor: robot } })).spoken
  assert.deepEqual(spoken?.needs, { approvals: [{ roles: ['approver', 'owner'], count: 1 }] })
  assert.deepEqual(riskRule(question({ ...severe, who: { actor: system } })).spoken, [])
})
