import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProblemError } from '../kernel/problem.ts'
import type { Binding, Role, RobotBudgets } from './question.ts'
import { builtInRoles } from './roles.ts'
import { defaultApprovalRules } from './rules/approvals.ts'
import { whyWide } from './wide-token.ts'

const roles = new Map<string, Role>(
  [
    { name: 'reads', permissions: ['fleet.read'], operations: ['risk:read'] },
    { name: 'unlocks', permissions: ['commands.submit'], operations: ['connector.unlock'] },
    { name: 'resets', permissions: ['commands.submit'], operations: ['charger.*'] },
    { name: 'all-operations', permissions: [], operations: ['*'] },
    { name: 'admits', permissions: ['tokens.write'], operations: [] },
    { name: 'everything', permissions: ['*'], operations: [] },
  ].map((role) => [role.name, role as Role]),
)
const unlocks: RobotBudgets = { perHour: [{ operations: ['connector.unlock'], limit: 5 }] }
const all: RobotBudgets = { perHour: [{ operations: ['risk:critical'], limit: 5 }] }

const owner = { bindings: [{ role: builtInRoles.owner, scope: 'everywhere' as const }] }

const cases: readonly {
  readonly role: string
  readonly group?: string
  readonly budgets?: RobotBudgets
  readonly wide: RegExp | undefined
}[] = [
  { role: 'reads', wide: undefined },
  { role: 'unlocks', budgets: all, wide: /unlocks allows connector\.unlock everywhere/ },
  { role: 'unlocks', group: 'North', wide: /connector\.unlock, and no budget bounds it/ },
  { role: 'unlocks', group: 'North', budgets: unlocks, wide: undefined },
  { role: 'all-operations', group: 'North', budgets: unlocks, wide: /no budget bounds it/ },
  { role: 'all-operations', group: 'North', budgets: all, wide: undefined },
  { role: 'resets', wide: /charger\.rotate-credential everywhere/ },
  { role: 'admits', group: 'North', budgets: all, wide: /admits allows tokens\.write/ },
  { role: 'everything', group: 'North', budgets: all, wide: /everything allows people\.write/ },
]

for (const { role, group = null, budgets = null, wide } of cases)
  test(`a token of ${role} ${group === null ? 'everywhere' : `in ${group}`}, ${budgets === null ? 'without budgets' : `with a budget of ${budgets.perHour[0]!.operations.join()}`}, is ${wide === undefined ? 'ordinary' : 'wide'}`, () => {
    const grants = [
      { role: 'reads', group: null },
      { role, group },
    ]
    const roleNamed = (name: string) => roles.get(name)
    const why = whyWide({ grants, budgets }, roleNamed, defaultApprovalRules.wideTokens, owner)
    if (wide === undefined) assert.equal(why, undefined)
    else assert.match(why ?? '', wide)
  })

test('a budget for no operation there is is refused, whichever of a budget it is', () => {
  const judged = (...patterns: string[]) => {
    const perHour = [
      { operations: ['charger.reset'], limit: 1 },
      { operations: patterns, limit: 1 },
    ]
    const token = { grants: [], budgets: { perHour } }
    return () => whyWide(token, () => undefined, defaultApprovalRules.wideTokens, owner)
  }
  for (const pattern of ['charger.rest', 'chargers.*', 'risk:high', 'charger'])
    assert.throws(
      judged('connector.unlock', pattern),
      (error) =>
        error instanceof ProblemError &&
        error.problem.field === 'budgets.perHour[1].operations' &&
        error.message === `${pattern} covers no operation there is`,
    )
  assert.doesNotThrow(judged('*', 'charger.*', 'risk:read', 'charger.reset'))
})

test('a role that nobody knows is refused', () => {
  const token = { grants: [{ role: 'later', group: null }], budgets: null }
  const judged = () => whyWide(token, () => undefined, defaultApprovalRules.wideTokens, owner)
  assert.throws(judged, (error) => error instanceof ProblemError)
})

const nothingWide = { everywhere: [], withoutBudget: [], permissions: [] }
const held = (role: string, scope: Binding['scope'] = 'everywhere') => ({
  role: roles.get(role)!,
  scope,
})
const lent: readonly {
  readonly name: string
  readonly role: string
  readonly group?: string
  readonly bindings: readonly Binding[]
  readonly wide: RegExp | undefined
}[] = [
  {
    name: 'an operation they do not hold',
    role: 'unlocks',
    bindings: [held('reads'), held('admits')],
    wide: /unlocks allows connector\.unlock everywhere, which its maker may not do there/,
  },
  {
    name: 'everywhere what they hold in a part',
    role: 'unlocks',
    bindings: [held('unlocks', { groups: ['North'] })],
    wide: /connector\.unlock everywhere, which its maker/,
  },
  {
    name: 'elsewhere what they hold in a part',
    role: 'unlocks',
    group: 'Northern',
    bindings: [held('unlocks', { groups: ['North'] })],
    wide: /connector\.unlock in Northern, which its maker/,
  },
  {
    name: 'below what they hold in a part',
    role: 'unlocks',
    group: 'North/A',
    bindings: [held('unlocks', { groups: ['North'] })],
    wide: undefined,
  },
  {
    name: 'what they hold by two roles together',
    role: 'unlocks',
    bindings: [held('all-operations'), held('everything')],
    wide: undefined,
  },
  {
    name: 'an action of the API they do not hold',
    role: 'reads',
    bindings: [held('all-operations')],
    wide: /reads allows fleet\.read everywhere, which its maker/,
  },
]

for (const { name, role, group = null, bindings, wide } of lent)
  test(`a token that gives ${name} is ${wide === undefined ? 'ordinary' : 'wide'}, whatever the rules say`, () => {
    const token = { grants: [{ role, group }], budgets: null }
    const why = whyWide(token, (one) => roles.get(one), nothingWide, { bindings })
    if (wide === undefined) assert.equal(why, undefined)
    else assert.match(why ?? '', wide)
  })
