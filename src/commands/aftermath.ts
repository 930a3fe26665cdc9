import { publishEvent } from '../bus/events.ts'
import type { Bus } from '../bus/bus.ts'
import type { Dispatch } from './dispatch.ts'
import type { PaceGate } from './pace-gate.ts'
import { isRunning, runningStates } from './room.ts'
import type { Written } from './store.ts'

/** What this process keeps in mind of the database's truth, to act at once instead of at the next sweep. */
export interface Attention {
  /** Chargers with a command ready that could not be sent: offline, or not accepted yet. */
  readonly waiting: Set<string>
  /** Chargers with a command whose effect is looked for. */
  readonly watched: Set<string>
}

export function newAttention(): Attention {
  return { waiting: new Set(), watched: new Set() }
}

/** Counts transitions, for the metrics. */
export type CountTransition = (state: string, operation: string) => void

export interface AftermathOptions {
  readonly bus: Bus
  readonly attention: Attention
  readonly gate: PaceGate
  readonly count: CountTransition
  readonly wake: (charger: string) => void
  readonly look: (charger: string) => void
}

/** Called after the commit. `later`: the charger's next turn is somebody else's to arrange. */
export type After = (written: Written, next?: 'wake' | 'later') => void

/** What follows a committed change: whoever watches is told, and whoever waited for it goes on. */
export function aftermath({ bus, attention, gate, count, wake, look }: AftermathOptions): After {
  return ({ dispatch, happenings, others, changed }, next = 'wake') => {
    if (!changed) return
    const free = !dispatch.calling && !dispatch.holding
    if (next === 'wake' && free && (dispatch.ready || others)) wake(dispatch.charger)
    const [first] = happenings
    const last = happenings.at(-1)
    if (first === undefined || last === undefined) return
    for (const { event, from, to } of happenings) {
      if (from !== to || event === 'command.queued') count(to, dispatch.operation)
    }
    if (happenings.some(({ repeats }) => repeats !== true)) tellUpdated(bus, dispatch, last.at)
    if (dispatch.settleBy !== null) {
      attention.watched.add(dispatch.charger)
      if (!dispatch.calling) look(dispatch.charger)
    }
    if (!dispatch.paced) return
    if (!dispatch.ready) gate.drop(dispatch.charger, dispatch.command)
    if (runningStates.includes(first.from) && !isRunning(dispatch, last.at))
      gate.freed(dispatch.command)
  }
}

/** What follows when a target that waited has ended because of another command. */
export function endedByOther({
  bus,
  gate,
  count,
}: Pick<AftermathOptions, 'bus' | 'gate' | 'count'>): (target: Updated, at: number) => void {
  return (target, at) => {
    count(target.state, target.operation)
    tellUpdated(bus, target, at)
    gate.drop(target.charger, target.command)
  }
}

/** What became of a target, for whoever watches. */
export type Updated = Pick<
  Dispatch,
  'id' | 'command' | 'charger' | 'operation' | 'state' | 'detail' | 'outcome'
>

function tellUpdated(bus: Bus, target: Updated, at: number): void {
  publishEvent(bus, {
    type: 'command.updated',
    at,
    charger: target.charger,
    command: target.command,
    data: {
      target: target.id,
      operation: target.operation,
      state: target.state,
      detail: target.detail,
      outcome: target.outcome,
    },
  })
}
