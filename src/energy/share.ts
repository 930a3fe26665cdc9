import type { RateUnit } from '../operations/charging/amount.ts'

/** What an EVSE was last told on account of a site's limit, and what it may draw. Durable. */
export interface Share {
  readonly charger: string
  readonly evse: number
  readonly unit: RateUnit
  /** The most it may draw, in `unit`; null: it never confirmed anything, or does not keep to it. */
  readonly bound: number | null
  /** What it was told last; null: that no limit of the site holds any more. */
  readonly told: number | null
  readonly state: ShareState
  readonly detail: string | null
  /** Failures one after the other. */
  readonly failures: number
  /** The key of the submission that tells it. */
  readonly ask: string
  /** The command that tells it; null until it has been submitted. */
  readonly command: string | null
  readonly reason: string
  readonly notAfter: number
  readonly toldAt: number
}

/**
 * `pending`: on its way. `shown`: its own plan keeps to it, and its power is still looked at. `kept`: shown
 * by all there is. `unverified`: accepted, and nothing shows it; taken at its word. `failed`: refused, not
 * kept, or not known.
 */
export type ShareState = 'pending' | 'shown' | 'kept' | 'unverified' | 'failed'

export function keyOf({
  charger,
  evse,
}: {
  readonly charger: string
  readonly evse: number
}): string {
  return `${charger}/${evse}`
}

const minute = 60_000
/** The longest pause between two attempts. */
const longestPauseMs = 30 * minute

/** When a share that failed is told again. */
export function retryAt({ toldAt, failures }: Pick<Share, 'toldAt' | 'failures'>): number {
  return toldAt + Math.min(longestPauseMs, minute * 2 ** Math.max(0, failures - 1))
}
