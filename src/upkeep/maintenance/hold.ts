import type { ChargerFacts, ConnectorFacts } from '../../operations/facts.ts'
import { commandsOf } from '../ask.ts'
import type { Fates } from '../ask.ts'
import { connectorsOf, howItIs, reconsidered, shows } from './before.ts'
import type { Seen } from './look.ts'
import { mostFailures, nextRoundAt } from './pauses.ts'
import { toTell } from './places.ts'
import { isChanging, isUnderWay, judgedRound, newRound, runningSessions, whyNot } from './round.ts'
import { bootOf, nextPoll, standing, unreachable } from './standing.ts'
import type { Stay } from './stay.ts'

/** How long after a connection opened, without a boot, what is known of its connectors is believed. */
const settleMs = 3_000
const crossingMs = 10_000

/** Takes a charger out of service and keeps it there. */
export function hold(stay: Stay, seen: Seen): Stay {
  const { facts, fates, now } = seen
  const away = unreachable(facts)
  const busy = isOut(facts) ? isChanging : isUnderWay
  if (busy(stay.progress.round, fates))
    return away === undefined
      ? underWay(stay, seen)
      : standing(stay, 'not-connected', now, { detail: away, lookAt: nextPoll(stay, now) })
  if (away !== undefined) return standing(stay, 'not-connected', now, { detail: away })
  const settlesAt = settledAt(stay, facts)
  if (settlesAt > now) return { ...stay, lookAt: settlesAt }
  return keep(withBefore(stay, seen), seen)
}

/**
 * A new connection may bring a boot, and a boot new statuses: they are waited for. A charger that was told
 * before is told again as soon as it has booted, whatever it will show.
 */
function settledAt({ progress }: Stay, facts: ChargerFacts): number {
  const { connectedAt = 0, epoch } = facts
  const bootAt = bootOf(facts)
  if (progress.before === null) return Math.max(connectedAt, bootAt) + settleMs
  return progress.seen?.epoch === epoch || bootAt >= connectedAt ? 0 : connectedAt + settleMs
}

function withBefore(stay: Stay, { facts, taken }: Seen): Stay {
  const known = stay.progress.before
  const before = known === null ? howItIs(facts, taken) : reconsidered(known, facts)
  return before === known ? stay : { ...stay, progress: { ...stay.progress, before } }
}

/** The charger has been told, and its commands are not at their end. */
function underWay(stay: Stay, { facts, fates, now }: Seen): Stay {
  const lookAt = nextPoll(stay, now)
  const running = runningSessions(facts)
  const accepted = commandsOf(stay.progress.round?.asks ?? []).some(
    (id) => fates.get(id)?.state === 'accepted',
  )
  if (accepted && running.length > 0)
    return standing(stay, 'waiting-for-sessions', now, { detail: sessionsText(running), lookAt })
  if (stay.standing === 'not-following') return { ...stay, lookAt }
  return standing(stay, 'going-out', now, { lookAt })
}

/** Nothing is under way: is it out of service, and if not, is it told again? */
function keep(before: Stay, seen: Seen): Stay {
  const { facts, fates, now } = seen
  const showing = connectorsOf(facts).filter(shows)
  const out = isOut(facts)
  const charging = out ? false : onlySessions(showing, facts)
  const crossedUntil = out ? 0 : crossing(before, fates)
  if (crossedUntil > now) return standing(before, 'going-out', now, { lookAt: crossedUntil })
  const stay = judgedRound(before, out ? 'worked' : charging ? 'neither' : 'failed')
  const { progress } = stay
  const renewed = isRenewed(stay, facts)
  const telling = toTell(
    { before: progress.before ?? [], put: progress.put },
    facts.version ?? '1.6',
    showing,
    renewed,
  )
  if (out && (!renewed || telling.tell.length === 0)) return standing(stay, 'out-of-service', now)
  if (charging && !renewed)
    return standing(stay, 'waiting-for-sessions', now, {
      detail: sessionsText(runningSessions(facts)),
    })
  const why = whyNot(stay, fates, showing)
  const failing = progress.failures > 0
  if (progress.failures >= mostFailures && !renewed)
    return standing(stay, 'not-following', now, {
      detail: `${why}; it is told again when it restarts or reconnects`,
    })
  const nextAt = nextRoundAt(progress.begun, now)
  const word = failing ? 'not-following' : 'going-out'
  if (nextAt > now)
    return standing(stay, word, now, { ...(failing ? { detail: why } : {}), lookAt: nextAt })
  const told = newRound(
    { ...stay, progress: { ...progress, put: telling.put } },
    seen,
    'inoperative',
    telling.tell,
  )
  return standing(told, word, now, {
    ...(failing ? { detail: why } : {}),
    lookAt: nextPoll(stay, now),
  })
}

/**
 * Until when a status may have been on its way while the charger was told: what it reports right after a boot
 * says how it was before the command. 0 where it did not take the command.
 */
function crossing({ progress: { round, begun } }: Stay, fates: Fates): number {
  if (round === null || round.judged) return 0
  const worked = commandsOf(round.asks).every((id) => fates.get(id)?.worked === true)
  return worked ? (begun.at(-1) ?? 0) + crossingMs : 0
}

/** It restarted or connected anew since it was last told, and may have forgotten. */
function isRenewed({ progress: { seen } }: Stay, facts: ChargerFacts): boolean {
  return seen === null || seen.epoch !== facts.epoch || seen.bootAt < bootOf(facts)
}

/** Every connector shows that it is out of service; where none is known, nothing is shown. */
function isOut(facts: ChargerFacts): boolean {
  const connectors = connectorsOf(facts)
  return connectors.length > 0 && !connectors.some(shows)
}

/** Every connector still in service has a session running. */
function onlySessions(showing: readonly ConnectorFacts[], facts: ChargerFacts): boolean {
  const running = runningSessions(facts)
  return showing.length > 0 && showing.every((one) => running.some(({ evse }) => evse === one.evse))
}

function sessionsText(running: ChargerFacts['sessions']): string {
  return running.length === 1 ? 'a session is running' : `${running.length} sessions are running`
}
