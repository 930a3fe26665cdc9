import type { Became } from '../../commands/asked.ts'
import { quirkOf } from '../../models/profile.ts'
import type { QuirkKind } from '../../models/quirk.ts'
import { topics } from '../../operations/catalog/interview/probes.ts'
import type { Topic } from '../../operations/catalog/interview/probes.ts'
import type { ChargerFacts } from '../../operations/facts.ts'
import type { Ask, Fates } from '../ask.ts'

/** What a charger is asked when it first comes, and again when its firmware has changed. Times are ms since the epoch. */
export interface Interview {
  readonly charger: string
  /** Empty where the charger tells none. */
  readonly firmware: string
  readonly state: 'due' | 'running' | 'done' | 'incomplete'
  readonly detail: string | null
  readonly begunAt: number | null
  readonly progress: InterviewProgress
  readonly lookAt: number | null
  readonly revision: number
}

export interface InterviewProgress {
  /** The command under way, or the last one. */
  readonly ask: Ask | null
  readonly rounds: number
  /** Topics still to be asked about one by one; null: everything at once. */
  readonly left: readonly Topic[] | null
  /** Topics that brought no answer. */
  readonly failed: readonly Topic[]
  /** Commands in a row that were not answered at all. */
  readonly unanswered: number
  /** When its latest interviews began, under whatever firmware, oldest first. */
  readonly begun: readonly number[]
}

export const freshInterview: InterviewProgress = {
  ask: null,
  rounds: 0,
  left: null,
  failed: [],
  unanswered: 0,
  begun: [],
}

const second = 1_000
/** How long a charger is left alone after its boot, and between two commands. */
export const settleMs = 5 * second
const pauseMs = 5 * second
const pauseAfterTroubleMs = 60 * second
/** After so many commands without any answer it is left alone. */
const mostUnanswered = 2
const pollMs = 30 * second
/** Firmware that goes back and forth brings this many interviews within the time at most. */
const mostWithin = 3
const withinMs = 3_600 * second

/** When a charger with new firmware may be interviewed, given when it was before. Pure. */
export function dueAt(begunBefore: readonly number[], now: number): number {
  const first = begunBefore.at(-mostWithin)
  return Math.max(now + settleMs, first === undefined ? 0 : first + withinMs)
}

/** Quirks of models that are better asked little by little. */
const delicate: readonly QuirkKind[] = [
  'slow-answers',
  'reads-few-keys',
  'crashes-on-reading',
  'cuts-off-unknown-keys',
  'no-full-settings-list',
  'wait-after-connect',
  'wait-after-boot',
  'deaf-until-booted',
]

/** Its turn has come: the first command. Pure. */
export function begun(interview: Interview, facts: ChargerFacts, now: number): Interview {
  const isDelicate = delicate.some((kind) => quirkOf(facts.profile, kind) !== undefined)
  const left = isDelicate ? [...topics] : null
  const started: Interview = { ...interview, state: 'running', begunAt: now, lookAt: null }
  const times = [...interview.progress.begun, now].slice(-mostWithin)
  return asking({ ...started, progress: { ...freshInterview, left, begun: times } }, now)
}

/** Where it stands with its command: waiting, going on to the next topic, or at its end. Pure. */
export function goneOn(
  interview: Interview,
  facts: ChargerFacts,
  fates: Fates,
  now: number,
): Interview {
  const { progress } = interview
  const { ask, left } = progress
  if (ask === null)
    return interview.lookAt !== null && interview.lookAt > now ? interview : asking(interview, now)
  const fate = ask.command === null ? undefined : fates.get(ask.command)
  if (fate === undefined || isOpen(fate)) return { ...interview, lookAt: now + pollMs }
  if (fate.worked) {
    const rest = left?.slice(1) ?? []
    if (rest.length === 0) return over(interview)
    return resting(interview, { left: rest, unanswered: 0 }, now + pauseMs)
  }
  if (!facts.connected) return { ...interview, lookAt: null }
  return afterTrouble(interview, fate, now)
}

/** Not at its end, or at least not given up: an answer that has not come in time is not waited for. */
function isOpen({ ended, state }: Became): boolean {
  return !ended && state !== 'unknown'
}

function afterTrouble(interview: Interview, fate: Became, now: number): Interview {
  const { progress } = interview
  const silent = fate.state === 'unknown' || fate.state === 'accepted-unverified'
  const unanswered = silent ? progress.unanswered + 1 : 0
  if (unanswered >= mostUnanswered)
    return {
      ...interview,
      state: 'incomplete',
      detail: `it does not answer: ${fate.detail ?? 'no answer came'}`,
      lookAt: null,
    }
  const [topic, ...rest] = progress.left ?? []
  const left = progress.left === null ? [...topics] : rest
  const failed = topic === undefined ? progress.failed : [...progress.failed, topic]
  if (left.length === 0) return over({ ...interview, progress: { ...progress, failed } })
  return resting(interview, { left, failed, unanswered }, now + pauseAfterTroubleMs)
}

function resting(
  interview: Interview,
  change: Partial<InterviewProgress>,
  lookAt: number,
): Interview {
  return { ...interview, lookAt, progress: { ...interview.progress, ...change, ask: null } }
}

function over(interview: Interview): Interview {
  const { failed } = interview.progress
  return {
    ...interview,
    state: failed.length === 0 ? 'done' : 'incomplete',
    detail: failed.length === 0 ? null : `nothing was told about ${failed.join(', ')}`,
    lookAt: null,
  }
}

function asking(interview: Interview, now: number): Interview {
  const { charger, firmware, begunAt, progress } = interview
  const rounds = progress.rounds + 1
  const [topic] = progress.left ?? []
  const under = firmware === '' ? '' : ` under firmware ${firmware}`
  const ask: Ask = {
    key: `interview/${charger}/${begunAt ?? 0}/${rounds}`,
    operation: 'charger.interview',
    params: topic === undefined ? {} : { about: [topic] },
    reason: `what it can do was not known${under}`,
    command: null,
  }
  return { ...interview, lookAt: now + pollMs, progress: { ...progress, rounds, ask } }
}
