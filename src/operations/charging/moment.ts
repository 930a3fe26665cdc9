import { isRfc3339 } from '../../ocpp/time.ts'
import { refuse } from '../operation.ts'
import type { Refusal } from '../operation.ts'

/** A moment somebody wrote, in ms since the epoch. */
export function readMoment(text: string, field: string): number | Refusal {
  return isRfc3339(text)
    ? Date.parse(text.toUpperCase())
    : refuse('it must be a date and time such as 2026-05-01T12:00:00Z', field)
}
