import type { Bus } from '../bus/bus.ts'
import { subscribeFactsChanged } from '../bus/events.ts'
import type { Clock } from '../kernel/clock.ts'

const believedForMs = 5_000
const size = 10_000

export type FindPlaces = (
  chargers: readonly string[],
) => Promise<ReadonlyMap<string, { readonly group: string | null }>>

/** Where chargers belong, remembered for seconds or until something about them changes. */
export function placesOfChargers(find: FindPlaces, bus: Bus, clock: Clock) {
  const known = new Map<string, { readonly group: string | null; readonly readAt: number }>()
  const hearing = subscribeFactsChanged(bus, (identities) => {
    for (const identity of identities) known.delete(identity)
  })

  return {
    async placesOf(chargers: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
      const now = clock.monotonic()
      const places = new Map<string, string | null>()
      const missing: string[] = []
      for (const charger of chargers) {
        const entry = known.get(charger)
        if (entry !== undefined && now - entry.readAt < believedForMs)
          places.set(charger, entry.group)
        else missing.push(charger)
      }
      if (missing.length === 0) return places
      const found = await find(missing)
      for (const charger of missing) {
        const place = found.get(charger)
        if (place === undefined) continue
        places.set(charger, place.group)
        if (known.size >= size) known.clear()
        known.set(charger, { group: place.group, readAt: now })
      }
      return places
    },
    close: () => hearing.close(),
  }
}
