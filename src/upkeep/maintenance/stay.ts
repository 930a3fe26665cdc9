import type { Actor } from '../../kernel/actor.ts'
import type { Ask } from '../ask.ts'

/** A place as `charger.availability` is told it; without an EVSE the whole charger. */
export interface Place {
  readonly evse?: number
  readonly connector?: number
}

/** How a connector was before anything was told to the charger. */
export interface Before {
  readonly evse: number
  readonly connector: number
  readonly availability: 'operative' | 'inoperative'
  /** Of an inoperative one: whether a command of ours had put it out of service. */
  readonly by?: 'us' | 'somebody else'
}

/** What the charger is told at one time. Kept until the next, because it says why the charger does not follow. */
export interface Round {
  readonly asks: readonly Ask[]
  /** Its end has been counted. */
  readonly judged: boolean
}

/** How far a stay has come; what decisions are made from beside the facts. */
export interface Progress {
  /** Null until the charger was first seen since. */
  readonly before: readonly Before[] | null
  /** Places that were told to go out of service; these, and no others, are told to come back. */
  readonly put: readonly Place[]
  readonly round: Round | null
  /** How many rounds there have been; makes their keys. */
  readonly rounds: number
  /** When the latest rounds began, oldest first. */
  readonly begun: readonly number[]
  /** How many rounds in a row ended without what they were for. */
  readonly failures: number
  /** The connection and boot the latest round was for. */
  readonly seen: { readonly epoch: number; readonly bootAt: number } | null
  /** Transactions that were asked to stop. */
  readonly stopped: readonly string[]
  /** Commands of a round that is not wanted any more. */
  readonly cancel: readonly string[]
}

/**
 * `not-connected`: it is told when it connects. `going-out`, `coming-back`: it has been told.
 * `waiting-for-sessions`: it goes out when they end. `out-of-service`: every connector shows it.
 * `not-following`: it was told and does not do it.
 */
export const standings = [
  'not-connected',
  'going-out',
  'waiting-for-sessions',
  'out-of-service',
  'coming-back',
  'not-following',
] as const
export type Standing = (typeof standings)[number]

/** A charger under maintenance, or on its way back from it. Times are ms since the epoch. */
export interface Stay {
  readonly charger: string
  readonly id: string
  readonly state: 'held' | 'leaving'
  readonly since: number
  readonly until: number | null
  /** Who holds it. */
  readonly actor: Actor
  readonly reason: string
  /** What becomes of sessions that run: waited for, or stopped. */
  readonly sessions: 'wait' | 'stop'
  readonly standing: Standing
  readonly standingSince: number
  readonly detail: string | null
  readonly progress: Progress
  readonly lookAt: number | null
  readonly revision: number
}

export const nothingDone: Progress = {
  before: null,
  put: [],
  round: null,
  rounds: 0,
  begun: [],
  failures: 0,
  seen: null,
  stopped: [],
  cancel: [],
}
