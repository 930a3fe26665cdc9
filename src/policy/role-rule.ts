import { covers } from '../fleet/groups/scope.ts'
import type { Scope } from '../fleet/groups/scope.ts'
import type { Question, RuleResult } from './question.ts'
import { coversOperation } from './operation-pattern.ts'
import { isNowhere, whereAllowed } from './rights.ts'

/** Chargers named by a reason. */
const most = 20

/** The only rule that allows anything: a role the asker holds where every target is. */
export function roleRule({ who, what, targets }: Question): RuleResult {
  const { name } = what.operation
  const holding = who.bindings.filter(({ role }) =>
    coversOperation(role.operations, what.operation),
  )
  const scope = whereAllowed(holding, () => true)
  if (isNowhere(scope)) return denied(`${who.actor.name} holds no role that allows ${name}`)
  const outside = targets.filter(({ group }) => !covers(scope, group))
  if (outside.length > 0) {
    const names = outside.slice(0, most).map(({ charger }) => charger)
    const where = outside.length === 1 ? names[0] : `${outside.length} of the chargers`
    return denied(`${who.actor.name} may do ${name} ${saidScope(scope)}, not on ${where}`, names)
  }
  const roles = [...new Set(holding.map(({ role }) => role.name))].sort()
  return {
    spoken: [
      {
        rule: 'role',
        says: 'allows',
        sentence: `${roles.join(', ')} allows ${name} ${saidScope(scope)}`,
      },
    ],
  }
}

function saidScope(scope: Scope): string {
  return scope === 'everywhere' ? scope : `in ${scope.groups.join(', ')}`
}

function denied(sentence: string, chargers?: readonly string[]): RuleResult {
  const reason = { rule: 'role', says: 'denies', sentence } as const
  return { spoken: [chargers === undefined ? reason : { ...reason, chargers }] }
}
