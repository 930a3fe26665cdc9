import type { Verdict } from '../operation.ts'
import { compare, compositeResult } from './composite.ts'
import type { CompositeSchedule, Expected } from './composite.ts'

/**
 * What a composite schedule says of a profile that was accepted, where the charger cannot list profiles
 * (OCPP 1.6). Another profile may count above it, so a plan that allows more proves nothing either way.
 */
export function compositeVerdict(
  composite: CompositeSchedule | undefined,
  expected: Expected | undefined,
  now: number,
): Verdict {
  const result = { composite: composite === undefined ? null : compositeResult(composite) }
  if (expected === undefined)
    return {
      meaning: 'unverifiable',
      detail: 'accepted; it does not count now, so nothing shows it',
      result,
    }
  const found = compare(composite, expected, now)
  if (found === 'keeps')
    return { meaning: 'done', result: { ...result, shownBy: ['composite-schedule'] } }
  if (found === 'nothing')
    return {
      meaning: 'unverifiable',
      detail: 'accepted; the charger tells no composite schedule that would show it',
      result,
    }
  return {
    meaning: 'unverifiable',
    detail: `accepted, but its composite schedule allows ${found.exceeds}: another profile counts above it, or nothing came of it`,
    result,
  }
}
