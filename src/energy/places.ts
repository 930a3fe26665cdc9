import { quirkOf } from '../models/profile.ts'
import { evsesOf } from '../operations/charging/targets.ts'
import { drawnAt, isAbove } from '../operations/charging/measured.ts'
import type { Drawn } from '../operations/charging/measured.ts'
import { canDo } from '../models/capability.ts'
import { volts } from '../operations/charging/amount.ts'
import type { ChargerFacts } from '../operations/facts.ts'
import type { Place } from './allocate.ts'
import type { Site } from './site.ts'
import { amountOfUnits, inSiteUnits } from './site.ts'
import { keyOf, retryAt } from './share.ts'
import type { Share } from './share.ts'

/** An EVSE of a site as it is now. */
export interface SitePlace extends Place {
  readonly charger: string
  readonly evse: number
  /** Why it cannot be told anything, where it cannot. */
  readonly fixed?: 'offline' | 'not-following'
  readonly why?: string
  readonly charging: boolean
  /** In the site's units; null where it is not measured. */
  readonly measured: number | null
  readonly share?: Share
}

/** The EVSEs of a site, from what is known of its chargers and what they were told. */
export function placesOf(
  site: Site,
  chargers: readonly ChargerFacts[],
  shares: ReadonlyMap<string, Share>,
  tags: ReadonlyMap<string, readonly string[]>,
  now: number,
): SitePlace[] {
  return chargers.flatMap((facts) => {
    const weight = site.weightOf(tags.get(facts.identity) ?? [])
    return evsesAt(facts).map((evse) => placeOf(site, facts, evse, weight, shares, now))
  })
}

/** A charger that has never been here draws nothing as far as anybody knows; one that has told no connector has one. */
function evsesAt(facts: ChargerFacts): number[] {
  if (facts.version === undefined) return []
  const evses = evsesOf(facts)
  return evses.length === 0 ? [1] : evses
}

function placeOf(
  site: Site,
  facts: ChargerFacts,
  evse: number,
  weight: number,
  shares: ReadonlyMap<string, Share>,
  now: number,
): SitePlace {
  const charger = facts.identity
  const key = keyOf({ charger, evse })
  const session = facts.sessions.find((one) => one.endedAt === undefined && one.evse === evse)
  const drawn = session && drawnAt(facts, evse, site.unit)
  const share = asMetered(shares.get(key), drawn, site)
  const measured = drawn === undefined ? null : inSiteUnits(drawn.value, site.unit, site)
  const most = site.mostOf(charger) ?? Infinity
  const leastWatts = quirkOf(facts.profile, 'zero-limit-ends-session')?.leastW
  const least =
    leastWatts === undefined ? site.least : Math.max(site.least, inSiteUnits(leastWatts, 'W', site))
  const obstacle = obstacleOf(facts, share, now)
  const known = share?.bound ?? undefined
  const bound =
    known === undefined || share === undefined
      ? Math.max(Math.min(most, site.assumed), measured ?? 0)
      : inSiteUnits(known, share.unit, site)
  return {
    key,
    charger,
    evse,
    kind: obstacle !== undefined ? 'fixed' : session === undefined ? 'idle' : 'session',
    bound,
    least: session === undefined ? idleOf(site, leastWatts, least) : least,
    most: Number.isFinite(most) ? most : greatest,
    weight,
    since: session?.startedAt ?? 0,
    unpausable: leastWatts !== undefined,
    charging: session !== undefined,
    measured,
    ...(obstacle === undefined ? {} : obstacle),
    ...(share === undefined ? {} : { share }),
  }
}

/** How long after it was told a meter may still show what was drawn before. */
const followsWithinMs = 90_000

/**
 * What is measured stands above what was confirmed: a charger that says yes and draws on, or that lost its
 * limit in a reboot, has not been told as far as its site is concerned.
 */
function asMetered(
  share: Share | undefined,
  drawn: Drawn | undefined,
  site: Site,
): Share | undefined {
  if (share === undefined || share.bound === null || drawn === undefined) return share
  if (share.state === 'pending' || share.state === 'failed') return share
  const old = drawn.at <= share.toldAt + followsWithinMs
  const allowed = amountOfUnits(inSiteUnits(share.bound, share.unit, site), site.unit)
  if (old || !isAbove(drawn, allowed)) return share
  const detail = `it was told ${share.bound} ${share.unit} and draws ${Math.round(drawn.value)} ${drawn.unit}`
  return { ...share, state: 'failed', bound: null, detail }
}

/** Whatever a site may be given. */
const greatest = 10_000 * volts * 3

/** A model that ends a session at 0 is given what keeps one alive, idle or not. */
function idleOf({ idle }: Site, leastWatts: number | undefined, least: number): number {
  return leastWatts === undefined ? idle : Math.max(idle, least)
}

function obstacleOf(
  facts: ChargerFacts,
  share: Share | undefined,
  now: number,
): { readonly fixed: 'offline' | 'not-following'; readonly why: string } | undefined {
  if (!facts.connected || facts.bootState !== 'accepted')
    return { fixed: 'offline', why: 'it is not connected' }
  const able = canDo(facts.capabilities, 'SetChargingProfile')
  if (able.can === false) return { fixed: 'not-following', why: able.why }
  if (share?.state === 'failed' && retryAt(share) > now)
    return { fixed: 'not-following', why: share.detail ?? 'it did not follow' }
  return undefined
}
