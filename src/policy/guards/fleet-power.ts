import type { Reservation, Spoken } from '../decision.ts'
import { coversOperation } from '../operation-pattern.ts'
import type { Question, RuleResult, TargetStanding } from '../question.ts'
import type { GuardRules } from '../rules/guards.ts'
import { powerWords } from '../words.ts'
import type { Guard } from './guard.ts'
import { nothingSaid } from './guard.ts'
import { sessionsThere } from './place.ts'
import { safetyFaultOf } from './safety-faults.ts'

const rule = 'guard.fleet-power'
export const fleetPowerKey = 'power/fleet'
export const fleetPowerWindowMs = 60_000

type Figures = GuardRules['power']

export const fleetPower: Guard = {
  rule,
  title: 'Change of the fleet’s power',
  because:
    'Thousands of chargers that start, stop or change at one moment are a step in the grid’s load that it may not take.',
  figures: ({ power }) => [
    `in a minute at most ${powerWords(power.wattsPerMinute)}, or ${Math.round(power.shareOfFleet * 100)} % of the fleet’s power at ${powerWords(power.assumedWatts)} a charger, whichever is more`,
    `from ${power.spreadFrom} chargers on, or where it would be more at once, they are begun one after the other, each wait longer by a random share of up to ${Math.round(power.jitter * 100)} %`,
    `what is not measured counts as ${powerWords(power.assumedWatts)} a session`,
    `counted are ${power.operations.join(', ')}; not what the product itself does, such as keeping a site under its limit`,
  ],
  decide(question) {
    const { who, what, rules } = question
    const figures = rules.guards.power
    if (who.actor.kind === 'system' || what.operation.risk === 'read') return nothingSaid
    if (!coversOperation(figures.operations, what.operation)) return nothingSaid
    const watts = question.targets.map((target) => atStake(target, question)).sort((a, b) => b - a)
    const total = watts.reduce((sum, one) => sum + one, 0)
    if (total === 0) return nothingSaid
    const changing = watts.filter((one) => one > 0).length
    const cap = capOf(figures, question.fleet.chargers)
    const spread = changing >= figures.spreadFrom || (changing > 1 && total > cap)
    return spread ? paced(question, figures, watts, total, cap) : atOnce(question, total, cap)
  },
}

function capOf({ wattsPerMinute, shareOfFleet, assumedWatts }: Figures, chargers: number): number {
  return Math.max(wattsPerMinute, Math.round(shareOfFleet * assumedWatts * chargers))
}

/** Power by which a command may change what a charger draws, W; nothing where it makes an unsafe one safe. */
function atStake(target: TargetStanding, { what, rules }: Question): number {
  const { assumedWatts } = rules.guards.power
  const { name } = what.operation
  const { params } = what
  if (name === 'session.start' || params.availability === 'operative')
    return target.connected ? assumedWatts : 0
  const stops = name === 'session.stop' || params.availability === 'inoperative'
  if (stops && safetyFaultOf(target, rules.guards) !== undefined) return 0
  if (name === 'session.stop')
    return drawn(target, Math.min(1, target.runningSessions), assumedWatts)
  return drawn(target, sessionsThere(target.sessionsAt, params), assumedWatts)
}

/** Its part of what is measured, or what is assumed; a limit may also raise it to that. */
function drawn(
  { watts, runningSessions }: TargetStanding,
  sessions: number,
  assumed: number,
): number {
  if (sessions === 0) return 0
  const measured = ((watts ?? 0) * sessions) / runningSessions
  return Math.round(Math.max(measured, assumed * sessions))
}

/** What paced commands may change beside what they reserved for their first minute. */
function promised({ fleet }: Question): number {
  return Math.max(0, fleet.wattsPerMinuteGranted - fleet.wattsChangedLastMinute)
}

function atOnce(question: Question, total: number, cap: number): RuleResult {
  const before = question.fleet.wattsChangedLastMinute + promised(question)
  // A single charger that can do more than the cap by itself may go when nothing else does.
  const limit = Math.max(cap, total) - promised(question)
  const spoken = before + total > Math.max(cap, total) ? [full(before, total, cap)] : []
  return { spoken, reservations: [reservation(total, Math.max(0, limit), cap)] }
}

/** So many may begin in a minute that even those who draw most stay below what is left. */
function paced(
  question: Question,
  { jitter }: Figures,
  watts: readonly number[],
  total: number,
  cap: number,
): RuleResult {
  const before = question.fleet.wattsChangedLastMinute + promised(question)
  const left =
    cap - Math.max(question.fleet.wattsPerMinuteGranted, question.fleet.wattsChangedLastMinute)
  let perMinute = 0
  let perMinuteWatts = 0
  for (const one of watts) {
    if (perMinuteWatts + one > left) break
    perMinute += 1
    perMinuteWatts += one
  }
  if (perMinute === 0 && before === 0) {
    perMinute = 1
    perMinuteWatts = watts[0] ?? 0
  }
  if (perMinute === 0) return { spoken: [full(before, watts[0] ?? 0, cap)] }
  const limit = Math.max(cap, perMinuteWatts) - promised(question)
  const minutes = Math.ceil(watts.length / perMinute)
  const wattsPerMinute = Math.max(1, perMinuteWatts)
  return {
    spoken: [
      {
        rule,
        says: 'notes',
        sentence: `It may change the fleet’s power by ${powerWords(total)}, of ${powerWords(cap)} a minute; so at most ${perMinute} chargers are begun a minute, in irregular steps, in ${minutes} min or more.`,
        detail: { watts: total, cap, perMinute },
      },
    ],
    reservations: [reservation(perMinuteWatts, limit, cap)],
    bounds: { pace: { perMinute, jitter, wattsPerMinute } },
  }
}

function full(before: number, more: number, cap: number): Spoken {
  return {
    rule,
    says: 'denies',
    sentence: `Commands change the fleet’s power by ${powerWords(before)} a minute already; ${powerWords(more)} more would pass ${powerWords(cap)}. Wait a minute, or until what is paced has begun everywhere.`,
    detail: { before, more, cap },
  }
}

function reservation(watts: number, limit: number, cap: number): Reservation {
  return {
    key: fleetPowerKey,
    amount: watts,
    limit,
    windowMs: fleetPowerWindowMs,
    rule,
    sentence: `Commands may change the fleet’s power by ${powerWords(cap)} a minute, and this one asks for ${powerWords(watts)}.`,
  }
}
