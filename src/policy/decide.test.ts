import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  noon,
  question,
  robot,
  system,
  target,
  type AskedQuestion,
} from '../../test/kit/question.ts'
import { decideBy, type Judges } from './decide.ts'
import type { Spoken } from './decision.ts'
import type { Question, RuleResult } from './question.ts'
import { assess } from './risk/assess.ts'
import { roleRule } from './role-rule.ts'
import { builtInRoles, systemRole } from './roles.ts'

const engineer = { bindings: [{ role: builtInRoles.engineer, scope: 'everywhere' }] } as const

function decided(
  asked: AskedQuestion,
  more: Partial<Question> = {},
  ...rules: ((q: Question) => RuleResult)[]
) {
  const judges: Judges = { rules: [roleRule, ...rules], assess }
  const who = { ...engineer, ...asked.who }
  return decideBy(judges, { ...question({ ...asked, who }), ...more })
}
const says =
  (...spoken: Spoken[]) =>
  (): RuleResult => ({ spoken })
const needs = (wanted: Spoken['needs']): Spoken => ({
  rule: 'risk',
  says: 'requires',
  sentence: 'It is risky.',
  ...(wanted === undefined ? {} : { needs: wanted }),
})
const factors = (at: number) => ({
  authentication: { by: 'session', id: 's', factors: { password: noon, totp: at } } as const,
})

test('what no role allows is denied, whatever else is said', () => {
  const word: Spoken = { rule: 'risk', says: 'allows', sentence: 'Go on.' }
  const found: Spoken = { ...word, rule: 'role' }
  const { outcome, reasons } = decided({ who: { bindings: [] } }, { findings: [found] }, says(word))
  assert.equal(outcome, 'deny')
  assert.match(reasons[0]!.sentence, /Pat holds no role that allows charger\.reset/)
})

test('a role holds only where it is bound, and the chargers outside are named', () => {
  const bindings = [{ role: builtInRoles.engineer, scope: { groups: ['South'] } }]
  const asked = {
    who: { bindings },
    targets: [target({ charger: 'A', group: 'South/1' }), target({ charger: 'B', group: null })],
  }
  const { outcome, reasons } = decided(asked)
  assert.equal(outcome, 'deny')
  assert.deepEqual(reasons[0]!.chargers, ['B'])
})

test('nothing leaves by a role that is held no more: the last that reaches a charger counts, and the first charger', () => {
  const minute = 60_000
  const role = builtInRoles.engineer
  const bindings = [
    { role, scope: { groups: ['North'] }, until: noon + 3 * minute },
    { role, scope: { groups: ['North/1'] }, until: noon + 8 * minute },
    { role, scope: { groups: ['South'] } },
    { role: builtInRoles.viewer, scope: 'everywhere' },
  ] as const
  const endFor = (...groups: string[]) => {
    const targets = groups.map((group, at) => target({ charger: `CP-${at}`, group }))
    const { bounds, reasons } = decided({ who: { bindings }, targets })
    const note = reasons.find(({ says: how }) => how === 'notes')?.sentence
    return [bounds.notAfter === undefined ? null : (bounds.notAfter - noon) / minute, note]
  }
  const said = (at: string) =>
    `that ends at 2026-03-04T${at}Z: what has not left by then is not sent`
  assert.deepEqual(endFor('South'), [null, undefined])
  assert.deepEqual(endFor('North'), [3, said('12:03:00')])
  assert.deepEqual(endFor('North/1', 'South'), [8, said('12:08:00')])
  assert.deepEqual(endFor('North/1', 'North/2'), [3, said('12:03:00')])
})

test('one denial outweighs everything that speaks for it', () => {
  const denial: Spoken = { rule: 'guard.x', says: 'denies', sentence: 'Not now.' }
  assert.equal(decided({}, {}, says(denial)).outcome, 'deny')
  assert.equal(decided({}, { findings: [denial] }).outcome, 'deny')
})

