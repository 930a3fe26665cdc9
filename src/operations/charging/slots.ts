import type { Purpose } from './purpose.ts'

/*
 * Where the profiles of `power.limit`, `power.default` and the site limits live in a charger. Within one
 * purpose the highest stack level that is valid counts (OCPP 1.6 3.13.2, 2.x K01.FR.39), so each layer has
 * levels of its own. The id of a profile says its purpose, level and EVSE: the same place always has the
 * same id, so what is sent again replaces what was there, and nothing else.
 */

/** Who a limit is for, the weakest first. */
export const layers = ['default', 'operator', 'site'] as const
export type Layer = (typeof layers)[number]

/** The first level of each layer. A weekly schedule takes the one above it too, for after the change of clocks. */
const firstLevel: Readonly<Record<Layer, number>> = { default: 0, operator: 1, site: 3 }
/** Levels of a layer. */
const levelsOf: Readonly<Record<Layer, number>> = { default: 1, operator: 2, site: 1 }

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

/** The levels a layer has on a charger that takes levels up to `max`: at most two, one where they fall together. */
export function stackLevels(layer: Layer, max: number | undefined): readonly number[] {
  const first = firstLevel[layer]
  const wanted = Array.from({ length: levelsOf[layer] }, (_, index) => first + index)
  const most = max ?? Infinity
  return [...new Set(wanted.map((level) => Math.min(level, most)))]
}

/** Whose levels a charger that takes levels up to `max` cannot tell from this layer's. */
export function sharesLevelsWith(layer: Layer, max: number | undefined): readonly Layer[] {
  const own = stackLevels(layer, max)
  return layers.filter(
    (other) => other !== layer && stackLevels(other, max).some((level) => own.includes(level)),
  )
}
