import type { Detector } from '../detector.ts'
import { modeFor } from '../detector.ts'
import { keys } from '../past.ts'

const serious = new Set(['disruptive', 'critical'])
const dayMs = 24 * 3_600_000

/** Somebody does serious things at an hour at which they are never here. */
export const offHours: Detector = {
  name: 'off-hours',
  title: 'Outside somebody’s hours',
  baseline:
    'The share of the actor’s own attempts that fell into this hour of the day or the hours beside it, in the fleet’s time zone, for actors with enough attempts',
  find(attempt, past, rules, local) {
    const { actor, risk, at } = attempt
    const mode = modeFor(attempt, rules.offHours)
    if (mode === undefined || !serious.has(risk)) return []
    const hours = past(keys.actor(actor.id)).byHourOfDay(at, (one) => local.hourOf(one))
    const all = hours.reduce((sum, count) => sum + count, 0)
    if (all < rules.offHours.attempts) return []
    const hour = local.hourOf(at)
    const around = [hour + 23, hour, hour + 1].reduce((sum, one) => sum + hours[one % 24]!, 0)
    const share = around / all
    if (share >= rules.offHours.share) return []
    return [
      {
        detector: 'off-hours',
        key: keys.actor(actor.id),
        mode,
        sentence: `it is ${String(hour).padStart(2, '0')} h, and ${around} of ${all} chargers ${actor.name} commanded in ${rules.baselineDays} days were commanded around this hour`,
        observed: Math.round(share * 10_000) / 10_000,
        baseline: { share: rules.offHours.share, attempts: all },
        windowMs: rules.baselineDays * dayMs,
      },
    ]
  },
}
