import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtInRoles } from '../roles.ts'
import { checkMeant, namedIn } from './named.ts'
import { defaultRules } from './rules.ts'

const roles = new Set(Object.keys(builtInRoles))

test('everything that the rules the product comes with name is there', () => {
  const named = namedIn(defaultRules)
  checkMeant(named, { roles })
  for (const [field, what] of [
    ['approvals.kinds.policy.approvals[0].roles[0]', 'role'],
    ['risk.beyond[0].needs.approvals[0].roles[0]', 'role'],
    ['detection.approverRoles[0]', 'role'],
    ['guards.disturbance.except[0]', 'operations'],
    ['guards.robots.perHour.local[0].operations[0]', 'operations'],
    ['approvals.wideTokens.everywhere[0]', 'operations'],
    ['approvals.wideTokens.permissions[0]', 'permission'],
  ])
    assert.equal(named.find((one) => one.field === field)?.what, what, field)
})

test('the weight of an operation is by its name, not by a pattern', () => {
  const weighing = (operations: Record<string, number>) =>
    namedIn({ ...defaultRules, risk: { ...defaultRules.risk, operations } })
  checkMeant(weighing({ 'charger.reset': 5 }), { roles })
  assert.throws(() => checkMeant(weighing({ 'charger.*': 5 }), { roles }), {
    message: /no operation charger\.\*/,
  })
})
