import type { JsonObject } from '../../kernel/json.ts'
import { zoneOffsetMinutes } from '../../operations/clock.ts'
import type { LinkRecord } from '../connections/link.ts'
import { awayMs } from '../connections/link.ts'
import type { ConditionKind, ConditionSettings, Judged } from './condition.ts'
import { conditionKinds } from './condition.ts'

/** What conditions are told from. Times are ms since the epoch, our clock. */
export interface ConditionFacts {
  readonly connected: boolean
  /** Any frame, pongs included. */
  readonly lastSeenAt: number | null
  readonly heardHeartbeatAt: number | null
  /** Any message that is no heartbeat, as far as its time is kept. */
  readonly heardOtherAt: number | null
  readonly skewMs: number | null
  readonly skewUncertaintyMs: number | null
  readonly link: LinkRecord
}

const minute = 60_000

/** From how many within which time, and down to how many it goes on: the gap keeps it from coming and going. */
export const flappingRule = { windowMs: 30 * minute, from: 5, downTo: 2 }
export const bootsRule = { windowMs: 60 * minute, from: 3, downTo: 2 }
export const sharedRule = { windowMs: 60 * minute, from: 2, downTo: 1 }
/** Some models do not answer single actions: one CALL without answer is no condition. */
export const oneWayFrom = 2
/** Three heartbeats at the usual interval; the gateway says better as soon as it knows. */
export const quietUnlessToldMs = 15 * minute
/** A wrong clock counts as right again only when it is clearly within what is tolerated. */
const clockRightPart = 0.8

/** Ends of connections that are our own doing. */
const ourDoing: ReadonlySet<string> = new Set(['shutdown', 'operator'])
/** Boots that somebody asked for. */
const askedBoots: ReadonlySet<string> = new Set(['RemoteReset', 'ScheduledReset', 'FirmwareUpdate'])

type Rule = (
  facts: ConditionFacts,
  isOpen: boolean,
  now: number,
  settings: ConditionSettings,
) => Omit<Judged, 'kind'> | undefined

/** Which conditions hold now. `open` are those that held before. */
export function judge(
  facts: ConditionFacts,
  open: ReadonlySet<ConditionKind>,
  now: number,
  settings: ConditionSettings,
): Judged[] {
  return conditionKinds.flatMap((kind) => {
    const found = rules[kind](facts, open.has(kind), now, settings)
    return found === undefined ? [] : [{ kind, ...found }]
  })
}

const rules: Readonly<Record<ConditionKind, Rule>> = {
  flapping({ link }, isOpen, now) {
    const counted = link.openings.filter(({ after }) => after === null || !ourDoing.has(after))
    const recent = frequent(counted, flappingRule, isOpen, now)
    if (recent === undefined) return undefined
    const endings = tally(recent.flatMap(({ after }) => (after === null ? [] : [after])))
    return { since: recent[0]!.at, evidence: { ...counts(recent, flappingRule), endings } }
  },

  silent({ connected, lastSeenAt, link }, _isOpen, now) {
    const quietMs = link.quietMs ?? quietUnlessToldMs
    if (!connected || lastSeenAt === null || now - lastSeenAt <= quietMs) return undefined
    return { since: lastSeenAt, evidence: { expectedWithinMs: quietMs, lastHeardAt: lastSeenAt } }
  },

  'one-way'({ connected, lastSeenAt, heardHeartbeatAt, heardOtherAt, link }, _isOpen, now) {
    const { unanswered } = link
    if (unanswered === null || unanswered.count < oneWayFrom) return undefined
    const { since, count, actions } = unanswered
    if (lastSeenAt === null || lastSeenAt <= since) return undefined
    if (!connected && now - lastSeenAt > awayMs) return undefined
    const onlyHeartbeats = isAfter(heardHeartbeatAt, since) && !isAfter(heardOtherAt, since)
    return { since, evidence: { unanswered: count, actions, onlyHeartbeats } }
  },

  'clock-wrong'({ skewMs, skewUncertaintyMs }, isOpen, now, { clockAlertMs }) {
    if (skewMs === null) return undefined
    const most = isOpen ? clockAlertMs * clockRightPart : clockAlertMs
    const certainMs = isOpen ? Math.abs(skewMs) : Math.abs(skewMs) - (skewUncertaintyMs ?? 0)
    if (certainMs <= most) return undefined
    const zone = zoneOffsetMinutes(skewMs)
    const evidence = {
      skewMs: Math.round(skewMs),
      uncertaintyMs: skewUncertaintyMs,
      toleratedMs: clockAlertMs,
    }
    const whole = zone === undefined ? evidence : { ...evidence, zoneMinutes: zone }
    return { since: now, evidence: whole }
  },

  'boots-repeatedly'({ link }, isOpen, now) {
    const counted = link.boots.filter(({ reason }) => reason === null || !askedBoots.has(reason))
    const recent = frequent(counted, bootsRule, isOpen, now)
    if (recent === undefined) return undefined
    const reasons = tally(recent.flatMap(({ reason }) => (reason === null ? [] : [reason])))
    return { since: recent[0]!.at, evidence: { ...counts(recent, bootsRule), reasons } }
  },

  'shared-identity'({ link }, isOpen, now) {
    const recent = frequent(link.contests, sharedRule, isOpen, now)
    if (recent === undefined) return undefined
    const since = recent[0]!.at
    const from = link.openings.filter(({ at }) => at > now - sharedRule.windowMs)
    const addresses = [...new Set(from.map((one) => one.from))].slice(-5)
    return { since, evidence: { ...counts(recent, sharedRule), addresses } }
  },
}

interface Rate {
  readonly windowMs: number
  readonly from: number
  readonly downTo: number
}

/** What happened within the window, where it happened often enough. */
function frequent<One extends { readonly at: number }>(
  all: readonly One[],
  { windowMs, from, downTo }: Rate,
  isOpen: boolean,
  now: number,
): readonly One[] | undefined {
  const recent = all.filter(({ at }) => at > now - windowMs)
  return recent.length >= (isOpen ? downTo : from) ? recent : undefined
}

function counts(
  recent: readonly unknown[],
  { windowMs }: Rate,
): { times: number; withinMs: number } {
  return { times: recent.length, withinMs: windowMs }
}

function tally(words: readonly string[]): JsonObject {
  const found: Record<string, number> = {}
  for (const word of words) found[word] = (found[word] ?? 0) + 1
  return found
}

function isAfter(at: number | null, moment: number): boolean {
  return at !== null && at > moment
}
