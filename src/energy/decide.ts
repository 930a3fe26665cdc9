import type { Allocation } from './allocate.ts'
import type { SitePlace } from './places.ts'
import type { RateUnit } from '../operations/charging/amount.ts'
import { amountOfUnits } from './site.ts'

/** Something an EVSE is to be told. Amounts in the site's units. */
export interface Order {
  readonly place: SitePlace
  readonly to: number
  /** What it may draw at most from the moment it is told. */
  readonly bound: number
}

/** What is to be told now, and whether somebody is to draw more and has to wait for it. */
export interface Decision {
  readonly orders: readonly Order[]
  readonly waits: boolean
}

/** An EVSE is not raised again before this. */
export const raiseEveryMs = 5_000

/**
 * What is to be told now so that everybody comes to its share: what is to draw less at once, what may draw
 * more only as far as the limit has room for it by what is confirmed. So the limit holds whatever becomes of
 * what is on its way.
 */
export function decide(
  limit: number,
  unit: RateUnit,
  places: readonly SitePlace[],
  allocation: Allocation,
  now: number,
): Decision {
  const orders: Order[] = []
  let room = limit - places.reduce((sum, { bound }) => sum + bound, 0)
  const raises: SitePlace[] = []
  for (const place of places) {
    const to = allocation.get(place.key)
    if (to === undefined || isTold(place, to, unit)) continue
    if (to > place.bound) raises.push(place)
    else orders.push({ place, to, bound: place.bound })
  }
  let waits = false
  for (const place of raises.sort(byKey)) {
    const to = allocation.get(place.key) ?? 0
    if (to - place.bound > room || !mayRaise(place, now)) {
      waits = true
      continue
    }
    room -= to - place.bound
    orders.push({ place, to, bound: to })
  }
  return { orders, waits }
}

/** It was told this already, and that is on its way or kept. */
function isTold({ share }: SitePlace, to: number, unit: RateUnit): boolean {
  return (
    share !== undefined &&
    share.state !== 'failed' &&
    share.unit === unit &&
    share.told === amountOfUnits(to, unit)
  )
}

/** One thing after the other: what was told last must have come to its end, and not just now. */
function mayRaise({ share }: SitePlace, now: number): boolean {
  return share === undefined || (share.state !== 'pending' && share.toldAt + raiseEveryMs <= now)
}

function byKey(one: SitePlace, other: SitePlace): number {
  return one.key < other.key ? -1 : 1
}
