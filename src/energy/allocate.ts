/*
 * How a site's limit is shared out. All amounts are whole numbers of one small unit (tenths of an ampere per
 * phase, or watts), so that nothing is lost or gained by rounding.
 *
 * The rule, in this order:
 * 1. what cannot be told anything now (offline, not following) keeps what it may draw;
 * 2. what must not be paused gets its least;
 * 3. sessions get their least, one after the other in the order of their weight; those of equal weight take
 *    turns. Where one does not fit, it and all after it are paused until there is room or their turn comes;
 * 4. where every session has its least, idle EVSEs get what a session may begin with, one after the other;
 * 5. the rest goes to the sessions that charge, by weight, none above its most.
 */

export interface Place {
  /** Unique and stable, e.g. `CP-1/2`. */
  readonly key: string
  readonly kind: 'session' | 'idle' | 'fixed'
  /** `fixed`: what it counts with. Others: the most it may draw now, as far as is known. */
  readonly bound: number
  /** What it needs at least while it draws at all; what a session may begin with where it is idle. */
  readonly least: number
  readonly most: number
  readonly weight: number
  /** When its session began, ms since the epoch. */
  readonly since: number
  /** A limit of 0 would end its session. */
  readonly unpausable: boolean
}

/** What each place may draw; `fixed` ones are left out. */
export type Allocation = ReadonlyMap<string, number>

/** Shares a limit out. `turn` counts the turns of those that do not fit all at once. */
export function allocate(limit: number, places: readonly Place[], turn: number): Allocation {
  const given = new Map<string, number>()
  let left = limit
  const give = (place: Place, amount: number): void => {
    given.set(place.key, amount)
    left -= amount
  }
  for (const place of places) if (place.kind === 'fixed') left -= place.bound
  const told = places.filter(({ kind }) => kind !== 'fixed')
  for (const place of told) if (place.unpausable) give(place, leastOf(place))
  const sessions = inOrder(
    told.filter(({ kind, unpausable }) => kind === 'session' && !unpausable),
    turn,
  )
  const served = sessions.findIndex((place) => {
    const fits = leastOf(place) <= left
    if (fits) give(place, leastOf(place))
    return !fits
  })
  if (served === -1)
    for (const place of sorted(
      told.filter(({ kind, unpausable }) => kind === 'idle' && !unpausable),
    )) {
      if (place.least > left) break
      give(place, place.least)
    }
  for (const place of told) if (!given.has(place.key)) given.set(place.key, 0)
  const charging = sorted(
    told.filter(({ kind, key }) => kind === 'session' && (given.get(key) ?? 0) > 0),
  )
  fill(left, charging, given)
  return given
}

function leastOf({ least, most }: Place): number {
  return Math.min(least, most)
}

/** Heavier ones first; those of equal weight in the order in which they began, moved on by one each turn. */
function inOrder(sessions: readonly Place[], turn: number): Place[] {
  const byWeight = Map.groupBy(sessions, ({ weight }) => weight)
  return [...byWeight.keys()]
    .sort((one, other) => other - one)
    .flatMap((weight) => {
      const equal = sorted(byWeight.get(weight) ?? []).sort((one, other) => one.since - other.since)
      const first = turn % equal.length
      return [...equal.slice(first), ...equal.slice(0, first)]
    })
}

function sorted(places: readonly Place[]): Place[] {
  return [...places].sort((one, other) => (one.key < other.key ? -1 : 1))
}

/** Adds what is left to what each has, by weight, none above its most. */
function fill(left: number, places: readonly Place[], given: Map<string, number>): void {
  const roomOf = ({ key, most }: Place): number => most - (given.get(key) ?? 0)
  let rest = left
  for (;;) {
    const open = places.filter((place) => roomOf(place) > 0)
    if (rest <= 0 || open.length === 0) return
    const weights = open.reduce((sum, { weight }) => sum + weight, 0)
    const round = rest
    for (const place of open) {
      const fair = Math.floor((round * place.weight) / weights)
      // Less than one each: the first ones get it.
      const share = Math.min(roomOf(place), rest, fair === 0 && round < weights ? 1 : fair)
      given.set(place.key, (given.get(place.key) ?? 0) + share)
      rest -= share
    }
  }
}
