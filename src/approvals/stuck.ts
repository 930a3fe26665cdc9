import { circumstancesOf, fileOf, type House } from './house.ts'
import type { IntactRequest } from './intact.ts'
import { recount } from './judge.ts'
import { stillCounts } from './may-decide.ts'
import type { DecisionRow } from './store.ts'
import { missingOf, missingWords, type Approver } from './tally.ts'

/**
 * Why a waiting request cannot get its approvals as things are, in a sentence: with everybody who may approve it, too
 * few do. Undefined: they suffice.
 */
export async function whyStuck(
  house: House,
  request: IntactRequest,
  decisions: readonly DecisionRow[],
): Promise<string | undefined> {
  const { document } = request
  const needed = document.needs.approvals
  const holders = await house.directory.holdersOf([
    ...new Set(needed.flatMap(({ roles }) => roles)),
  ])
  const circumstances = await circumstancesOf(house, house.database, document, decisions, holders)
  const { counting } = recount(fileOf(request, decisions), circumstances)
  const able = [...counting]
  for (const id of holders) {
    const others = { ...circumstances, approvers: able.map((one) => one.id) }
    const verdict = stillCounts(circumstances.people.get(id), document, others)
    if (verdict.may) able.push({ id, roles: verdict.roles } satisfies Approver)
  }
  const missing = missingOf(needed, able)
  return missing.length === 0
    ? undefined
    : `nobody can decide on it at present: ${missingWords(missing)} among those who may`
}
