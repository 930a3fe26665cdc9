import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingOf } from './tally.ts'

const two = { count: 2, roles: ['approver', 'owner'] }
const security = { count: 1, roles: ['security-admin'] }

for (const [name, approvers, missing] of [
  ['nobody fills nothing', [], [2, 1]],
  ['one of each', [['approver'], ['security-admin']], [1]],
  ['everybody who is needed', [['approver'], ['owner'], ['security-admin']], []],
  ['somebody with two roles counts once', [['approver', 'security-admin'], ['owner']], [1]],
  ['and where they are needed', [['approver', 'security-admin'], ['owner'], ['approver']], []],
  ['whatever the order', [['owner'], ['approver'], ['approver', 'security-admin']], []],
  ['more of one kind fill no other place', [['owner'], ['owner'], ['owner']], [1]],
] as const)
  test(`of what is missing: ${name}`, () => {
    const given = approvers.map((roles, n) => ({ id: `p${n}`, roles }))
    const counts = missingOf([two, security], given).map(({ count }) => count)
    assert.deepEqual(
      counts.reduce((sum, count) => sum + count, 0),
      (missing as readonly number[]).reduce((sum, count) => sum + count, 0),
    )
  })
