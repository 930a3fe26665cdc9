import type { Detector } from '../detector.ts'
import { modeFor } from '../detector.ts'
import { keys } from '../past.ts'

const hourMs = 3_600_000

/** Whoever is refused again and again tries what they may not. */
export const refusals: Detector = {
  name: 'refusals',
  title: 'Refused more than allowed',
  baseline:
    'The share of refused attempts of the actor in the last hour (in steps of 10 minutes); people who may do what they try are rarely refused',
  find(attempt, past, rules) {
    const { actor, at } = attempt
    const { least, share } = rules.refusals
    const mode = modeFor(attempt, rules.refusals)
    if (mode === undefined) return []
    const key = keys.tries(actor.id)
    const { allowed, refused } = past(key).lastHour(at)
    if (refused < least || refused <= share * (allowed + refused)) return []
    return [
      {
        detector: 'refusals',
        key,
        mode,
        sentence: `${actor.name} was refused ${refused} of ${allowed + refused} times within an hour`,
        observed: refused / (allowed + refused),
        baseline: { share, least },
        windowMs: hourMs,
      },
    ]
  },
}
