import type { Actor } from '../kernel/actor.ts'
import type { ApprovalRules } from '../policy/rules/approvals.ts'
import type { Directory } from './people.ts'

/**
 * Whether nobody but this person could ever agree: no other was ever able to decide, by whatever the rules named then, nor
 * holds what they name now. Once over it is over for good: locking others, taking their roles or changing the rules
 * makes nobody alone.
 */
export async function isAlone(
  { directory }: { readonly directory: Directory },
  { actor }: { readonly actor: Actor },
  { approvals }: ApprovalRules['others'],
): Promise<boolean> {
  if (actor.kind !== 'person') return false
  const named = [...new Set(approvals.flatMap(({ roles }) => roles))]
  const [deciders, holders] = await Promise.all([directory.deciders(), directory.holdersOf(named)])
  return deciders.includes(actor.id) && [...deciders, ...holders].every((id) => id === actor.id)
}
