import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { approved, noon, question, target } from '../../test/kit/question.ts'
import type { Scope } from '../fleet/groups/scope.ts'
import { intersection } from '../fleet/groups/scope.ts'
import { operations } from '../operations/catalogue.ts'
import { decideBy, type Judges } from './decide.ts'
import type { Decision, Spoken } from './decision.ts'
import { guards } from './guards/guards.ts'
import type { Binding, Question } from './question.ts'
import { assess } from './risk/assess.ts'
import { riskRule } from './risk/rule.ts'
import { roleRule } from './role-rule.ts'
import { builtInRoles } from './roles.ts'

const judges: Judges = {
  rules: [roleRule, riskRule, ...guards.map(({ decide }) => decide)],
  assess,
}
const decide = (asked: Question): Decision => decideBy(judges, asked)

/** The less it allows, the higher. */
const strictness = { allow: 0, 'step-up': 1, approval: 2, deny: 3 } as const
function isNoWider(after: Decision, before: Decision): boolean {
  return strictness[after.outcome] >= strictness[before.outcome]
}

const paths = ['North', 'North/1', 'North/1/a', 'North/2', 'South', 'South/1', 'Northern']
const path = fc.constantFrom(...paths)
const scope: fc.Arbitrary<Scope> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Scope>('everywhere') },
  { weight: 3, arbitrary: fc.array(path, { maxLength: 3 }).map((groups) => ({ groups })) },
)
const binding: fc.Arbitrary<Binding> = fc
  .record({
    role: fc.constantFrom(...Object.values(builtInRoles)),
    scope,
    lasts: fc.option(fc.integer({ min: 1, max: 1e6 })),
  })
  .map(({ lasts, ...one }) => (lasts === null ? one : { ...one, until: noon + lasts }))
const spoken: fc.Arbitrary<Spoken> = fc.record({
  rule: fc.constantFrom('detection.frequency', 'role', 'guard.x'),
  says: fc.constantFrom('notes', 'requires', 'allows'),
  sentence: fc.constant('s'),
  needs: fc.oneof(
    fc.constant({}),
    fc.record({ freshWithinMs: fc.integer({ min: 1, max: 1e6 }) }),
    fc.record({ waitMs: fc.integer({ min: 1, max: 1e6 }) }),
  ),
})
const asked: fc.Arbitrary<Question> = fc
  .record({
    bindings: fc.array(binding, { maxLength: 4 }),
    operation: fc.constantFrom(...operations.map(({ name }) => name)),
    groups: fc.array(fc.option(path), { minLength: 1, maxLength: 4 }),
    findings: fc.array(spoken, { maxLength: 2 }),
    factorAge: fc.option(fc.integer({ min: 0, max: 3_600_000 })),
    isApproved: fc.boolean(),
    sessions: fc.nat({ max: 2 }),
  })
  .map(({ bindings, operation, groups, findings, factorAge, isApproved, sessions }) => ({
    ...question({
      operation,
      targets: groups.map((group, index) =>
        target({
          ...{ charger: `CP-${index}`, group, site: group },
          sessionsAt: Array.from({ length: sessions }, (_, at) => at + 1),
        }),
      ),
      who: {
        bindings,
        authentication: {
          ...{ by: 'session', id: 's' },
          factors: factorAge === null ? {} : { totp: noon - factorAge },
        },
      },
      ...(isApproved ? { approval: approved } : {}),
    }),
    findings,
  }))

function withBindings(one: Question, bindings: readonly Binding[]): Question {
  return { ...one, who: { ...one.who, bindings } }
}

test('adding a denial never allows', () => {
  fc.assert(
    fc.property(asked, fc.nat(), (one, at) => {
      const denial: Spoken = { rule: 'detection.hold', says: 'denies', sentence: 'Held.' }
      const findings = one.findings.toSpliced(at % (one.findings.length + 1), 0, denial)
      assert.equal(decide({ ...one, findings }).outcome, 'deny')
    }),
    { seed: 17, numRuns: 300 },
  )
})

test('adding a need never widens', () => {
  fc.assert(
    fc.property(asked, spoken, (one, more) => {
      assert.ok(isNoWider(decide({ ...one, findings: [...one.findings, more] }), decide(one)))
    }),
    { seed: 17, numRuns: 300 },
  )
})

test('narrowing the scope of a binding never widens', () => {
  fc.assert(
    fc.property(asked, scope, fc.nat(), (one, bound, at) => {
      const { bindings } = one.who
      fc.pre(bindings.length > 0)
      const narrowed = bindings.map((own, index) =>
        index === at % bindings.length ? { ...own, scope: intersection(own.scope, bound) } : own,
      )
      assert.ok(isNoWider(decide(withBindings(one, narrowed)), decide(one)))
    }),
    { seed: 17, numRuns: 500 },
  )
})

test('removing a binding never widens', () => {
  fc.assert(
    fc.property(asked, fc.nat(), (one, at) => {
      const { bindings } = one.who
      fc.pre(bindings.length > 0)
      const fewer = bindings.toSpliced(at % bindings.length, 1)
      assert.ok(isNoWider(decide(withBindings(one, fewer)), decide(one)))
    }),
    { seed: 17, numRuns: 500 },
  )
})

test('a binding that ends sooner never lets anything leave later', () => {
  fc.assert(
    fc.property(asked, fc.nat(), fc.integer({ min: 1, max: 1e6 }), (one, at, lasts) => {
      const { bindings } = one.who
      fc.pre(bindings.length > 0)
      const sooner = bindings.map((own, index) =>
        index === at % bindings.length
          ? { ...own, until: Math.min(own.until ?? Infinity, noon + lasts) }
          : own,
      )
      const [before, after] = [decide(one), decide(withBindings(one, sooner))]
      assert.equal(after.outcome, before.outcome)
      if (after.outcome === 'allow')
        assert.ok((after.bounds.notAfter ?? Infinity) <= (before.bounds.notAfter ?? Infinity))
    }),
    { seed: 17, numRuns: 500 },
  )
})

test('an older factor never widens, and none is the oldest', () => {
  fc.assert(
    fc.property(asked, fc.nat({ max: 3_600_000 }), fc.nat({ max: 3_600_000 }), (one, age, more) => {
      const aged = (factors: { totp?: number }): Question => ({
        ...one,
        who: { ...one.who, authentication: { by: 'session', id: 's', factors } },
      })
      const fresh = decide(aged({ totp: noon - age }))
      const older = decide(aged({ totp: noon - age - more }))
      assert.ok(isNoWider(older, fresh))
      assert.ok(isNoWider(decide(aged({})), older))
    }),
    { seed: 17, numRuns: 300 },
  )
})

test('whatever is decided says why', () => {
  fc.assert(
    fc.property(asked, (one) => {
      const { outcome, reasons } = decide(one)
      if (outcome === 'deny') assert.ok(reasons.some(({ says }) => says === 'denies'))
      else assert.ok(reasons.some(({ rule, says }) => rule === 'role' && says === 'allows'))
      if (outcome === 'step-up' || outcome === 'approval')
        assert.ok(reasons.some(({ rule }) => rule.startsWith('needs.')))
    }),
    { seed: 17, numRuns: 300 },
  )
})
