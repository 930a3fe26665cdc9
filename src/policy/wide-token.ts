import { operations } from '../operations/catalogue.ts'
import { covers } from '../fleet/groups/scope.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Granted } from './holders.ts'
import { coversOperation } from './operation-pattern.ts'
import { permissions, type Permission } from './permission.ts'
import type { RobotBudgets, Role } from './question.ts'
import { allowsAction, whereAllowed, type Rights } from './rights.ts'
import type { ApprovalRules } from './rules/approvals.ts'

/** What a robot's token gives. */
export interface TokenPowers extends Pick<Granted, 'grants'> {
  readonly budgets: RobotBudgets | null
}

/**
 * Why a robot's token gives so much that others have to agree to it, in a sentence; undefined: it does not. By the
 * rules, and because it gives what its maker does not hold. A role nobody knows is refused: what it will allow once it
 * is made could not be judged now. So is a budget for no operation there is, which would bound nothing.
 */
export function whyWide(
  { grants, budgets }: TokenPowers,
  roleNamed: (name: string) => Role | undefined,
  rules: ApprovalRules['wideTokens'],
  maker: Pick<Rights, 'bindings'>,
): string | undefined {
  checkBudgets(budgets)
  for (const { role: name, group } of grants) {
    const role = roleNamed(name)
    if (role === undefined)
      throw new ProblemError('invalid-input', `there is no role ${name}`, 'grants')
    const why = wideByRules(role, group, budgets, rules) ?? beyondMaker(role, group, maker)
    if (why !== undefined) return why
  }
  return undefined
}

function checkBudgets(budgets: RobotBudgets | null): void {
  for (const [index, { operations: patterns }] of (budgets?.perHour ?? []).entries()) {
    const strange = patterns.find(
      (pattern) => !operations.some((one) => coversOperation([pattern], one)),
    )
    if (strange !== undefined)
      throw new ProblemError(
        'invalid-input',
        `${strange} covers no operation there is`,
        `budgets.perHour[${index}].operations`,
      )
  }
}

function wideByRules(
  role: Role,
  group: string | null,
  budgets: RobotBudgets | null,
  rules: ApprovalRules['wideTokens'],
): string | undefined {
  const permission = rules.permissions.find((one) => allowsAction(role, one as Permission))
  if (permission !== undefined) return `the role ${role.name} allows ${permission}`
  const allowed = operations.filter((one) => coversOperation(role.operations, one))
  const far = group === null && allowed.find((one) => coversOperation(rules.everywhere, one))
  if (far) return `the role ${role.name} allows ${far.name} everywhere`
  const free = allowed.find(
    (one) =>
      coversOperation(rules.withoutBudget, one) &&
      !(budgets?.perHour ?? []).some((budget) => coversOperation(budget.operations, one)),
  )
  return free && `the role ${role.name} allows ${free.name}, and no budget bounds it`
}

/** What a robot would do there that its maker may not do there themself: nobody lends what is not theirs. */
function beyondMaker(
  role: Role,
  group: string | null,
  { bindings }: Pick<Rights, 'bindings'>,
): string | undefined {
  const holds = (allows: (held: Role) => boolean) => covers(whereAllowed(bindings, allows), group)
  const lent =
    operations.find(
      (one) =>
        coversOperation(role.operations, one) &&
        !holds((held) => coversOperation(held.operations, one)),
    )?.name ??
    permissionNames.find(
      (one) => allowsAction(role, one) && !holds((held) => allowsAction(held, one)),
    )
  const there = group === null ? 'everywhere' : `in ${group}`
  return lent && `the role ${role.name} allows ${lent} ${there}, which its maker may not do there`
}

const permissionNames = Object.keys(permissions) as Permission[]
