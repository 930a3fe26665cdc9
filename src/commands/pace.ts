/** What a paced command leaves open at a moment: how many targets may begin, and not before when (ms since the epoch). */
export interface Room {
  readonly places: number
  readonly from: number
}

/** A pace in time. What was missed can be caught up with, but in no minute do more begin than may. */
export interface Beat {
  readonly everyMs: number
  /** How many may begin at once after a rest, beside the one that is due. */
  readonly burst: number
}

/** A second's worth may come at once, because a transaction takes some milliseconds; the rest is slowed by as much. */
export function beatOf(perMinute: number): Beat {
  const burst = Math.floor(perMinute / 60)
  return { everyMs: 60_000 / (perMinute - burst), burst }
}

/** How far a command has used its pace. */
export interface Used {
  /** How many more may be under way. */
  readonly places: number
  /** When the next may begin, where nothing is caught up with. */
  readonly from: number
  /** Null where only places count. */
  readonly beat: Beat | null
}

export function roomAt({ places, from, beat }: Used, now: number): Room {
  const earliest = Math.ceil(from)
  if (places <= 0) return { places: 0, from: earliest }
  if (beat === null) return { places, from: earliest }
  const due = Math.floor((now - caughtUp(from, beat, now)) / beat.everyMs + 1e-6) + 1
  return { places: Math.min(places, Math.max(1, due)), from: earliest }
}

export function isOpenAt(used: Used, now: number): boolean {
  const { places, from } = roomAt(used, now)
  return places > 0 && from <= now
}

/** One target begins. The wait for the next is longer by `later`, a share of it. */
export function afterBegin(used: Used, now: number, later = 0): Used {
  const { places, from, beat } = used
  if (beat === null) return { ...used, places: places - 1 }
  return { places: places - 1, from: caughtUp(from, beat, now) + beat.everyMs * (1 + later), beat }
}

/**
 * A share from 0 to 1 that is the target's own: its id (a UUID of version 7) ends in random bits. So a pace with
 * jitter begins everywhere at the same moments, whichever node asks and however often.
 */
export function shareOf(target: string): number {
  return Number.parseInt(target.slice(-8), 16) / 2 ** 32
}

function caughtUp(from: number, { everyMs, burst }: Beat, now: number): number {
  return Math.max(from, now - burst * everyMs)
}
