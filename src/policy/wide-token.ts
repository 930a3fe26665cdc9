import { operations } from '../operations/catalogue.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Granted } from './holders.ts'
import { coversOperation } from './operation-pattern.ts'
import type { Permission } from './permission.ts'
import type { RobotBudgets, Role } from './question.ts'
import { allowsAction } from './rights.ts'
import type { ApprovalRules } from './rules/approvals.ts'

/** What a robot's token gives. */
export interface TokenPowers extends Pick<Granted, 'grants'> {
  readonly budgets: RobotBudgets | null
}

/**
 * Why a robot's token gives so much that others have to agree to it, in a sentence; undefined: it does not. A
 * role nobody knows is refused: what it will allow once it is made could not be judged now.
 */
export function whyWide(
  { grants, budgets }: TokenPowers,
  roleNamed: (name: string) => Role | undefined,
  rules: ApprovalRules['wideTokens'],
): string | undefined {
  for (const { role: name, group } of grants) {
    const role = roleNamed(name)
    if (role === undefined)
      throw new ProblemError('invalid-input', `there is no role ${name}`, 'grants')
    const permission = rules.permissions.find((one) => allowsAction(role, one as Permission))
    if (permission !== undefined) return `the role ${name} allows ${permission}`
    const allowed = operations.filter((one) => coversOperation(role.operations, one))
    const far = group === null && allowed.find((one) => coversOperation(rules.everywhere, one))
    if (far) return `the role ${name} allows ${far.name} everywhere`
    const free = allowed.find(
      (one) =>
        coversOperation(rules.withoutBudget, one) &&
        !(budgets?.perHour ?? []).some((budget) => coversOperation(budget.operations, one)),
    )
    if (free !== undefined) return `the role ${name} allows ${free.name}, and no budget bounds it`
  }
  return undefined
}
