import type { ViolationKind } from '../../ocpp/violation.ts'
import type { CommandEnds } from './models.ts'

/*
 * How well a model keeps to the standard, as far as we see it:
 *
 *   messages  40 x (1 - sum over kinds of violation of weight x share of its chargers that showed it)
 *   commands  40 x (succeeded + half of the unverified) / commands that ended, from 10 commands on;
 *             a refusal is an answer the standard knows, so refused ones are not counted
 *   profile   20 x (1 - a tenth for every quirk its profile knows)
 *
 * No part goes below 0. The score is what the parts have, as a percentage of what they could have; a part
 * about which nothing is known is left out of both.
 */

export interface ScorePart {
  readonly part: 'messages' | 'commands' | 'profile'
  /** Null where nothing is known. */
  readonly points: number | null
  readonly of: number
  /** What it is made of, for people. */
  readonly because: string
}

export interface ConformanceScore {
  /** 0 to 100, 100 being a charger that never departed from the standard; null where nothing is known. */
  readonly score: number | null
  readonly parts: readonly ScorePart[]
}

/** What a score is made of. */
export interface ScoreBasis {
  readonly chargers: number
  /** Kind of violation to how many of the chargers showed it within the window. */
  readonly violating: Readonly<Record<string, number>>
  readonly commands: CommandEnds
  readonly quirks: number
}

/** Fewer commands say nothing about a model. */
export const fewestCommands = 10

/** What a kind of violation costs where every charger of a model shows it; 1 is the whole part. */
export const violationWeights: Readonly<Record<ViolationKind, number>> = {
  'malformed-json': 1,
  'malformed-envelope': 1,
  'message-id': 0.4,
  'unknown-action': 0.2,
  'payload-invalid': 0.5,
  'integer-range': 0.4,
  'unexpected-answer': 0.5,
  'answer-invalid': 0.6,
  'not-allowed-now': 0.3,
  handshake: 0.2,
}

const most = { messages: 40, commands: 40, profile: 20 } as const
const perQuirk = 0.1

/** Pure; see the top of this file for the formula. */
export function conformanceScore(basis: ScoreBasis): ConformanceScore {
  const parts = [messages(basis), commands(basis), profile(basis)]
  const known = parts.filter((part) => part.points !== null)
  const points = known.reduce((sum, part) => sum + (part.points ?? 0), 0)
  const possible = known.reduce((sum, part) => sum + part.of, 0)
  return { score: possible === 0 ? null : Math.round((100 * points) / possible), parts }
}

function messages({ chargers, violating }: ScoreBasis): ScorePart {
  const of = most.messages
  if (chargers === 0)
    return { part: 'messages', points: null, of, because: 'no charger of it is registered' }
  const seen = Object.entries(violating).filter(([, count]) => count > 0)
  const cost = seen.reduce(
    (sum, [kind, count]) =>
      sum + (violationWeights[kind as ViolationKind] ?? 0) * Math.min(1, count / chargers),
    0,
  )
  const because =
    seen.length === 0
      ? 'no message broke a rule'
      : seen.map(([kind, count]) => `${kind} on ${count} of ${chargers}`).join(', ')
  return { part: 'messages', points: rounded(of * Math.max(0, 1 - cost)), of, because }
}

function commands({ commands: ends }: ScoreBasis): ScorePart {
  const of = most.commands
  const total = totalOf(ends) - ends.refused
  if (total < fewestCommands)
    return {
      part: 'commands',
      points: null,
      of,
      because: `${total} commands ended otherwise than refused; fewer than ${fewestCommands} say nothing`,
    }
  const worked = ends.succeeded + ends.unverified / 2
  const because = `of ${total} commands ${ends.succeeded} worked and ${ends.unverified} could not be verified`
  return { part: 'commands', points: rounded((of * worked) / total), of, because }
}

function profile({ quirks }: ScoreBasis): ScorePart {
  const of = most.profile
  const because = quirks === 0 ? 'no quirk is known' : `${quirks} known quirks`
  return {
    part: 'profile',
    points: rounded(of * Math.max(0, 1 - perQuirk * quirks)),
    of,
    because: quirks === 1 ? '1 known quirk' : because,
  }
}

export function totalOf(ends: CommandEnds): number {
  const { succeeded, unverified, refused, unsupported, failed, unknown } = ends
  return succeeded + unverified + refused + unsupported + failed + unknown
}

function rounded(points: number): number {
  return Math.round(points * 10) / 10
}
