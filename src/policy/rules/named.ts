import { isJsonObject } from '../../kernel/json.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { fieldPath } from '../../kernel/schema-check.ts'
import { operations } from '../../operations/catalogue.ts'
import { coversOperation } from '../operation-pattern.ts'
import { permissions } from '../permission.ts'
import type { PolicyRules } from './rules.ts'

/** What rules name that lies outside of them. */
type What = 'role' | 'group' | 'operations' | 'operation' | 'permission'

export interface NamedInRules {
  readonly what: What
  readonly name: string
  /** e.g. `guards.windows.windows[0].groups[1]`. */
  readonly field: string
}

/** Which fields hold names, wherever they stand. */
const fields: Readonly<Record<string, What>> = {
  roles: 'role',
  approverRoles: 'role',
  groups: 'group',
  operations: 'operations',
  except: 'operations',
  systemMay: 'operations',
  everywhere: 'operations',
  withoutBudget: 'operations',
  permissions: 'permission',
}

/** Every role, group, operation and permission that rules name. */
export function namedIn(rules: PolicyRules): NamedInRules[] {
  const found: NamedInRules[] = []
  function look(value: unknown, pointer: string, what: What | undefined): void {
    if (typeof value === 'string' && what !== undefined)
      found.push({ what, name: value, field: fieldPath(pointer).replace(/^\./, '') })
    else if (Array.isArray(value))
      for (const [at, item] of (value as readonly unknown[]).entries())
        look(item, `${pointer}/${at}`, what)
    else if (isJsonObject(value))
      for (const [key, below] of Object.entries(value)) {
        const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
        // Weights of operations are by their names.
        if (what === 'operations') look(key, at, 'operation')
        look(below, at, fields[key])
      }
  }
  look(rules, '', undefined)
  return found
}

export interface Known {
  readonly roles: ReadonlySet<string>
  /** Paths; absent: not known yet. */
  readonly groups?: ReadonlySet<string>
}

/** Throws a ProblemError for the first that means nothing: a rule would never speak. */
export function checkMeant(named: readonly NamedInRules[], known: Known): void {
  for (const one of named) {
    const complaint = whyNothing(one, known)
    if (complaint !== undefined) throw new ProblemError('invalid-input', complaint, one.field)
  }
}

function whyNothing({ what, name }: NamedInRules, { roles, groups }: Known): string | undefined {
  switch (what) {
    case 'role':
      return roles.has(name) ? undefined : `there is no role ${name}`
    case 'group':
      return groups === undefined || groups.has(name) ? undefined : `there is no group ${name}`
    case 'operations':
      return operations.some((operation) => coversOperation([name], operation))
        ? undefined
        : `no operation is meant by ${name}`
    case 'operation':
      return operations.some((operation) => operation.name === name)
        ? undefined
        : `there is no operation ${name}`
    case 'permission':
      return Object.hasOwn(permissions, name) ? undefined : `there is no permission ${name}`
  }
}