test('a second factor is asked for when it is too old, and not when it is fresh', () => {
  const rule = says(needs({ freshWithinMs: 60_000 }))
  assert.equal(decided({}, {}, rule).outcome, 'step-up')
  const at = (age: number) => decided({ who: factors(noon - age) }, {}, rule).outcome
  assert.deepEqual([at(59_000), at(60_000), at(61_000)], ['allow', 'allow', 'step-up'])
})

test('a password alone is no second factor, however fresh', () => {
  const authentication = { by: 'session', id: 's', factors: { password: noon } } as const
  const rule = says(needs({ freshWithinMs: 60_000 }))
  assert.equal(decided({ who: { authentication } }, {}, rule).outcome, 'step-up')
})

test('approvals are counted by person, and only with a role that was asked for', () => {
  const rule = says(needs({ approvals: [{ count: 2, roles: ['approver', 'owner'] }] }))
  const by = (...approvers: { id: string; roles: string[] }[]) =>
    decided({ approval: { id: 'a', digest: 'd', approvers, requestedAt: noon } }, {}, rule).outcome
  const one = { id: 'p-2', roles: ['approver'] }
  assert.equal(decided({}, {}, rule).outcome, 'approval')
  assert.equal(by(one), 'approval')
  assert.equal(by(one, one), 'approval')
  assert.equal(by(one, { id: 'p-3', roles: ['viewer'] }), 'approval')
  assert.equal(by(one, { id: 'p-3', roles: ['owner'] }), 'allow')
})

test('a wait counts from the request, and there is none without a request', () => {
  const rule = says(needs({ waitMs: 600_000 }))
  const since = (requestedAt: number) =>
    decided({ approval: { id: 'a', digest: 'd', approvers: [], requestedAt } }, {}, rule).outcome
  assert.equal(decided({}, {}, rule).outcome, 'approval')
  assert.deepEqual([since(noon - 599_999), since(noon - 600_000)], ['approval', 'allow'])
})

test('a ticket that is needed and not named is a denial that says so', () => {
  const { outcome, reasons } = decided({}, {}, says(needs({ ticket: true })))
  assert.equal(outcome, 'deny')
  assert.ok(reasons.some(({ rule }) => rule === 'needs.ticket'))
})

test('a robot shows no factor: without a budget it is denied, with one it is not', () => {
  const rule = says(needs({ freshWithinMs: 60_000 }))
  const who = { actor: robot }
  assert.equal(decided({ who }, {}, rule).outcome, 'deny')
  const budget = (): RuleResult => ({
    spoken: [],
    reservations: [
      {
        ...{ key: 'robot/r-1', amount: 1, limit: 5, windowMs: 1, sentence: 's' },
        rule: 'guard.robot-budget',
      },
    ],
  })
  assert.equal(decided({ who }, {}, rule, budget).outcome, 'allow')
})

test('the product itself may do what its rooms do, asks nobody, and nothing else', () => {
  const who = { actor: system, bindings: [{ role: systemRole, scope: 'everywhere' }] } as const
  const rule = says(needs({ freshWithinMs: 1, approvals: [{ count: 2, roles: ['owner'] }] }))
  assert.equal(decided({ who, operation: 'power.limit' }, {}, rule).outcome, 'allow')
  assert.equal(decided({ who, operation: 'charger.reset' }, {}, rule).outcome, 'deny')
  assert.equal(decided({ who, operation: 'firmware.update' }, {}, rule).outcome, 'deny')
})

test('needs add up to the strictest of each kind', () => {
  const { needs: all } = decided(
    {},
    {},
    says(
      needs({ freshWithinMs: 900_000, approvals: [{ count: 1, roles: ['owner', 'approver'] }] }),
      needs({ freshWithinMs: 60_000, waitMs: 5 }),
      needs({ approvals: [{ count: 2, roles: ['approver', 'owner'] }], waitMs: 1 }),
    ),
  )
  assert.deepEqual(all, {
    freshWithinMs: 60_000,
    approvals: [{ count: 2, roles: ['approver', 'owner'] }],
    waitMs: 5,
  })
})
