import { isJsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/json.ts'
import type { Base } from './list-entries.ts'

/** What is being sent, decided when the version of the charger's list had been read. */
export interface PushPlan {
  readonly update: 'full' | 'differential'
  /** What the charger holds of the list; null where it is sent the whole. */
  readonly base: Base | null
  /** The moment the list is taken at, ms since the epoch. */
  readonly asOf: number
  /** The list, for the words at the end. */
  readonly list: string
  readonly revision: number
  readonly tokens: number
  /** A differential was tried and did not fit, so this is the whole list instead. */
  readonly instead: boolean
}

/**
 * How far a push has come. It is remembered with every CALL and every answer, so that a part can be sent
 * again exactly as it was.
 */
export type PushState =
  /** The version was read; nothing has been sent. */
  | { readonly at: 'read'; readonly held: number }
  /** The whole list has to be sent: `held` is the greatest version number the charger may have. */
  | { readonly at: 'again'; readonly held: number }
  /** Entries `from` to `from + count` are on their way, under this version number. */
  | (PushPlan & {
      readonly at: 'sending' | 'checking'
      readonly from: number
      readonly count: number
      readonly version: number
      readonly messages: number
    })
  /** The first `from` entries are with the charger. */
  | (PushPlan & {
      readonly at: 'sent' | 'verifying'
      readonly from: number
      readonly version: number
      readonly messages: number
    })

export type Sending = Extract<PushState, { readonly at: 'sending' | 'checking' }>
export type Sent = Extract<PushState, { readonly at: 'sent' | 'verifying' }>

/** The plan alone. */
export function planIn(state: Sending | Sent): PushPlan {
  const { update, base, asOf, list, revision, tokens, instead } = state
  return { update, base, asOf, list, revision, tokens, instead }
}

export function storedState(state: PushState): Json {
  return state as unknown as Json
}

export function stateOf(stored: Json): PushState {
  if (!isJsonObject(stored) || typeof stored['at'] !== 'string')
    throw new Error('a push goes on without having begun')
  return stored as unknown as PushState
}
