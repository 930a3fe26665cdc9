import type { Actor } from '../kernel/actor.ts'
import type { Reservation, Spoken } from './decision.ts'
import type { Asked } from './gate.ts'
import type { FleetStanding, TargetStanding } from './question.ts'
import type { PolicyRules } from './rules/rules.ts'

/** What is known of targets and of the whole when a decision is made. */
export interface Standings {
  of(
    actor: Actor,
    asked: Asked,
    rules: PolicyRules,
    now: number,
  ): Promise<{ readonly targets: readonly TargetStanding[]; readonly fleet: FleetStanding }>
  /** Reservations that there is no room for, as denials. */
  withoutRoom(reservations: readonly Reservation[], now: number): Promise<readonly Spoken[]>
}

/** Where targets are, and nothing else of them. */
export function placesOnly(
  placesOf: (chargers: readonly string[]) => Promise<ReadonlyMap<string, string | null>>,
): Standings {
  return {
    async of(_actor, { chargers }) {
      const places = await placesOf(chargers)
      return {
        targets: chargers.map((charger) => ({
          ...nothingKnown,
          charger,
          group: places.get(charger) ?? null,
        })),
        fleet: {
          chargers: 0,
          perSite: {},
          disturbed: { total: 0, perSite: {}, chargers: [] },
          wattsChangedLastMinute: 0,
          wattsPerMinuteGranted: 0,
        },
      }
    },
    withoutRoom: () => Promise.resolve([]),
  }
}

/** A charger without a place, of which nothing is known. */
export const nothingKnown: Omit<TargetStanding, 'charger' | 'group'> = {
  site: null,
  vendor: null,
  model: null,
  connected: false,
  runningSessions: 0,
  sessionsAt: [],
  watts: null,
  faults: [],
  conditions: [],
  maintenance: false,
  resets: [],
  recentFailures: 0,
}
