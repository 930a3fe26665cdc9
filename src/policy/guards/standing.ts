import type { Query } from '../../storage/database.ts'
import { sumOf, counting } from '../ledger/counter.ts'
import { countMembers, membersAmong, takenOf } from '../ledger/store.ts'
import type { FleetStanding } from '../question.ts'
import { disturbanceKey } from './disturbance.ts'
import { fleetPowerKey, fleetPowerWindowMs } from './fleet-power.ts'

/** Which chargers an actor disturbed within the window, of those that matter to a decision. */
export async function disturbedBy(
  query: Query,
  actor: string,
  { sites, chargers }: { readonly sites: readonly string[]; readonly chargers: readonly string[] },
  { windowMs, now }: { readonly windowMs: number; readonly now: number },
): Promise<FleetStanding['disturbed']> {
  const since = now - windowMs
  const fleet = disturbanceKey(actor)
  const keys = [fleet, ...sites.map((site) => disturbanceKey(actor, site))]
  const [counts, among] = await Promise.all([
    countMembers(
      query,
      keys.map((key) => ({ key, since })),
    ),
    membersAmong(query, [{ key: fleet, since, members: chargers }]),
  ])
  return {
    total: counts.get(fleet)?.members ?? 0,
    perSite: Object.fromEntries(
      sites.map((site) => [site, counts.get(disturbanceKey(actor, site))?.members ?? 0]),
    ),
    chargers: [...(among.get(fleet) ?? [])],
  }
}

/** Power by which commands changed the fleet's within the last minute, as far as they had to reserve it, W. */
export async function wattsChanged(query: Query, now: number): Promise<number> {
  const taken = (await takenOf(query, [fleetPowerKey])).get(fleetPowerKey) ?? []
  return sumOf(counting(taken, fleetPowerWindowMs, now))
}
