import type { Detector } from '../detector.ts'
import { modeFor } from '../detector.ts'

const dayMs = 24 * 3_600_000

/** Resets that left the same fault standing: the next one will too. */
export const sameFault: Detector = {
  name: 'same-fault',
  title: 'Repeated resets with the same fault',
  baseline:
    'Resets of a charger within 24 hours at which a fault stood that stands again now; none is usual',
  find(attempt, _past, rules) {
    const mode = modeFor(attempt, rules.sameFault)
    if (mode === undefined || attempt.operation !== 'charger.reset') return []
    return attempt.targets.flatMap(({ charger, faults, resets }) => {
      const counts = faults.map(({ code }) => ({
        code,
        count: resets.filter((one) => one.at > attempt.at - dayMs && one.faults.includes(code))
          .length,
      }))
      const worst = counts.sort((one, other) => other.count - one.count)[0]
      if (worst === undefined || worst.count < rules.sameFault.resets) return []
      return [
        {
          detector: 'same-fault' as const,
          key: `charger/${charger}`,
          mode,
          sentence: `${charger} was reset ${worst.count} times within 24 h with ${worst.code} standing, and it stands again: resets do not mend it`,
          observed: worst.count,
          baseline: { usual: 0, fault: worst.code },
          windowMs: dayMs,
          chargers: [charger],
        },
      ]
    })
  },
}
