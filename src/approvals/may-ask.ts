import type { Context } from '../kernel/actor.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Permission } from '../policy/permission.ts'
import type { Policy } from '../policy/policy.ts'

/** What is asked for the whole installation is asked for by people, who hold its permission everywhere. */
export async function mayAsk(
  policy: Pick<Policy, 'rightsOf'>,
  context: Context,
  permission: Permission,
): Promise<void> {
  if (context.actor.kind !== 'person')
    throw new ProblemError('denied', 'only people ask for this, robots never do')
  const rights = await policy.rightsOf(context)
  if (rights.scopeOf(permission) !== 'everywhere')
    throw new ProblemError('not-permitted', `${permission} is needed everywhere to ask for this`)
}
