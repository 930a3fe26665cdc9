import type { Context, Factor } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Admission } from './gate.ts'

/** A decision as it stands beside what was done by it in the record. */
export function shortForm(
  { authentication }: Pick<Context, 'authentication'>,
  { decision, approval }: Admission,
  at: number,
): JsonObject {
  const factors = Object.entries(authentication?.factors ?? {}) as [Factor, number][]
  return {
    risk: decision.risk.level,
    rules: [...new Set(decision.reasons.map(({ rule }) => rule))].sort(),
    ...(authentication === undefined ? {} : { by: authentication.by }),
    ...(factors.length === 0
      ? {}
      : {
          // In seconds before.
          factors: Object.fromEntries(
            factors.map(([factor, shownAt]) => [
              factor,
              Math.max(0, Math.round((at - shownAt) / 1000)),
            ]),
          ),
        }),
    ...(authentication?.breakGlass === undefined ? {} : { breakGlass: authentication.breakGlass }),
    ...(approval === undefined ? {} : { approval }),
  }
}
