import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import type { ChargerFacts } from '../facts.ts'
import { notYet } from '../operation.ts'
import type { EffectContext, Sighting } from '../operation.ts'
import { amountWords } from './amount.ts'
import { expectedAt } from './composite.ts'
import type { Expected } from './composite.ts'
import { drawnAt, isAbove, runningAt } from './measured.ts'
import type { Drawn } from './measured.ts'

/** How far a limit has been sent and read back; kept as the command's `result` on the way. */
export interface LimitProgress {
  /** Profiles answered so far. */
  readonly step: number
  /** What was chosen and assumed. */
  readonly told: JsonObject
  readonly expected: Expected
  /** What is being sent: the profile of a session may have become void meanwhile. */
  readonly sending?: 'lasting' | 'session'
  /** ms since the epoch, when the charger was asked to look ahead. */
  readonly readAt?: number
  readonly composites: readonly ReadComposite[]
}

export interface ReadComposite {
  readonly evse: number
  /** `keeps`: it allows no more than asked. `exceeds`: it does. `nothing`: it tells nothing about it. */
  readonly shows: 'keeps' | 'exceeds' | 'nothing'
  readonly why?: string
  readonly schedule: Json
}

export function asJson(progress: LimitProgress): Json {
  return progress as unknown as Json
}

export function progressOf(result: Json | undefined): LimitProgress | undefined {
  return isJsonObject(result) && 'composites' in result && 'expected' in result
    ? (result as unknown as LimitProgress)
    : undefined
}

/** Whether the charger's composite schedule keeps to the limit wherever it was read. */
export function isShownByComposite(result: Json | undefined): boolean {
  const composites = progressOf(result)?.composites ?? []
  return composites.length > 0 && composites.every(({ shows }) => shows === 'keeps')
}

export const limitLooksLike =
  'the composite schedule keeps to the limit, and so does the power of running sessions where it is metered'

/** How long meter values are waited for. A charger usually sends them once a minute. */
export const limitSeenWithinMs = 90_000

/** A car follows a new limit within five seconds (IEC 61851-1); a reading before says nothing. */
const followsAfterMs = 5_000
/** Above the limit for so long, it is not kept. */
const failsAfterMs = 30_000

/** What sessions drew when the limit was planned, for `Operation.expects`. */
export function drawnBefore(
  facts: ChargerFacts,
  evses: readonly number[],
  expected: Expected,
): Json {
  return evses.map((evse) => drawnAt(facts, evse, expected.unit)?.value ?? null)
}

/** Chargers that tell what is drawn do so within this. */
const metersWithinMs = 600_000

/** Whether a limit that was accepted is kept, and what shows it. */
export function limitSeen(
  facts: ChargerFacts,
  since: number,
  { answer, expects, lastLook = false }: EffectContext,
): Sighting {
  const progress = progressOf(answer)
  if (progress === undefined) return notYet
  const { expected, composites, told } = progress
  const evses = composites.length > 0 ? composites.map(({ evse }) => evse) : evsesOf(told)
  const places = evses.map((evse, index) =>
    lookAt(facts, since, evse, expected, composites[index], beforeAt(expects, index)),
  )
  for (const { fails } of places) if (fails !== undefined) return { seen: 'no', because: fails }
  const settled = places.every(({ shownBy, waits }) => shownBy.length > 0 && (!waits || lastLook))
  if (places.length === 0 || !settled) return notYet
  return {
    seen: 'yes',
    result: {
      ...told,
      shownBy: [...new Set(places.flatMap(({ shownBy }) => shownBy))],
      measured: places.flatMap(({ evse, drawn }) =>
        drawn === undefined ? [] : [{ evse, unit: drawn.unit, value: round(drawn.value) }],
      ),
      composite: composites.map(({ evse, shows, schedule }) => ({ evse, shows, schedule })),
    },
  }
}

function evsesOf(told: JsonObject): number[] {
  const { evses } = told
  return Array.isArray(evses) ? evses.filter((one): one is number => typeof one === 'number') : []
}

function beforeAt(expects: Json, index: number): number | undefined {
  const before: unknown = Array.isArray(expects) ? expects[index] : undefined
  return typeof before === 'number' ? before : undefined
}

interface Look {
  readonly evse: number
  readonly shownBy: readonly ('composite-schedule' | 'measured-power')[]
  /** A meter that is known to tell has not told since. */
  readonly waits: boolean
  readonly fails?: string
  readonly drawn?: Drawn
}

function lookAt(
  facts: ChargerFacts,
  since: number,
  evse: number,
  expected: Expected,
  composite: ReadComposite | undefined,
  before: number | undefined,
): Look {
  const sessions = runningAt(facts, evse)
  const running = sessions.length > 0
  const byComposite = composite?.shows === 'keeps' ? (['composite-schedule'] as const) : []
  // Without a session some chargers leave defaults out of what they plan.
  if (composite?.shows === 'exceeds' && (running || evse === 0))
    return {
      evse,
      shownBy: [],
      waits: false,
      fails: `accepted, but its composite schedule allows ${composite.why ?? 'more'}`,
    }
  const drawn = drawnAt(facts, evse, expected.unit)
  const limit = drawn === undefined ? null : expectedAt(expected, drawn.at)
  // A session that has told no reading for so long is not metered.
  const young = sessions.some(({ startReceivedAt }) => startReceivedAt > since - metersWithinMs)
  if (drawn === undefined) return { evse, shownBy: byComposite, waits: young }
  if (limit === null) return { evse, shownBy: byComposite, waits: false }
  if (drawn.at < since + followsAfterMs) return { evse, shownBy: byComposite, waits: true }
  if (isAbove(drawn, limit)) {
    if (drawn.at < since + failsAfterMs) return { evse, shownBy: byComposite, waits: true }
    return { evse, shownBy: [], waits: false, fails: stillDraws(drawn), drawn }
  }
  // Below the limit before as well, it proves nothing: the car may just want no more.
  const cameDown = before !== undefined && isAbove({ ...drawn, value: before }, limit)
  const shownBy =
    cameDown || byComposite.length > 0 ? ([...byComposite, 'measured-power'] as const) : []
  return { evse, shownBy, waits: false, drawn }
}

function stillDraws(drawn: Drawn): string {
  return `accepted, but still draws ${amountWords({ unit: drawn.unit, value: drawn.value })}`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
