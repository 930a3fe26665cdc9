import { numberOf, textsOf } from '../../models/capability.ts'
import { quirkOf } from '../../models/profile.ts'
import type { ChargerFacts } from '../facts.ts'
import type { RateUnit } from './amount.ts'
import { purposeOf } from './purpose.ts'
import type { Purpose } from './purpose.ts'

/** What a charger makes of charging profiles, as far as it is known. What is not known is undefined and tried. */
export interface ChargingAbilities {
  readonly units?: readonly RateUnit[]
  readonly maxStackLevel?: number
  readonly maxPeriods?: number
  /** Why profiles of this purpose come to nothing. */
  readonly without: (purpose: Purpose) => string | undefined
  /** Why times by the clock come to nothing. */
  readonly relativeOnly?: string
  /** Below this (W) it ends the session. */
  readonly leastWatts?: number
}

type Known = Pick<ChargerFacts, 'capabilities' | 'profile'>

export function chargingAbilities({ capabilities, profile }: Known): ChargingAbilities {
  const units = unitsOf(textsOf(capabilities, 'charging-rate-units'))
  const maxStackLevel = numberOf(capabilities, 'max-stack-level')
  const maxPeriods = numberOf(capabilities, 'max-schedule-periods')
  const leastWatts = quirkOf(profile, 'zero-limit-ends-session')?.leastW
  const relative = quirkOf(profile, 'relative-profiles-only')
  return {
    without: (purpose) => withoutPurpose({ capabilities, profile }, purpose),
    ...(units === undefined ? {} : { units }),
    ...(maxStackLevel === undefined ? {} : { maxStackLevel }),
    ...(maxPeriods === undefined || maxPeriods < 1 ? {} : { maxPeriods }),
    ...(leastWatts === undefined ? {} : { leastWatts }),
    ...(relative === undefined
      ? {}
      : { relativeOnly: `this model takes no times by the clock: ${relative.why}` }),
  }
}

/** `A`, `W`, and what chargers write in their place (1.6 9.4.2: Current, Power). */
function unitsOf(told: readonly string[] | undefined): readonly RateUnit[] | undefined {
  const units = new Set<RateUnit>()
  for (const text of told ?? []) {
    if (/^(a|amperes?|current)$/i.test(text.trim())) units.add('A')
    if (/^(w|watts?|power)$/i.test(text.trim())) units.add('W')
  }
  return units.size === 0 ? undefined : [...units]
}

function withoutPurpose({ capabilities, profile }: Known, purpose: Purpose): string | undefined {
  const quirk = quirkOf(profile, 'ignores-profile-purpose')
  if (quirk?.purposes.some((word) => purposeOf(word) === purpose) === true)
    return `this model accepts such a profile and does nothing: ${quirk.why}`
  const told = textsOf(capabilities, 'charging-purposes')
  if (told === undefined || told.some((word) => purposeOf(word) === purpose)) return undefined
  return `it takes only ${told.join(', ')}`
}
