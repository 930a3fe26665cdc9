import type { ChargerFacts } from '../facts.ts'
import { notYet } from '../operation.ts'
import type { Sighting } from '../operation.ts'

/*
 * Whether a 2.x charger holds profiles, by its own list (GetChargingProfiles, K09): asked for by their ids
 * after it accepted them, told in ReportChargingProfiles with the same requestId.
 */

export const heldLooksLike = 'the charger lists the profile among those it holds'
/** How long the list may take. */
export const heldWithinMs = 60_000

export function heldSeen(
  facts: Pick<ChargerFacts, 'reports'>,
  requestId: number,
  ids: readonly number[],
  /** What they say, as `listedAs` puts it. */
  listed: readonly string[],
): Sighting {
  const report = facts.reports.find(
    (one) => one.kind === 'charging-profiles' && one.requestId === requestId,
  )
  if (report === undefined) return notYet
  const missing = ids.filter((id) => !report.ids.includes(String(id)))
  if (missing.length === 0) return sameContent(report.ids, listed)
  return report.complete
    ? {
        seen: 'no',
        because: `accepted, but not among the profiles it holds: ${missing.join(', ')}`,
      }
    : notYet
}

/** Under the same id it may hold what it held before. */
function sameContent(held: readonly string[], listed: readonly string[]): Sighting {
  if (listed.length > 0 && listed.every((one) => held.includes(one))) return { seen: 'yes' }
  return {
    seen: 'unclear',
    because: 'the charger lists a profile with this id, and what it lists says something else',
  }
}
