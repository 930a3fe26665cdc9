import { amountWords } from '../operations/charging/amount.ts'
import type { SiteLimitStatus, SiteShare } from './energy.ts'
import type { SitePlace } from './places.ts'
import { amountOfUnits } from './site.ts'
import type { Site } from './site.ts'
import type { Standing } from './split.ts'
import type { LimitRow } from './store.ts'

/** How it stands with a site, for people. */
export function statusOf(
  { revision: _revision, splitAt, ...limit }: LimitRow,
  { site, limit: most, places, allocation }: Standing,
): SiteLimitStatus {
  const amount = (count: number): number => amountOfUnits(count, site.unit)
  const measured = places.filter((place) => place.measured !== null)
  const bound = places.reduce((sum, place) => sum + place.bound, 0)
  return {
    ...limit,
    unit: site.unit,
    now: amount(most),
    bound: amount(bound),
    measured:
      measured.length === 0
        ? null
        : amount(measured.reduce((sum, place) => sum + (place.measured ?? 0), 0)),
    waiting: places.filter(({ key, charging }) => charging && allocation.get(key) === 0).length,
    beyond: beyond(site, most, bound, places),
    lastSplitAt: splitAt,
    shares: places.map((place) => shareOf(place, site, allocation.get(place.key))),
  }
}

function shareOf(place: SitePlace, site: Site, target: number | undefined): SiteShare {
  const { charger, evse, share, measured } = place
  const amount = (count: number): number => amountOfUnits(count, site.unit)
  return {
    charger,
    evse,
    doing: doingOf(place, target),
    target: target === undefined ? null : amount(target),
    told: share?.unit === site.unit ? share.told : null,
    state: share?.state ?? 'never',
    bound: amount(place.bound),
    measured: measured === null ? null : amount(measured),
    command: share?.command ?? null,
    detail: place.why ?? share?.detail ?? null,
  }
}

function doingOf(place: SitePlace, target: number | undefined): SiteShare['doing'] {
  if (place.fixed !== undefined) return place.fixed
  if (!place.charging) return 'idle'
  return target === 0 ? 'waiting' : 'charging'
}

/** What could not be followed: what counts although it cannot be told, and what is over the limit. */
function beyond(site: Site, most: number, bound: number, places: readonly SitePlace[]): string[] {
  const words = (count: number): string =>
    amountWords({ unit: site.unit, value: amountOfUnits(count, site.unit) })
  const fixed = places
    .filter((place) => place.fixed !== undefined)
    .map(
      ({ charger, evse, bound: own, why, share }) =>
        `${charger} EVSE ${evse} counts with ${words(own)}${share?.bound == null ? ', assumed' : ''}: ${why ?? ''}`,
    )
  return bound > most
    ? [`up to ${words(bound)} may be drawn, and the limit is ${words(most)}`, ...fixed]
    : fixed
}
