import { median, medianAbsoluteDeviation } from 'simple-statistics'

/** Attempts are counted in pieces of so long. */
export const pieceMs = 10 * 60_000
const piecesPerHour = 6
const hourMs = piecesPerHour * pieceMs

export interface Counted {
  allowed: number
  refused: number
}

/** What is usual in an hour with activity: its median and the scaled median absolute deviation (sigma of a normal distribution). */
export interface Baseline {
  readonly median: number
  readonly deviation: number
  readonly activeHours: number
}

/** MAD to sigma. */
const scale = 1.4826

/** How often one thing was tried, piece by piece, as far back as baselines look. */
export class Tally {
  readonly #pieces = new Map<number, Counted>()
  #byHourOfDay: { hour: number; value: readonly number[] } | undefined
  #baseline: { hour: number; value: Baseline } | undefined

  add(at: number, counted: Partial<Counted>): void {
    const piece = Math.floor(at / pieceMs)
    const before = this.#pieces.get(piece)
    if (before === undefined)
      this.#pieces.set(piece, { allowed: counted.allowed ?? 0, refused: counted.refused ?? 0 })
    else {
      before.allowed += counted.allowed ?? 0
      before.refused += counted.refused ?? 0
    }
  }

  forget(before: number): void {
    for (const piece of this.#pieces.keys())
      if ((piece + 1) * pieceMs <= before) this.#pieces.delete(piece)
  }

  get empty(): boolean {
    return this.#pieces.size === 0
  }

  /** Of the last hour, to the piece. */
  lastHour(at: number): Counted {
    const last = Math.floor(at / pieceMs)
    const sum = { allowed: 0, refused: 0 }
    for (let piece = last - piecesPerHour + 1; piece <= last; piece += 1) {
      const counted = this.#pieces.get(piece)
      sum.allowed += counted?.allowed ?? 0
      sum.refused += counted?.refused ?? 0
    }
    return sum
  }

  /** When the last hour has less in it again, ms since the epoch. */
  easesAt(at: number): number {
    const last = Math.floor(at / pieceMs)
    for (let piece = last - piecesPerHour + 1; piece <= last; piece += 1)
      if ((this.#pieces.get(piece)?.allowed ?? 0) > 0) return (piece + piecesPerHour) * pieceMs
    return at
  }

  /** All that was ever allowed, before the last hour. */
  allowedBefore(at: number): number {
    const from = Math.floor(at / pieceMs) - piecesPerHour
    let sum = 0
    for (const [piece, { allowed }] of this.#pieces) if (piece <= from) sum += allowed
    return sum
  }

  /** The hours before the current one in which anything was allowed. Reckoned once an hour. */
  baseline(at: number): Baseline {
    const hour = Math.floor(at / hourMs)
    if (this.#baseline?.hour === hour) return this.#baseline.value
    const hours = new Map<number, number>()
    for (const [piece, { allowed }] of this.#pieces) {
      const one = Math.floor(piece / piecesPerHour)
      if (one < hour && allowed > 0) hours.set(one, (hours.get(one) ?? 0) + allowed)
    }
    const sums = [...hours.values()]
    const value =
      sums.length === 0
        ? { median: 0, deviation: 0, activeHours: 0 }
        : {
            median: median(sums),
            deviation: scale * medianAbsoluteDeviation(sums),
            activeHours: sums.length,
          }
    this.#baseline = { hour, value }
    return value
  }

  /** What was allowed by hour of the day where `hourOf` is. Reckoned once an hour. */
  byHourOfDay(at: number, hourOf: (at: number) => number): readonly number[] {
    const hour = Math.floor(at / hourMs)
    if (this.#byHourOfDay?.hour !== hour)
      this.#byHourOfDay = { hour, value: this.#hoursOfDay(hourOf) }
    return this.#byHourOfDay.value
  }

  #hoursOfDay(hourOf: (at: number) => number): readonly number[] {
    const hours = Array<number>(24).fill(0)
    for (const [piece, { allowed }] of this.#pieces) {
      const hour = hourOf(piece * pieceMs)
      hours[hour] = hours[hour]! + allowed
    }
    return hours
  }
}
