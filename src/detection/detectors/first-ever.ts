import type { Detector, Finding } from '../detector.ts'
import { modeFor } from '../detector.ts'
import { keys, sitesOf } from '../past.ts'

const dayMs = 24 * 3_600_000
const serious = new Set(['disruptive', 'critical'])

/** Somebody known does what they never did, or where they never did anything. */
export const firstEver: Detector = {
  name: 'first-ever',
  title: 'First-ever combination',
  baseline:
    'A disruptive or critical operation that the actor never used, or a site at which they never did anything, within the days a baseline looks back; for actors with enough attempts to be known',
  find(attempt, past, rules) {
    const { actor, operation, risk, at } = attempt
    const mode = modeFor(attempt, rules.firstEver)
    if (mode === undefined || !serious.has(risk)) return []
    const known = past(keys.actor(actor.id)).allowedBefore(at)
    if (known < rules.firstEver.attempts) return []
    const window = { windowMs: rules.baselineDays * dayMs, baseline: { attempts: known } }
    const findings: Finding[] = []
    const never = (key: string) => past(key).empty
    if (never(keys.deed(actor.id, operation)))
      findings.push({
        detector: 'first-ever',
        key: keys.deed(actor.id, operation),
        mode,
        sentence: `${actor.name} has never used ${operation} in ${rules.baselineDays} days with ${known} attempts`,
        observed: 1,
        ...window,
      })
    const places = [...sitesOf(attempt).keys()].filter((site) => never(keys.place(actor.id, site)))
    if (places.length > 0)
      findings.push({
        detector: 'first-ever',
        key: keys.place(actor.id, places[0]!),
        mode,
        sentence: `${actor.name} has never commanded chargers of ${named(places)} in ${rules.baselineDays} days with ${known} attempts`,
        observed: places.length,
        ...window,
      })
    return findings
  },
}

function named(places: readonly string[]): string {
  const some = places.slice(0, 3).join(', ')
  return places.length > 3 ? `${some} and ${places.length - 3} more sites` : some
}
