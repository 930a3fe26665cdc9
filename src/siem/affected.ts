import type { AuditEntry } from '../audit/audit.ts'

/** Whose account or rights an entry is about, who need not be whoever did it. */
export interface Affected {
  readonly kind: 'person' | 'robot' | 'team' | 'invitation'
  readonly id: string
  /** Where the entry says it. */
  readonly name?: string
}

const ofAccounts =
  /^(person|invitation|password|factor|passkey|recovery-codes|session|token|role)\./
const namesPeople = /^(person|session)\./

/** Undefined: the entry names nobody beside its actor. */
export function affectedBy({ event, actor, detail }: AuditEntry): Affected | undefined {
  if (!ofAccounts.test(event)) return undefined
  const { person, principal, invitation } = detail
  if (event.startsWith('token.')) return named('robot', detail.id, detail.name)
  if (isPrincipal(principal)) return principal
  if (person === actor.id) return { kind: 'person', id: actor.id, name: actor.name }
  // What is named of a factor is the factor.
  if (person !== undefined && person !== null)
    return named('person', person, namesPeople.test(event) ? detail.name : undefined)
  return named('invitation', invitation, undefined)
}

function named(kind: Affected['kind'], id: unknown, name: unknown): Affected | undefined {
  if (typeof id !== 'string') return undefined
  return { kind, id, ...(typeof name === 'string' ? { name } : {}) }
}

function isPrincipal(one: unknown): one is Affected {
  return typeof one === 'object' && one !== null && 'kind' in one && 'id' in one
}
