/**
 * How a charger's connections behave: what of them tells something about the charger, and nothing more.
 * Times are ms since the epoch, our clock. Taking a report in again changes nothing.
 */
export interface LinkRecord {
  /** The latest connections, oldest first. */
  readonly openings: readonly Opening[]
  /** The connection whose end was told last. */
  readonly closed: { readonly epoch: number; readonly reason: string } | null
  /** Connections that were displaced while they still lived: two devices with one identity. */
  readonly contests: readonly { readonly epoch: number; readonly at: number }[]
  /** Boots by the charger's own doing. */
  readonly boots: readonly Boot[]
  readonly unanswered: Unanswered | null
  /** Round trips of pings, ms, oldest first. */
  readonly roundTrips: readonly number[]
  /** How long nothing may come before it is strange; null until the gateway said so. */
  readonly quietMs: number | null
}

export interface Opening {
  readonly epoch: number
  readonly at: number
  readonly from: string
  /** Why the connection before it ended; null as long as nobody said. */
  readonly after: string | null
}

export interface Boot {
  /** The delivery it came with. */
  readonly source: string
  readonly at: number
  readonly reason: string | null
}

/** CALLs of ours in a row that were not answered. */
export interface Unanswered {
  /** Of the connection they were counted on last. */
  readonly epoch: number
  readonly count: number
  /** How many of them on earlier connections. */
  readonly before: number
  readonly since: number
  /** The latest, without repetition. */
  readonly actions: readonly string[]
}

/** What a gateway counts of our CALLs on one connection. */
export interface CallTally {
  /** The latest ones in a row. */
  readonly unanswered: number
  /** At least one was answered. */
  readonly answered: boolean
  /** When the first of the unanswered was sent. */
  readonly since?: number
  readonly actions?: readonly string[]
}

export const nothingObserved: LinkRecord = {
  openings: [],
  closed: null,
  contests: [],
  boots: [],
  unanswered: null,
  roundTrips: [],
  quietMs: null,
}

const most = { openings: 40, contests: 20, boots: 20, roundTrips: 60, actions: 3 }

/** A charger that was away so long is another case than before. */
export const awayMs = 15 * 60_000

export function afterOpened(
  link: LinkRecord,
  opened: { readonly epoch: number; readonly at: number; readonly remoteAddress: string },
  lastSeenAt: number | null,
): LinkRecord {
  const { epoch, at, remoteAddress: from } = opened
  if (link.openings.some((one) => one.epoch === epoch)) return link
  const before = link.openings.findLast((one) => one.epoch < epoch)
  const after =
    link.closed !== null && link.closed.epoch === before?.epoch ? link.closed.reason : null
  const openings = [...link.openings, { epoch, at, from, after }]
    .sort((a, b) => a.epoch - b.epoch)
    .slice(-most.openings)
  const wasAway = lastSeenAt === null || at - lastSeenAt > awayMs
  return { ...link, openings, unanswered: wasAway ? null : link.unanswered }
}

/** `contested`: it was displaced while it still lived. */
export function afterClosed(
  link: LinkRecord,
  closed: {
    readonly epoch: number
    readonly at: number
    readonly reason: string
    readonly contested?: boolean
  },
): LinkRecord {
  const { epoch, at, reason, contested = false } = closed
  // A displaced connection ends after the next one has begun.
  const next = link.openings.find((one) => one.epoch > epoch)
  const openings = link.openings.map((one) => (one === next ? { ...one, after: reason } : one))
  const isKnown = !contested || link.contests.some((one) => one.epoch === epoch)
  const contests = isKnown ? link.contests : [...link.contests, { epoch, at }].slice(-most.contests)
  return { ...link, openings, contests, closed: { epoch, reason } }
}

export function afterBoot(link: LinkRecord, boot: Boot): LinkRecord {
  if (link.boots.some(({ source }) => source === boot.source)) return link
  return { ...link, boots: [...link.boots, boot].slice(-most.boots) }
}

export function afterRoundTrips(link: LinkRecord, roundTripsMs: readonly number[]): LinkRecord {
  return { ...link, roundTrips: [...link.roundTrips, ...roundTripsMs].slice(-most.roundTrips) }
}

/** An answer ends the row; a new connection goes on with it. */
export function afterCalls(link: LinkRecord, epoch: number, tally: CallTally): LinkRecord {
  const { unanswered: here, answered, since, actions = [] } = tally
  const known = link.unanswered
  const before = answered
    ? 0
    : known === null
      ? 0
      : known.epoch === epoch
        ? known.before
        : known.count
  const count = before + here
  if (count === 0 || since === undefined)
    return answered || known === null ? { ...link, unanswered: null } : link
  const named = before === 0 ? actions : [...(known?.actions ?? []), ...actions]
  return {
    ...link,
    unanswered: {
      epoch,
      count,
      before,
      since: before === 0 ? since : (known?.since ?? since),
      actions: [...new Set(named)].slice(-most.actions),
    },
  }
}

export interface RoundTripSummary {
  readonly medianMs: number
  readonly p95Ms: number
  readonly samples: number
}

/** Robust against single slow answers. Null without any. */
export function roundTripSummary(roundTrips: readonly number[]): RoundTripSummary | null {
  if (roundTrips.length === 0) return null
  const sorted = [...roundTrips].sort((a, b) => a - b)
  const at = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] ?? sorted[0]!
  return { medianMs: at(0.5), p95Ms: at(0.95), samples: sorted.length }
}
