import type { Actor, Origin } from '../kernel/actor.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { Version } from '../ocpp/versions.ts'
import type { Observation } from '../operations/observation.ts'
import { endStates } from './commands.ts'
import type { DispatchState } from './commands.ts'

export type Outcome = 'succeeded' | 'refused' | 'failed' | 'unverified'

export interface PlannedCall {
  readonly version: Version
  readonly action: string
  readonly payload: JsonObject
  /** Whether the charger answers this action at all was not known yet: its answer teaches it. */
  readonly novel?: true
  /** What its effect is judged by, where the parameters do not say it. */
  readonly expects?: Json
}

/** What the gateway said when it last did not take the order. No frame of that CALL has left or will leave. */
export interface NotTaken {
  /** The message id it stands under in the record, and goes by when it is tried again. */
  readonly callId: string
  /** Every reason given since it was first tried, each once. */
  readonly reasons: readonly string[]
  readonly times: number
  /** The present try has no entry of its own: in the record the command still waits. */
  readonly untold?: true
}

/** One charger's part of a command, with what its command says. Immutable; `move` and `amend` make the next one. */
export interface Dispatch {
  readonly id: string
  readonly command: string
  readonly charger: string
  readonly operation: string
  readonly params: JsonObject
  readonly reason: string
  readonly actor: Actor
  readonly origin: Origin
  /** Unique to the command on this charger, 1 to 2^31-1. */
  readonly fresh: number
  readonly state: DispatchState
  /** 0: the command's own CALL. 1: one that follows it. */
  readonly step: 0 | 1
  readonly ready: boolean
  readonly calling: boolean
  readonly holding: boolean
  /** Turns in which a frame may have left. */
  readonly attempts: number
  readonly notAfter: number
  readonly callId: string | null
  readonly call: PlannedCall | null
  readonly epoch: number | null
  /** When the fence became due: the frame left after this, if it left. */
  readonly fencedAt: number | null
  readonly sentAt: number | null
  readonly answerBy: number | null
  readonly answer: Json
  readonly result: Json
  readonly detail: string | null
  readonly outcome: Outcome | null
  readonly settleBy: number | null
  /** The command has more targets than may run at once, or a pace: the turn is shared out. */
  readonly paced: boolean
  /** Why what has not left yet shall not: its command was cancelled, or whoever asked for it was shut out. */
  readonly cancelled: string | null
  /** Null once anything else has become of it. */
  readonly notTaken: NotTaken | null
}

/** Which states a state may become. Nothing leaves an end state; `unknown` may only be reconciled. */
const allowed: Readonly<Record<DispatchState, readonly DispatchState[]>> = {
  submitted: ['queued', 'refused'],
  // To unknown where it waits to be sent again.
  queued: [
    'unknown',
    'sending',
    'refused',
    'unsupported',
    'failed',
    'expired',
    'cancelled',
    'superseded',
  ],
  // Back to queued or expired only where the frame has provably not left, or repeating does no harm.
  sending: ['sent', 'queued', 'expired', 'failed', 'unknown'],
  sent: [
    'accepted',
    'refused',
    'unsupported',
    'failed',
    'succeeded',
    'accepted-unverified',
    'unknown',
    'queued',
  ],
  accepted: ['succeeded', 'failed', 'accepted-unverified'],
  unknown: ['reconciled'],
  refused: [],
  unsupported: [],
  failed: [],
  succeeded: [],
  'accepted-unverified': [],
  reconciled: [],
  expired: [],
  cancelled: [],
  superseded: [],
}

export function mayBecome(from: DispatchState, to: DispatchState): boolean {
  return allowed[from].includes(to)
}

/** What happened, for the audit record. */
export interface Happening {
  /** The audit event, e.g. `command.sent`. */
  readonly event: string
  readonly at: number
  readonly from: DispatchState
  readonly to: DispatchState
  readonly detail: JsonObject
  /** Who made it happen, where it was not the submitter's command going its way. */
  readonly face: 'charger' | 'system' | 'submitter'
  /** It says again what stands in the record already, so it is not recorded. */
  readonly repeats?: true
  /** The state that the record tells before it, where that is not `from`. */
  readonly toldFrom?: DispatchState
}

/** A dispatch as it will be, and everything that made it so. */
export interface Progress {
  readonly dispatch: Dispatch
  readonly happenings: readonly Happening[]
  /** What was learned of the charger on the way. */
  readonly learned: readonly Observation[]
}

export function unchanged(dispatch: Dispatch): Progress {
  return { dispatch, happenings: [], learned: [] }
}

type Changeable = Partial<
  Pick<
    Dispatch,
    | 'step'
    | 'ready'
    | 'calling'
    | 'holding'
    | 'attempts'
    | 'callId'
    | 'call'
    | 'epoch'
    | 'fencedAt'
    | 'sentAt'
    | 'answerBy'
    | 'answer'
    | 'result'
    | 'detail'
    | 'outcome'
    | 'settleBy'
  >
>

const quiet = {
  ready: false,
  calling: false,
  holding: false,
  answerBy: null,
  settleBy: null,
} as const

/** Moves to another state. End states let go of everything they held. */
export function move(
  progress: Progress,
  to: DispatchState,
  at: number,
  face: Happening['face'],
  fields: Changeable = {},
  detail: JsonObject = {},
): Progress {
  const { dispatch } = progress
  if (!mayBecome(dispatch.state, to))
    throw new Error(`a command cannot go from ${dispatch.state} to ${to}`)
  const next: Dispatch = { ...dispatch, ...(endStates.has(to) ? quiet : {}), ...fields, state: to }
  const told =
    fields.detail === undefined || fields.detail === null
      ? detail
      : { why: fields.detail, ...detail }
  const happening = { event: `command.${to}`, at, from: dispatch.state, to, detail: told, face }
  return { ...progress, dispatch: next, happenings: [...progress.happenings, happening] }
}

/** Changes what is known without changing the state; recorded when `event` is given. */
export function amend(
  progress: Progress,
  fields: Changeable,
  told?: { event: string; at: number; face: Happening['face']; detail?: JsonObject },
): Progress {
  const { dispatch } = progress
  const next = { ...dispatch, ...fields }
  if (told === undefined) return { ...progress, dispatch: next }
  const { event, at, face, detail = {} } = told
  return {
    ...progress,
    dispatch: next,
    happenings: [
      ...progress.happenings,
      { event, at, from: dispatch.state, to: dispatch.state, detail, face },
    ],
  }
}
