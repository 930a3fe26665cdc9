import type { ConnectorFacts } from '../../operations/facts.ts'
import { commandsOf } from '../ask.ts'
import { connectorsOf, isSame } from './before.ts'
import type { Seen } from './look.ts'
import { mostFailures, nextRoundAt } from './pauses.ts'
import { covers } from './places.ts'
import { isUnderWay, judgedRound, newRound, whyNot } from './round.ts'
import { nextPoll, standing, unreachable } from './standing.ts'
import type { Stay } from './stay.ts'

/** Brings back what was put out of service, and nothing else. `ended`: it is back, or was never told. */
export function putBack(before: Stay, seen: Seen): Stay | 'ended' {
  const { facts, fates, now } = seen
  const { put, round } = before.progress
  if (put.length === 0) return 'ended'
  const away = unreachable(facts)
  if (isUnderWay(round, fates)) {
    const lookAt = nextPoll(before, now)
    if (away !== undefined) return standing(before, 'not-connected', now, { detail: away, lookAt })
    return before.standing === 'not-following'
      ? { ...before, lookAt }
      : standing(before, 'coming-back', now, { lookAt })
  }
  const wrong = stillOut(before, connectorsOf(facts))
  if (round !== null && wrong.length === 0 && wasTaken(before, seen)) return 'ended'
  if (away !== undefined) return standing(before, 'not-connected', now, { detail: away })
  const stay = judgedRound(before, 'failed')
  const { begun, failures } = stay.progress
  const why = whyNot(stay, fates, wrong)
  if (failures >= mostFailures)
    return standing(stay, 'not-following', now, {
      detail: `${why}; leave maintenance again to tell it once more`,
    })
  const failing = failures > 0
  const word = failing ? 'not-following' : 'coming-back'
  const detail = failing ? { detail: why } : {}
  const nextAt = failing ? nextRoundAt(begun, now) : now
  if (nextAt > now) return standing(stay, word, now, { ...detail, lookAt: nextAt })
  const told = newRound(stay, seen, 'operative', put)
  return standing(told, word, now, { ...detail, lookAt: nextPoll(stay, now) })
}

/** Connectors that were in service before, were put out of it, and show it still. */
function stillOut(
  { progress: { before, put } }: Stay,
  connectors: readonly ConnectorFacts[],
): readonly ConnectorFacts[] {
  return connectors.filter((one) => {
    const known = before?.find((other) => isSame(one, other))
    const wanted = known?.availability !== 'inoperative' && put.some((place) => covers(place, one))
    return wanted && one.status === 'Unavailable'
  })
}

/** The charger answered that it would, or was seen to have done it. */
function wasTaken({ progress: { round } }: Stay, { fates }: Seen): boolean {
  const changes = (round?.asks ?? []).filter(({ operation }) => operation !== 'charger.report')
  return commandsOf(changes).every((id) => {
    const fate = fates.get(id)
    return fate === undefined || fate.worked || fate.state === 'accepted-unverified'
  })
}
