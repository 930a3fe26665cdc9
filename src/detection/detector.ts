import type { JsonObject } from '../kernel/json.ts'
import type { Attempt } from '../policy/attempt.ts'
import type { DetectionMode, DetectionRules } from '../policy/rules/detection.ts'
import type { Past } from './past.ts'

export const detectorNames = [
  'frequency',
  'first-ever',
  'same-fault',
  'refusals',
  'off-hours',
] as const
export type DetectorName = (typeof detectorNames)[number]

/** Something unusual about an attempt. */
export interface Finding {
  readonly detector: DetectorName
  /** What it is about, e.g. `actor/p1`; one alert is open for it at a time. */
  readonly key: string
  readonly mode: Exclude<DetectionMode, 'off'>
  /** With the observed value, the baseline and the window. */
  readonly sentence: string
  readonly observed: number
  readonly baseline: JsonObject
  readonly windowMs: number
  readonly chargers?: readonly string[]
  /** When a throttled actor may go on. */
  readonly until?: number
}

/** Looks at one attempt. Pure: it depends on the attempt, what was counted, and the rules. */
export interface Detector {
  readonly name: DetectorName
  readonly title: string
  /** For the reference: what it looks at and against which baseline. */
  readonly baseline: string
  find(attempt: Attempt, past: Past, rules: DetectionRules, at: LocalTime): readonly Finding[]
}

/** The hour of the day, 0 to 23, where the fleet is. */
export interface LocalTime {
  hourOf(at: number): number
}

/** What is to be done, or undefined where the detector is switched off for this kind of actor. */
export function modeFor(
  { actor }: Attempt,
  { person, robot }: { readonly person: DetectionMode; readonly robot: DetectionMode },
): Finding['mode'] | undefined {
  const mode = actor.kind === 'robot' ? robot : person
  return mode === 'off' ? undefined : mode
}

/**
 * What is to be done about something others have a part in: it stops nobody, so that no one can stop others by
 * what they do themselves. Whoever can show a factor is asked for it.
 */
export function askingAtMost({ actor }: Attempt, mode: Finding['mode']): Finding['mode'] {
  if (mode !== 'throttle' && mode !== 'hold') return mode
  return actor.kind === 'robot' ? 'observe' : 'step-up'
}
