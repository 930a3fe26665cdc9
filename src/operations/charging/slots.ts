import type { Purpose } from './purpose.ts'

/*
 * Where the profiles of `power.limit`, `power.default` and the site limits live in a charger. Within one
 * purpose the highest stack level that is valid counts (OCPP 1.6 3.13.2, 2.x K01.FR.39), so each kind of
 * limit has levels of its own. The id of a profile says its purpose, level and EVSE: the same place always
 * has the same id, so what is sent again replaces what was there, and nothing else.
 */

/** Who a limit is for, the weakest first. */
export const layers = ['default', 'operator', 'site'] as const
export type Layer = (typeof layers)[number]

/** A limit from one moment to another lies above the standing one of its layer, which holds again afterwards. */
export type Lasting = 'standing' | 'window'

/** The levels of each. A weekly schedule takes the second one for the time after the change of clocks. */
const levels: Readonly<Record<Layer, Readonly<Record<Lasting, readonly [number, ...number[]]>>>> = {
  default: { standing: [0], window: [0] },
  operator: { standing: [1, 2], window: [3] },
  site: { standing: [4], window: [4] },
}

const digit: Readonly<Partial<Record<Purpose, number>>> = { max: 1, default: 2, session: 3 }
const base = 910_000_000

/** Ids from here to `lastOwnId` are ours alone. */
export const firstOwnId = base
export const lastOwnId = base + 9_999_999

export interface Slot {
  readonly purpose: Purpose
  readonly evse: number
  readonly stackLevel: number
}

/** The number of a profile, e.g. 912 03 0001: purpose 2, level 3, EVSE 1. */
export function profileId({ purpose, evse, stackLevel }: Slot): number {
  const kind = digit[purpose]
  if (kind === undefined || stackLevel > 99 || evse > 9_999)
    throw new Error(`no profile of ours is for ${purpose} at level ${stackLevel} of EVSE ${evse}`)
  return base + kind * 1_000_000 + stackLevel * 10_000 + evse
}

/** The place of a profile of ours, undefined for a profile of somebody else. */
export function slotOf(id: number): Slot | undefined {
  const rest = id - base
  const purpose = (Object.keys(digit) as Purpose[]).find(
    (one) => digit[one] === Math.floor(rest / 1_000_000),
  )
  if (rest < 0 || purpose === undefined) return undefined
  return { purpose, stackLevel: Math.floor((rest % 1_000_000) / 10_000), evse: rest % 10_000 }
}

/** The levels of such a limit on a charger that takes levels up to `max`. */
export function stackLevels(
  layer: Layer,
  lasting: Lasting,
  max: number | undefined,
): readonly [number, ...number[]] {
  const [first, ...rest] = levels[layer][lasting]
  const within = (level: number): number => Math.min(level, max ?? Infinity)
  return [within(first), ...rest.map(within).filter((level) => level !== within(first))]
}

/** Every level the limits of a layer may be at. */
export function allLevels(layer: Layer, max: number | undefined): readonly number[] {
  return [
    ...new Set([...stackLevels(layer, 'standing', max), ...stackLevels(layer, 'window', max)]),
  ]
}

/** Other limits that a charger with levels up to `max` cannot tell from such a one, in words. */
export function displaces(
  layer: Layer,
  lasting: Lasting,
  max: number | undefined,
): readonly string[] {
  const own = stackLevels(layer, lasting, max)
  const others = kinds.filter((one) => one.layer !== layer || one.lasting !== lasting)
  return others
    .filter((one) => one.layer !== layer || layer === 'operator')
    .filter((one) => stackLevels(one.layer, one.lasting, max).some((level) => own.includes(level)))
    .map(({ words }) => words)
}

const kinds = [
  { layer: 'default', lasting: 'standing', words: 'the default' },
  { layer: 'operator', lasting: 'standing', words: 'a standing limit' },
  { layer: 'operator', lasting: 'window', words: 'a limit with times' },
  { layer: 'site', lasting: 'standing', words: 'the share of its site' },
] as const
