import type { Bus } from '../bus/bus.ts'
import type { ProductEvent } from '../bus/events.ts'
import { publishEvent, publishFactsChanged } from '../bus/events.ts'

/** Tells whoever watches what has been committed. */
export interface Announce {
  happened(events: readonly ProductEvent[]): void
  /** What is known of these chargers has changed. Those of one moment are told together. */
  changed(identities: readonly string[]): void
}

export function openAnnounce(bus: Bus): Announce {
  let gathered = new Set<string>()
  function tell(): void {
    const identities = [...gathered]
    gathered = new Set()
    publishFactsChanged(bus, identities)
  }
  return {
    happened(events) {
      for (const event of events) publishEvent(bus, event)
    },
    changed(identities) {
      if (identities.length === 0) return
      // The callers of one group commit all continue in this turn of the event loop.
      if (gathered.size === 0) setImmediate(tell)
      for (const identity of identities) gathered.add(identity)
    },
  }
}
