import { strongSince, type Context } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import { ProblemError, stepUpNeeded } from '../kernel/problem.ts'
import type { IdentityFigures } from './figures.ts'

export interface Freshness {
  readonly clock: Clock
  readonly figures: () => IdentityFigures
}

/** Keys to an account change only in the hands of somebody who has just shown a second factor. */
export function needFreshFactor(
  context: Context,
  { clock, figures }: Freshness,
  before = 'changing how you sign in',
): void {
  const withinMs = figures().factors.changeWithinMinutes * 60_000
  const since = strongSince(context)
  if (since === undefined || clock.now() - since >= withinMs)
    throw stepUpNeeded(`show a second factor again before ${before}`, withinMs)
}

/**
 * The same for what is done to others, so that a session left open does nobody harm. A robot has no factor to show: what
 * its token allows was agreed to when it was made.
 */
export function needFreshPerson(context: Context, parts: Freshness, before: string): void {
  if (context.actor.kind === 'person') needFreshFactor(context, parts, before)
}

/** The person who asks for something of their own. */
export function ownId({ actor }: Context): string {
  if (actor.kind !== 'person')
    throw new ProblemError('not-found', 'a robot has no account, sessions or factors of its own')
  return actor.id
}
