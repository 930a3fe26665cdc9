import type { Fleet } from '../fleet/fleet.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Reach } from '../policy/reach.ts'
import type { Submission } from './commands.ts'
import { maxTargets } from './submission.ts'

/**
 * The chargers in reach that a submission is for, each once. Throws a ProblemError for one that does not exist, for
 * none and for too many.
 */
export async function targetsOf(
  fleet: Pick<Fleet, 'select'>,
  { target }: Pick<Submission, 'target'>,
  { named, selected }: Reach = { named: 'everywhere', selected: 'everywhere' },
): Promise<readonly string[]> {
  if ('chargers' in target) {
    await fleet.select({ ids: target.chargers }, maxTargets, named)
    return target.chargers
  }
  const chargers = await fleet.select(target.select, maxTargets + 1, selected)
  if (chargers.length === 0)
    throw new ProblemError('no-target', 'no charger matches the selection', 'target.select')
  if (chargers.length > maxTargets) {
    throw new ProblemError(
      'too-many-targets',
      `the selection covers more than ${maxTargets} chargers`,
      'target.select',
    )
  }
  return chargers
}
