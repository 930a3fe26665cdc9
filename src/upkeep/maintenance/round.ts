import type { ChargerFacts, ConnectorFacts } from '../../operations/facts.ts'
import type { Ask, Fates } from '../ask.ts'
import { allEnded, commandsOf, reasonText } from '../ask.ts'
import type { Seen } from './look.ts'
import { withRound } from './pauses.ts'
import { placeText } from './places.ts'
import { bootOf } from './standing.ts'
import type { Place, Round, Stay } from './stay.ts'

/** What the charger is told, as the system's command on behalf of whoever holds it. */
export function newRound(
  stay: Stay,
  { facts, now }: Seen,
  availability: 'operative' | 'inoperative',
  places: readonly Place[],
): Stay {
  const { progress } = stay
  const number = progress.rounds + 1
  const what = availability === 'inoperative' ? 'maintenance by' : 'end of the maintenance by'
  const reason = reasonText(`${what} ${stay.actor.name}`, stay.reason)
  const ask = (name: string, operation: string, params: Ask['params']): Ask => {
    const key = `maintenance/${stay.id}/${number}/${name}`
    return { key, operation, params, reason, command: null }
  }
  const toStop = availability === 'inoperative' ? sessionsToStop(stay, facts) : []
  const changes = places.map((place) =>
    ask(placeText(place), 'charger.availability', { availability, ...place }),
  )
  const stops = toStop.map((id) => ask(`stop/${id}`, 'session.stop', { transactionId: id }))
  // Where it was told and nothing showed, its connectors may just not have told.
  const report = progress.failures > 0 ? [ask('status', 'charger.report', { what: 'status' })] : []
  return {
    ...stay,
    progress: {
      ...progress,
      rounds: number,
      round: { asks: [...stops, ...changes, ...report], judged: false },
      begun: withRound(progress.begun, now),
      seen: { epoch: facts.epoch, bootAt: bootOf(facts) },
      stopped: [...progress.stopped, ...toStop],
    },
  }
}

function sessionsToStop({ sessions, progress }: Stay, facts: ChargerFacts): string[] {
  if (sessions === 'wait') return []
  return runningSessions(facts)
    .map(({ transactionId }) => transactionId)
    .filter((id) => !progress.stopped.includes(id))
}

export function runningSessions({ sessions }: ChargerFacts): ChargerFacts['sessions'] {
  return sessions.filter(({ endedAt }) => endedAt === undefined)
}

export function isUnderWay(round: Round | null, fates: Fates): boolean {
  return round !== null && !allEnded(round.asks, fates)
}

/** The same of what it was told about availability, whatever becomes of sessions that were to stop. */
export function isChanging(round: Round | null, fates: Fates): boolean {
  return round !== null && !allEnded(changesIn(round), fates)
}

function changesIn(round: Round | null): readonly Ask[] {
  return (round?.asks ?? []).filter(({ operation }) => operation === 'charger.availability')
}

/** Counts the end of a round, once. */
export function judgedRound(stay: Stay, ended: 'worked' | 'failed' | 'neither'): Stay {
  const { progress } = stay
  const { round } = progress
  const open = round !== null && !round.judged
  const failures = ended === 'worked' ? 0 : progress.failures + (open && ended === 'failed' ? 1 : 0)
  if (!open && failures === progress.failures) return stay
  const judged = open ? { ...round, judged: true } : round
  return { ...stay, progress: { ...progress, failures, round: judged } }
}

/** Why the charger is not where it is wanted, as far as its commands or its connectors tell. */
export function whyNot(
  { progress: { round } }: Stay,
  fates: Fates,
  wrong: readonly ConnectorFacts[],
): string {
  const bad = commandsOf(changesIn(round))
    .map((id) => fates.get(id))
    .find((fate) => fate !== undefined && !fate.worked)
  const shown = wrong.map(
    ({ evse, connector, status }) => `connector ${evse}.${connector} shows ${status}`,
  )
  const parts = [bad?.detail ?? undefined, shown.length === 0 ? undefined : shown.join(', ')]
  const known = parts.filter((part) => part !== undefined)
  return known.length === 0 ? 'no connector shows its state' : known.join('; ')
}
