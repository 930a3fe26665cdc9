import type { JsonObject } from '../../kernel/json.ts'
import { durationWords } from '../../operations/clock.ts'

/** Pieces of sentences, from what was kept of something. What is missing leaves no trace. */

export function said(detail: JsonObject, name: string): string | undefined {
  const value = detail[name]
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' ? String(value) : undefined
}

/** `EVSE 1, connector 2`; the charger itself is `the charger`. */
export function placeWords({ evse, connector }: JsonObject): string {
  if (typeof evse !== 'number' || evse === 0) return 'the charger'
  return `EVSE ${evse}, connector ${typeof connector === 'number' ? connector : 1}`
}

/** ` after 3 h`, where it is known how long it lasted. */
export function afterWords({ lastedMs }: JsonObject): string {
  return typeof lastedMs === 'number' ? ` after ${durationWords(lastedMs)}` : ''
}

/** A sentence with what is known beside it: `It said so: more (aside).` */
export function sentence(main: string, more?: string, aside?: string): string {
  const whole = more === undefined ? main : `${main}: ${more}`
  const full = aside === undefined ? whole : `${whole} (${aside})`
  return /[.!?]$/.test(full) ? full : `${full}.`
}
