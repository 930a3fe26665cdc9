import type { Scope } from '../fleet/groups/scope.ts'
import type { Actor, Context } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Weekly } from '../operations/charging/weekly.ts'

/** What a site may draw in all, and how it is shared among its chargers. */
export interface SiteLimitAsked {
  /** A per phase, or kW in all; exactly one. At all times that `weekly` does not name. */
  readonly amperes?: number
  readonly kilowatts?: number
  readonly weekly?: Weekly
  /** What a session gets at least while it is not paused, A per phase; 6 when absent. */
  readonly leastAmperes?: number
  /**
   * What each idle EVSE may draw until a session there has got its share, and where we cannot be reached;
   * 0 (when absent: nobody begins without us), or at least `leastAmperes`.
   */
  readonly idleAmperes?: number
  /** Chargers with a tag count so many times as much; the greatest counts, 1 without any. */
  readonly weights?: readonly { readonly tag: string; readonly weight: number }[]
  /** What single chargers may draw at most at each EVSE, A per phase. */
  readonly most?: readonly { readonly charger: string; readonly amperes: number }[]
  /** How long those who charge do so before others have their turn, where not all fit; 15 when absent. */
  readonly turnMinutes?: number
  /** Phases of the chargers, where amperes become kilowatts or the reverse; 3 when absent. */
  readonly phases?: number
}

export interface SiteLimit {
  /** The group's path. */
  readonly group: string
  readonly limit: SiteLimitAsked
  readonly reason: string
  readonly setBy: Actor
  readonly setAt: string
}

/** How it stands with a site's limit. Amounts are in `unit`: A per phase, or W. */
export interface SiteLimitStatus extends SiteLimit {
  readonly unit: 'A' | 'W'
  /** The limit in force now. */
  readonly now: number
  /** What may be drawn at most, by everything that is known: never above `now`, except where `beyond` says why. */
  readonly bound: number
  /** What sessions draw by their own meters; what is not measured is not in it. */
  readonly measured: number | null
  /** Sessions that are paused because not all fit. */
  readonly waiting: number
  /** What could not be followed, in sentences. */
  readonly beyond: readonly string[]
  readonly lastSplitAt: string | null
  readonly shares: readonly SiteShare[]
}

/** One EVSE of a limited site. */
export interface SiteShare {
  readonly charger: string
  readonly evse: number
  readonly doing: 'charging' | 'waiting' | 'idle' | 'offline' | 'not-following'
  /** What it is meant to draw at most; null where it cannot be told. */
  readonly target: number | null
  /** What it was told last. */
  readonly told: number | null
  /** `kept`: shown; `unverified`: accepted and nothing shows it; `pending`: on its way; `never`: nothing told yet. */
  readonly state: 'pending' | 'shown' | 'kept' | 'unverified' | 'failed' | 'never'
  /** What it may draw at most, as far as is known. */
  readonly bound: number
  readonly measured: number | null
  readonly command: string | null
  readonly detail: string | null
}

/** The charging profiles a 2.x charger told when it was last asked. */
export interface ToldProfiles {
  readonly requestId: number
  readonly receivedAt: string
  readonly complete: boolean
  readonly profiles: readonly JsonObject[]
}

/** Limits of sites. Caller mistakes are ProblemErrors and change nothing. */
export interface Energy {
  /** Sets or replaces the limit of a group. Durable and audited when it resolves. */
  setSiteLimit(
    context: Context,
    group: string,
    limit: SiteLimitAsked,
    reason: string,
  ): Promise<SiteLimit>
  /** Those of groups in the scope; all without one. */
  siteLimits(scope?: Scope): Promise<SiteLimit[]>
  siteLimit(group: string): Promise<SiteLimitStatus>
  /** Takes the limit away; its chargers are told to forget theirs. */
  clearSiteLimit(context: Context, group: string, reason: string): Promise<void>
  /** The newest list of profiles, or the one with a request id. */
  chargingProfiles(identity: string, requestId?: number): Promise<ToldProfiles>
}
