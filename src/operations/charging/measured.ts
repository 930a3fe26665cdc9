import type { ChargerFacts, DrawnFacts, SessionFacts } from '../facts.ts'
import { volts } from './amount.ts'
import type { RateUnit } from './amount.ts'

/** What running sessions draw, by their charger's own meters. */
export interface Drawn {
  readonly unit: RateUnit
  readonly value: number
  /** When the oldest of the readings was taken, corrected by the charger's skew. */
  readonly at: number
}

/** The sessions that run at an EVSE; at all of them where it is 0. */
export function runningAt(facts: Pick<ChargerFacts, 'sessions'>, evse: number): SessionFacts[] {
  return facts.sessions.filter(
    (one) => one.endedAt === undefined && (evse === 0 || one.evse === evse),
  )
}

/**
 * What is drawn at an EVSE, or (0) by the whole charger, in `unit`. Undefined where no session runs, or one
 * of them has no reading: what is not measured is not guessed.
 */
export function drawnAt(
  facts: Pick<ChargerFacts, 'sessions' | 'drawn'>,
  evse: number,
  unit: RateUnit,
): Drawn | undefined {
  const readings = runningAt(facts, evse).map((session) => {
    const meter =
      facts.drawn.find((one) => one.evse === session.evse && one.connector === session.connector) ??
      facts.drawn.find((one) => one.evse === session.evse)
    return meter && readingIn(meter, unit)
  })
  const known = readings.filter((one) => one !== undefined)
  if (known.length === 0 || known.length < readings.length) return undefined
  return {
    unit,
    value: known.reduce((sum, { value }) => sum + value, 0),
    at: Math.min(...known.map(({ at }) => at)),
  }
}

function readingIn(
  { watts, amperes }: DrawnFacts,
  unit: RateUnit,
): { readonly value: number; readonly at: number } | undefined {
  if (unit === 'W') return watts
  if (amperes !== undefined) return amperes
  // Spread over three phases at the least: what a car draws on one shows as a third, and never too much.
  return watts && { value: watts.value / volts / 3, at: watts.at }
}

/** How far meters and cars may be above a limit: 5 % and the last step of what they resolve. */
export function isAbove({ unit, value }: Drawn, limit: number): boolean {
  return value > limit * 1.05 + (unit === 'A' ? 0.5 : 150)
}
