import { durationWords } from '../operations/clock.ts'

/** How reasons are said to people. */

/** `CP 1`, `CP 1 and CP 2`, `CP 1, CP 2 and 7 others`. */
export function named(chargers: readonly string[]): string {
  const [first = '', second = ''] = chargers
  if (chargers.length <= 1) return first
  if (chargers.length === 2) return `${first} and ${second}`
  return `${first}, ${second} and ${counted(chargers.length - 2, 'other')}`
}

/** `1 charger`, `3 chargers`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}

export function momentWords(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}

export function ago(at: number, now: number): string {
  return `${durationWords(Math.max(0, now - at))} ago`
}

/** `12 kW`. */
export function powerWords(watts: number): string {
  return watts >= 1_000_000
    ? `${Math.round(watts / 10_000) / 100} MW`
    : `${Math.round(watts / 100) / 10} kW`
}

/** The chargers a reason names in full. */
export const mostNamed = 20
