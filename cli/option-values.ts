import { InvalidArgumentError } from '@commander-js/extra-typings'

/** An option that may be given several times. */
export function several(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value]
}

/** A whole number within bounds. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^-?\d+$/.test(text.trim()) ? Number(text) : Number.NaN
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`)
    return value
  }
}

export const chargerConditions = [
  'connected',
  'disconnected',
  'faulted',
  'charging',
  'idle',
  'maintenance',
] as const
export type ChargerCondition = (typeof chargerConditions)[number]

export function conditions(
  value: string,
  before: ChargerCondition[] | undefined,
): ChargerCondition[] {
  const found = chargerConditions.find((one) => one === value)
  if (found === undefined)
    throw new InvalidArgumentError(`Allowed choices are ${chargerConditions.join(', ')}.`)
  return [...(before ?? []), found]
}

/** What can be wrong with a charger as it shows from outside. */
export const troubles = [
  'flapping',
  'silent',
  'one-way',
  'clock-wrong',
  'boots-repeatedly',
  'shared-identity',
] as const

/** An option that may be given several times, with one of these words. */
export function severalOf<const Word extends string>(
  words: readonly Word[],
): (value: string, before: Word[] | undefined) => Word[] {
  return (value, before) => {
    const found = words.find((one) => one === value)
    if (found === undefined)
      throw new InvalidArgumentError(`Allowed choices are ${words.join(', ')}.`)
    return [...(before ?? []), found]
  }
}

/** Only the properties that were given, so that nothing absent is sent as a value. */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
