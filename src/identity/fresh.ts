import { strongSince, type Context } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import { ProblemError, stepUpNeeded } from '../kernel/problem.ts'
import type { IdentityFigures } from './figures.ts'

/** Keys to an account change only in the hands of somebody who has just shown a second factor. */
export function needFreshFactor(
  context: Context,
  { clock, figures }: { clock: Clock; figures: () => IdentityFigures },
): void {
  const withinMs = figures().factors.changeWithinMinutes * 60_000
  const since = strongSince(context)
  if (since === undefined || clock.now() - since >= withinMs)
    throw stepUpNeeded('show a second factor again before changing how you sign in', withinMs)
}

/** The person who asks for something of their own. */
export function ownId({ actor }: Context): string {
  if (actor.kind !== 'person')
    throw new ProblemError('not-found', 'a robot has no account, sessions or factors of its own')
  return actor.id
}
