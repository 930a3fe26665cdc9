import type { Actor } from '../kernel/actor.ts'
import type { ApprovalRules } from '../policy/rules/approvals.ts'
import type { Directory } from './people.ts'

/**
 * Whether nobody but this person could ever agree: no other was given a role that decides, or ownership. Locking
 * others, or waiting until their term is over, makes nobody alone.
 */
export async function isAlone(
  { directory }: { readonly directory: Directory },
  { actor }: { readonly actor: Actor },
  { approvals }: ApprovalRules['others'],
): Promise<boolean> {
  if (actor.kind !== 'person') return false
  const roles = approvals.flatMap((need) => need.roles)
  const holders = await directory.holdersOf([...new Set([...roles, 'owner'])])
  return holders.length === 1 && holders[0] === actor.id
}
