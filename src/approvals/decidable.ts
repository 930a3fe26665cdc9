import { canonicalJson } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { ApprovalRules } from '../policy/rules/approvals.ts'
import type { Directory } from './people.ts'
import { missingOf, missingWords } from './tally.ts'

type KindRules = ApprovalRules['others']

/**
 * Throws a ProblemError that names the field where new rules ask for more people than there are: nothing of that kind
 * could ever be done, the rules put right included.
 */
export async function checkDecidable(
  directory: Pick<Directory, 'holdersOf' | 'look'>,
  rules: ApprovalRules,
  inForce: ApprovalRules,
): Promise<void> {
  const before = needsIn(inForce)
  for (const [field, needs] of needsIn(rules)) {
    const same = before.get(field)
    if (same !== undefined && canonicalJson(same) === canonicalJson(needs)) continue
    const roles = [...new Set(needs.flatMap((need) => need.roles))]
    const people = await directory.look(await directory.holdersOf(roles))
    const able = [...people.values()].filter(({ active }) => active)
    const missing = missingOf(
      needs,
      able.map(({ id, holdings }) => ({ id, roles: holdings.map(({ role }) => role) })),
    )
    if (missing.length > 0)
      throw new ProblemError(
        'invalid-input',
        `too few people could decide by it: ${missingWords(missing)}`,
        field,
      )
  }
}

/** Who has to agree, by the field that says so. */
function needsIn({ kinds, others, voluntary }: ApprovalRules): Map<string, KindRules['approvals']> {
  return new Map([
    ...Object.entries(kinds).map(([kind, { approvals }]): [string, KindRules['approvals']] => [
      `approvals.kinds.${kind}.approvals`,
      approvals,
    ]),
    ['approvals.others.approvals', others.approvals],
    ['approvals.voluntary.approvals', voluntary.approvals],
  ])
}
