import { covers } from '../fleet/groups/scope.ts'
import type { Scope } from '../fleet/groups/scope.ts'
import type { Spoken } from './decision.ts'
import type { Binding, Question, RuleResult } from './question.ts'
import { coversOperation } from './operation-pattern.ts'
import { isNowhere, whereAllowed } from './rights.ts'
import { momentWords } from './words.ts'

/** Chargers named by a reason. */
const most = 20

/**
 * The only rule that allows anything: a role the asker holds where every target is. Nothing leaves by it when it is held
 * no more.
 */
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
  const allowed: Spoken = {
    rule: 'role',
    says: 'allows',
    sentence: `${roles.join(', ')} allows ${name} ${saidScope(scope)}`,
  }
  const notAfter = endOf(holding, targets)
  if (notAfter === Infinity) return { spoken: [allowed] }
  const ends: Spoken = {
    rule: 'role',
    says: 'notes',
    sentence: `that ends at ${momentWords(notAfter)}: what has not left by then is not sent`,
  }
  return { spoken: [allowed, ends], bounds: { notAfter } }
}

/** When the first target is out of reach. */
function endOf(holding: readonly Binding[], targets: Question['targets']): number {
  if (holding.every(({ until }) => until === undefined)) return Infinity
  const ends = targets.map(({ group }) =>
    Math.max(
      ...holding.filter(({ scope }) => covers(scope, group)).map(({ until = Infinity }) => until),
    ),
  )
  return Math.min(...ends)
}

function saidScope(scope: Scope): string {
  return scope === 'everywhere' ? scope : `in ${scope.groups.join(', ')}`
}

function denied(sentence: string, chargers?: readonly string[]): RuleResult {
  const reason = { rule: 'role', says: 'denies', sentence } as const
  return { spoken: [chargers === undefined ? reason : { ...reason, chargers }] }
}
