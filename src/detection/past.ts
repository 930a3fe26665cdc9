import type { Attempt } from '../policy/attempt.ts'
import { noGroup, placeOf } from '../fleet/standing/place.ts'
import type { Tally } from './tally.ts'

/** Names what is counted. */
export const keys = {
  actor: (id: string) => `actor/${id}`,
  /** Attempts, not chargers. */
  tries: (id: string) => `tries/${id}`,
  role: (name: string) => `role/${name}`,
  operation: (name: string) => `operation/${name}`,
  site: (path: string) => `site/${path}`,
  deed: (actor: string, operation: string) => `deed/${actor}/${operation}`,
  place: (actor: string, site: string) => `place/${actor}/${site}`,
} as const

/** What was counted under each key that an attempt concerns. */
export type Past = (key: string) => Tally

/** The sites an attempt is about, with how many of its chargers each has. */
export function sitesOf({ targets }: Attempt): ReadonlyMap<string, number> {
  const sites = new Map<string, number>()
  for (const target of targets) {
    const path = placeOf(target)
    if (path !== noGroup) sites.set(path, (sites.get(path) ?? 0) + 1)
  }
  return sites
}

/** Something an attempt counts for, whoever does it. */
export interface Shared {
  readonly key: string
  readonly name: string
  /** How many chargers it counts. */
  readonly adds: number
}

/** What an attempt has in common with those of others: none where it only reads, which weighs on nobody. */
export function sharedBy(attempt: Attempt): readonly Shared[] {
  const { roles, operation, risk, targets } = attempt
  if (risk === 'read') return []
  const adds = targets.length
  return [
    ...roles.map((role) => ({ key: keys.role(role), name: `everybody who is ${role}`, adds })),
    { key: keys.operation(operation), name: operation, adds },
    ...[...sitesOf(attempt)].map(([site, count]) => ({
      key: keys.site(site),
      name: site,
      adds: count,
    })),
  ]
}

/** Every key an allowed attempt counts under, with how many chargers it counts. */
export function countsOf(attempt: Attempt): ReadonlyMap<string, number> {
  const { actor, operation, targets } = attempt
  const all = targets.length
  return new Map([
    [keys.actor(actor.id), all],
    [keys.deed(actor.id, operation), all],
    ...sharedBy(attempt).map(({ key, adds }) => [key, adds] as const),
    ...[...sitesOf(attempt)].map(([site, count]) => [keys.place(actor.id, site), count] as const),
  ])
}
