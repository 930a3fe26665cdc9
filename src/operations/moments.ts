import Type from 'typebox'
import { clockTrouble } from './clock.ts'
import type { ChargerFacts } from './facts.ts'
import { refuse } from './operation.ts'
import type { Refusal } from './operation.ts'

/** How wrong a charger's clock may be for it to be given times to act at. */
const clockToleranceMs = 2 * 60_000

export function momentParam(description: string) {
  return Type.String({ minLength: 1, maxLength: 40, description: `${description} (ISO 8601)` })
}

/** The moment as OCPP writes it, in UTC; or why the text is none. */
export function momentOf(text: string, field: string): string | Refusal {
  const at = Date.parse(text)
  return Number.isNaN(at)
    ? refuse('it is no date and time such as 2026-05-01T12:00:00Z', field)
    : new Date(at).toISOString()
}

/** The first of these that is no moment. */
export function momentProblem(
  moments: Readonly<Record<string, string | undefined>>,
): Refusal | undefined {
  for (const [field, text] of Object.entries(moments)) {
    const moment = text === undefined ? '' : momentOf(text, field)
    if (typeof moment !== 'string') return moment
  }
  return undefined
}

/** Why this charger would not do what is meant at a time it is told; undefined where it would. */
export function wrongClock(charger: ChargerFacts, field: string): Refusal | undefined {
  const trouble = clockTrouble(charger, clockToleranceMs)
  return trouble === undefined ? undefined : refuse(trouble, field)
}
