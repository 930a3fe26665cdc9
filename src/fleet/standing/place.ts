import type { ChargerStanding } from './store.ts'

type Belonging = Pick<ChargerStanding, 'site' | 'group'>

/** In place of a path: what belongs to no group, which counts together. No group has it for a path. */
export const noGroup = ''

/** Where a charger counts: its site, or the group it is in where that is none. */
export function placeOf({ site, group }: Belonging): string {
  return site ?? group ?? noGroup
}

/** After "the chargers". */
export function placeWords(belonging: Belonging): string {
  const place = placeOf(belonging)
  if (place === noGroup) return 'in no group'
  return belonging.site === null ? `of group ${place}` : `of site ${place}`
}
