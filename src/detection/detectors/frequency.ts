import type { DetectionRules } from '../../policy/rules/detection.ts'
import type { Detector, Finding } from '../detector.ts'
import { askingAtMost, modeFor } from '../detector.ts'
import { keys, sharedBy } from '../past.ts'
import type { Tally } from '../tally.ts'

const hourMs = 3_600_000

/** Too many chargers in an hour, for this person, role, command or site. */
export const frequency: Detector = {
  name: 'frequency',
  title: 'Unusual frequency',
  baseline:
    'Chargers commanded in the last hour (in steps of 10 minutes) by the actor, by everybody of the role, with the operation, and at the site, each against the median and the scaled median absolute deviation of its own active hours. What only reads counts for the actor alone; and nobody is throttled or held by counts that others have a part in: people show a second factor, robots are observed',
  find(attempt, past, rules) {
    const mode = modeFor(attempt, rules.frequency)
    if (mode === undefined) return []
    const { actor, targets } = attempt
    const subjects = [
      { key: keys.actor(actor.id), name: actor.name, adds: targets.length, does: mode },
      ...sharedBy(attempt).map((one) => ({ ...one, does: askingAtMost(attempt, mode) })),
    ]
    return subjects.flatMap(({ key, name, adds, does }) => {
      const tally = past(key)
      const observed = tally.lastHour(attempt.at).allowed + adds
      const usual = usualOf(tally, attempt.at, rules)
      if (observed <= usual.most) return []
      const finding: Finding = {
        detector: 'frequency',
        key,
        mode: does,
        sentence: `${name}: ${observed} chargers within an hour, where ${usual.words}`,
        observed,
        baseline: usual.baseline,
        windowMs: hourMs,
        until: tally.easesAt(attempt.at),
      }
      return [finding]
    })
  },
}

function usualOf(tally: Tally, at: number, rules: DetectionRules) {
  const { deviations, least, activeHours, ceiling } = rules.frequency
  const { median, deviation, activeHours: known } = tally.baseline(at)
  const baseline = { median, deviation: round(deviation), activeHours: known }
  if (known < activeHours)
    return {
      most: ceiling,
      baseline: { ...baseline, ceiling },
      words: `with ${known} active hours known so far up to ${ceiling} pass`,
    }
  // Whoever always does the same has no deviation; a quarter of the median is allowed for.
  const most = Math.max(least, median + deviations * Math.max(deviation, median / 4, 1))
  return {
    most,
    baseline: { ...baseline, most: round(most) },
    words: `${round(median)} is usual (median of ${known} active hours) and up to ${round(most)} pass`,
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
