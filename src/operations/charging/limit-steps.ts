import type { Json, JsonObject } from '../../kernel/json.ts'
import { canDo } from '../../models/capability.ts'
import type { ChargerFacts } from '../facts.ts'
import type { Verdict } from '../operation.ts'
import { compare, compositeResult } from './composite.ts'
import type { CompositeSchedule } from './composite.ts'
import { asJson, progressOf } from './limit-effect.ts'
import type { LimitProgress } from './limit-effect.ts'
import type { LimitOrder, LimitPlan } from './limit-plan.ts'

/*
 * A limit step by step: its profiles one after the other, then a look at what the charger plans. What is
 * planned anew at each step is the same but for sessions that began or ended meanwhile.
 */

const unknownStep: Verdict = { meaning: 'failed', detail: 'it is not known what was sent' }

/** What comes next, apart from versions: another profile, one that is left over, a look at the composite schedule, or the effect. */
type NextStep =
  | { readonly do: 'send'; readonly order: LimitOrder; readonly stored: Json }
  | { readonly do: 'clear'; readonly id: number; readonly stored: Json }
  | {
      readonly do: 'read'
      readonly evse: number
      readonly duration: number
      readonly unit: 'A' | 'W'
      readonly stored: Json
    }
  | { readonly do: 'end'; readonly verdict: Verdict | undefined }

export function nextStep(
  stored: Json,
  plan: LimitPlan,
  charger: Pick<ChargerFacts, 'capabilities'>,
  now: number,
): NextStep {
  const before = progressOf(stored)
  const { told, expected, orders, leftovers, reads, lookAhead } = plan
  const progress: LimitProgress = {
    // Without an answer to the first, nothing more is sent: only what became of it is looked at.
    step: stepOf(stored) ?? orders.length + leftovers.length,
    told: { ...told, evses: [...reads] },
    expected,
    composites: before?.composites ?? [],
  }
  const order = orders[progress.step]
  if (order !== undefined) {
    const sending = order.profile.purpose === 'session' ? 'session' : 'lasting'
    return { do: 'send', order, stored: asJson({ ...progress, sending }) }
  }
  const id = leftovers[progress.step - orders.length]
  if (id !== undefined) return { do: 'clear', id, stored: asJson(progress) }
  const evse = reads[progress.composites.length]
  const tells = canDo(charger.capabilities, 'GetCompositeSchedule').can !== false
  if (evse === undefined || lookAhead === undefined || !tells)
    return { do: 'end', verdict: { meaning: 'accepted', result: asJson(progress) } }
  const reading = asJson({ ...progress, readAt: now })
  return { do: 'read', evse, duration: lookAhead, unit: expected.unit, stored: reading }
}

function stepOf(stored: Json): number | undefined {
  const step: unknown = (stored as JsonObject | null)?.['step']
  return typeof step === 'number' ? step : undefined
}

/** A profile after the first was answered. */
export function profileAnswered(isTaken: boolean, stored: Json): Verdict {
  const progress = progressOf(stored)
  if (progress === undefined) return unknownStep
  // The session may have ended meanwhile; the default holds for the next, and the effect is looked at.
  if (!isTaken && progress.sending !== 'session')
    return { meaning: 'failed', detail: 'the charger took only a part of the limit' }
  return { meaning: 'accepted', result: asJson({ ...progress, step: progress.step + 1 }) }
}

/** What was left over is gone, or was never there. */
export function leftoverAnswered(stored: Json): Verdict {
  const progress = progressOf(stored)
  if (progress === undefined) return unknownStep
  return { meaning: 'accepted', result: asJson({ ...progress, step: progress.step + 1 }) }
}

/** The charger told its composite schedule, or that it has none. */
export function compositeAnswered(composite: CompositeSchedule | undefined, stored: Json): Verdict {
  const progress = progressOf(stored)
  if (progress === undefined) return unknownStep
  const { composites, expected, readAt = 0, told } = progress
  const found = compare(composite, expected, readAt)
  const evse = evseAt(told, composites.length)
  const schedule = composite === undefined ? null : compositeResult(composite)
  const read =
    typeof found === 'string'
      ? { evse, shows: found, schedule }
      : { evse, shows: 'exceeds' as const, why: found.exceeds, schedule }
  return {
    meaning: 'accepted',
    result: asJson({ ...progress, composites: [...composites, read] }),
  }
}

function evseAt({ evses }: JsonObject, index: number): number {
  const evse: unknown = Array.isArray(evses) ? evses[index] : undefined
  return typeof evse === 'number' ? evse : 0
}
