import { ProblemError } from '../kernel/problem.ts'
import type { Permission } from '../policy/permission.ts'
import type { Policy } from '../policy/policy.ts'
import type { RequestKind } from './kind.ts'

/** What is asked for the whole installation is asked for by people, who hold its permission everywhere. */
export function whoHolds(
  permission: Permission,
  policy: Pick<Policy, 'rightsOf'>,
): RequestKind['mayAsk'] {
  return async (caller) => {
    if (caller.actor.kind !== 'person')
      throw new ProblemError('denied', 'only people ask for this, robots never do')
    const rights = await policy.rightsOf(caller)
    if (rights.scopeOf(permission) !== 'everywhere')
      throw new ProblemError('not-permitted', `${permission} is needed everywhere to ask for this`)
  }
}
