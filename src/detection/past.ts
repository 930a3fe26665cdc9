import type { Attempt } from '../policy/attempt.ts'
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
  for (const { site, group } of targets) {
    const path = site ?? group
    if (path !== null) sites.set(path, (sites.get(path) ?? 0) + 1)
  }
  return sites
}

/** Every key an allowed attempt counts under, with how many chargers it counts. */
export function countsOf(attempt: Attempt): ReadonlyMap<string, number> {
  const { actor, roles, operation, targets } = attempt
  const all = targets.length
  const sites = [...sitesOf(attempt)]
  return new Map([
    [keys.actor(actor.id), all],
    ...roles.map((role) => [keys.role(role), all] as const),
    [keys.operation(operation), all],
    [keys.deed(actor.id, operation), all],
    ...sites.map(([site, count]) => [keys.site(site), count] as const),
    ...sites.map(([site, count]) => [keys.place(actor.id, site), count] as const),
  ])
}
