import { publishEvent } from '../bus/events.ts'
import type { Bus } from '../bus/bus.ts'
import { endStates } from './commands.ts'
import type { Dispatch } from './dispatch.ts'
import type { Written } from './store.ts'

/** What this process keeps in mind of the database's truth, to act at once instead of at the next sweep. */
export interface Attention {
  /** Chargers with a command ready that could not be sent: offline, or not accepted yet. */
  readonly waiting: Set<string>
  /** Chargers with a command whose effect is looked for. */
  readonly watched: Set<string>
  /** Chargers held back by a command's pace, by command. */
  readonly paced: Map<string, Set<string>>
}

export function newAttention(): Attention {
  return { waiting: new Set(), watched: new Set(), paced: new Map() }
}

/** Counts transitions, for the metrics. */
export type CountTransition = (state: string, operation: string) => void

export interface AftermathOptions {
  readonly bus: Bus
  readonly attention: Attention
  readonly count: CountTransition
  readonly wake: (charger: string) => void
  readonly look: (charger: string) => void
}

/** Called after the commit. `later`: the charger's next turn is somebody else's to arrange. */
export type After = (written: Written, next?: 'wake' | 'later') => void

/** What follows a committed change: whoever watches is told, and whoever waited for it goes on. */
export function aftermath({ bus, attention, count, wake, look }: AftermathOptions): After {
  return ({ dispatch, happenings, others }, next = 'wake') => {
    if (happenings.length === 0) return
    for (const { event, from, to } of happenings) {
      if (from !== to || event === 'command.queued') count(to, dispatch.operation)
    }
    tell(bus, dispatch, happenings.at(-1)?.at ?? 0)
    if (dispatch.settleBy !== null) {
      attention.watched.add(dispatch.charger)
      if (!dispatch.calling) look(dispatch.charger)
    }
    const free = !dispatch.calling && !dispatch.holding
    if (next === 'wake' && free && (dispatch.ready || others)) wake(dispatch.charger)
    if (endStates.has(dispatch.state) || dispatch.state === 'unknown')
      wakePaced(attention, dispatch.command, wake)
  }
}

/** One place came free: one charger that waited for it goes on. */
function wakePaced(attention: Attention, command: string, wake: (charger: string) => void): void {
  const chargers = attention.paced.get(command)
  const [next] = chargers ?? []
  if (chargers === undefined || next === undefined) return
  chargers.delete(next)
  if (chargers.size === 0) attention.paced.delete(command)
  wake(next)
}

function tell(bus: Bus, dispatch: Dispatch, at: number): void {
  publishEvent(bus, {
    type: 'command.updated',
    at,
    charger: dispatch.charger,
    command: dispatch.command,
    data: {
      target: dispatch.id,
      operation: dispatch.operation,
      state: dispatch.state,
      detail: dispatch.detail,
      outcome: dispatch.outcome,
    },
  })
}
