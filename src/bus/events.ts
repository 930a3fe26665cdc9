import type { Json, JsonObject } from '../kernel/json.ts'
import type { Bus, Subscription } from './bus.ts'

/** Something that happened, for whoever watches: the event stream, metrics, webhooks. Never the truth; that is in the database. */
export interface ProductEvent {
  readonly type: ProductEventType
  /** ms since the epoch. */
  readonly at: number
  readonly charger?: string
  readonly command?: string
  /** Of `charger.removed`, `group` is where it was. */
  readonly data: JsonObject
}

export const productEventTypes = [
  'charger.registered',
  'charger.removed',
  'charger.connected',
  'charger.disconnected',
  'charger.booted',
  'charger.condition-raised',
  'charger.condition-cleared',
  'connector.status',
  'session.started',
  'session.ended',
  'token.refused',
  'fault.raised',
  'fault.cleared',
  'meter.sampled',
  'waiting-room.updated',
  'command.updated',
  'incident.opened',
  'approval.requested',
  'approval.approved',
  'approval.reopened',
  'approval.vetoed',
  'approval.withdrawn',
  'approval.executed',
  'approval.expired',
  'approval.void',
  'break-glass.opened',
  'break-glass.ended',
  'break-glass.reviewed',
  'person.concurrent-use',
  'alert.raised',
] as const
export type ProductEventType = (typeof productEventTypes)[number]

const eventSubject = 'events'
const factsSubject = 'facts.changed'

export function publishEvent(bus: Bus, event: ProductEvent): void {
  bus.publish(eventSubject, event as unknown as Json)
}

export function subscribeEvents(bus: Bus, hear: (event: ProductEvent) => void): Subscription {
  return bus.subscribe(eventSubject, (message) => hear(message as unknown as ProductEvent))
}

/** Tells every control node that what is known of these chargers has changed (after the commit). */
export function publishFactsChanged(bus: Bus, identities: readonly string[]): void {
  bus.publish(factsSubject, identities)
}

export function subscribeFactsChanged(
  bus: Bus,
  hear: (identities: readonly string[]) => void,
): Subscription {
  return bus.subscribe(factsSubject, (message) => hear(message as readonly string[]))
}
