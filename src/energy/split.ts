import type { Fleet } from '../fleet/fleet.ts'
import type { Clock } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import { amountWords } from '../operations/charging/amount.ts'
import { allocate } from './allocate.ts'
import type { Allocation } from './allocate.ts'
import { decide, raiseEveryMs } from './decide.ts'
import type { Order } from './decide.ts'
import { placesOf } from './places.ts'
import type { SitePlace } from './places.ts'
import { keyOf, retryAt } from './share.ts'
import type { Share } from './share.ts'
import { amountOfUnits, siteOf } from './site.ts'
import type { Site } from './site.ts'
import { holdLease, noteSplit, putShares, sharesOf } from './store.ts'
import type { LimitRow } from './store.ts'
import { followed, told } from './tell.ts'
import type { TellParts } from './tell.ts'

export interface SplitParts extends TellParts {
  readonly fleet: Pick<Fleet, 'facts' | 'select'>
  readonly clock: Clock
  readonly newId: NewId
}

/** Chargers one site may have. */
export const mostChargers = 5_000
/** A share that could not be sent by then is decided anew. */
const orderLifeMs = 60_000
/** How soon to look again what became of what is on its way. */
const followEveryMs = 1_000
const lookEveryMs = 60_000

/** How a site stands at one moment, and what each EVSE should draw. */
export interface Standing {
  readonly site: Site
  readonly limit: number
  readonly chargers: readonly string[]
  readonly shares: readonly Share[]
  /** As they were read, before what became of them was looked at. */
  readonly stored: ReadonlyMap<string, Share>
  readonly places: readonly SitePlace[]
  readonly allocation: Allocation
}

export async function standingOf(
  parts: Pick<SplitParts, 'database' | 'fleet'>,
  { group, limit }: Pick<LimitRow, 'group' | 'limit'>,
  now: number,
): Promise<Standing> {
  const { database, fleet } = parts
  const site = siteOf(limit)
  const chargers = await fleet.select({ group: [group] }, mostChargers)
  const [facts, stored, tags] = await Promise.all([
    fleet.facts(chargers),
    sharesOf(database, chargers),
    tagsOf(fleet, group, limit.weights ?? []),
  ])
  const shares = await followed(parts, stored)
  const known = chargers.flatMap((identity) => facts.get(identity) ?? [])
  const byKey = new Map(shares.map((share) => [keyOf(share), share]))
  const places = placesOf(site, known, byKey, tags, now)
  const most = site.limitAt(now)
  return {
    site,
    limit: most,
    chargers,
    shares,
    stored: new Map(stored.map((share) => [keyOf(share), share])),
    places,
    allocation: allocate(most, places, Math.floor(now / site.turnMs)),
  }
}

async function tagsOf(
  fleet: Pick<Fleet, 'select'>,
  group: string,
  weights: readonly { readonly tag: string }[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const tags = new Map<string, string[]>()
  const tagged = await Promise.all(
    weights.map(({ tag }) => fleet.select({ group: [group], tag: [tag] }, mostChargers)),
  )
  for (const [index, chargers] of tagged.entries())
    for (const charger of chargers)
      tags.set(charger, [...(tags.get(charger) ?? []), weights[index]!.tag])
  return tags
}

/** One round for one site: looks what became of what was told, shares out anew, tells what is to change. */
export async function splitSite(
  parts: SplitParts,
  holder: string,
  row: LimitRow,
): Promise<{ readonly chargers: readonly string[]; readonly nextAt: number } | undefined> {
  const { database, clock, newId } = parts
  const now = clock.now()
  const standing = await standingOf(parts, row, now)
  const { site, limit, places, allocation, shares, stored } = standing
  const { orders, waits } = decide(limit, site.unit, places, allocation, now)
  const reason = reasonFor(row, standing)
  const ordered = orders.map((order) => shareFor(order, site, reason, newId(), now))
  const replaced = new Set(ordered.map(keyOf))
  const kept = shares.filter((share) => !replaced.has(keyOf(share)))
  const changed = kept.filter((share) => stored.get(keyOf(share)) !== share)
  const ours = await database.transaction(async (tx) => {
    if (!(await holdLease(tx, holder, now))) return false
    await putShares(tx, [...changed, ...ordered])
    if (ordered.length > 0) await noteSplit(tx, row.group, now)
    return true
  })
  if (!ours) return undefined
  const sent = await told(parts, [...kept, ...ordered])
  if (sent.length > 0) await database.transaction((tx) => putShares(tx, sent))
  const all = [...kept.filter((one) => !sent.some((other) => keyOf(other) === keyOf(one))), ...sent]
  return { chargers: standing.chargers, nextAt: nextLook(standing, all, waits, now) }
}

function shareFor(
  { place, to, bound }: Order,
  { unit }: Site,
  reason: string,
  ask: string,
  now: number,
): Share {
  const { charger, evse, share } = place
  return {
    charger,
    evse,
    unit,
    bound: isAssumed(share) && bound === place.bound ? null : amountOfUnits(bound, unit),
    told: amountOfUnits(to, unit),
    state: 'pending',
    detail: null,
    failures: share?.failures ?? 0,
    ask,
    command: null,
    reason,
    notAfter: now + orderLifeMs,
    toldAt: now,
  }
}

/** Nothing is known of what it may draw. */
function isAssumed(share: Share | undefined): boolean {
  return share === undefined || share.bound === null
}

function reasonFor({ group, reason, setBy }: LimitRow, { site, limit, places }: Standing): string {
  const amount = amountWords({ unit: site.unit, value: amountOfUnits(limit, site.unit) })
  const charging = places.filter((place) => place.charging).length
  const sessions = charging === 1 ? '1 session' : `${charging} sessions`
  const text = `site limit of ${group}: ${amount} among ${sessions}; set by ${setBy.name}: ${reason}`
  return text.length <= 500 ? text : `${text.slice(0, 499)}…`
}

/** When to look at the site again even if nothing is heard of it. */
function nextLook(
  { site, places, allocation }: Standing,
  shares: readonly Share[],
  isHeld: boolean,
  now: number,
): number {
  const waits = places.some(({ key, charging }) => charging && allocation.get(key) === 0)
  const turn = (Math.floor(now / site.turnMs) + 1) * site.turnMs
  const open = shares.some(({ state }) => state === 'pending' || state === 'shown')
  const retries = shares.flatMap((share) => (share.state === 'failed' ? [retryAt(share)] : []))
  return Math.min(
    now + (open ? followEveryMs : isHeld ? raiseEveryMs : lookEveryMs),
    site.changesAfter(now) ?? Infinity,
    waits ? turn : Infinity,
    ...retries.filter((at) => at > now),
  )
}
