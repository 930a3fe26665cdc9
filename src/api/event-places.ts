import type { ProductEvent } from '../bus/events.ts'

export type PlacesOf = (chargers: readonly string[]) => Promise<ReadonlyMap<string, string | null>>

/** Where each of these events belongs: the path of its charger's group; null: to no group. */
export async function placesOfEvents<Entry extends { readonly event: ProductEvent }>(
  entries: readonly Entry[],
  placesOf: PlacesOf,
): Promise<ReadonlyMap<Entry, string | null>> {
  const chargers = new Set(
    entries.flatMap(({ event }) => (isGone(event) ? [] : (event.charger ?? []))),
  )
  const places = chargers.size === 0 ? new Map<string, string>() : await placesOf([...chargers])
  return new Map(entries.map((entry) => [entry, placeOf(entry.event, places)]))
}

/** Everybody is told when an account for emergencies is used, whatever part of the fleet they see. */
export function isForEverybody({ type }: Pick<ProductEvent, 'type'>): boolean {
  return type.startsWith('break-glass.')
}

function placeOf(event: ProductEvent, places: ReadonlyMap<string, string | null>): string | null {
  if (event.charger === undefined) return null
  return isGone(event) ? event.data.group : (places.get(event.charger) ?? null)
}

/** Where a removed charger was can only be told by the event itself. */
function isGone(
  event: ProductEvent,
): event is ProductEvent & { readonly data: { readonly group: string | null } } {
  const { group } = event.data
  return event.type === 'charger.removed' && (typeof group === 'string' || group === null)
}
