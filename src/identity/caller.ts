import type { Authentication, Context, Origin } from '../kernel/actor.ts'

/** Who was recognised, and by what. */
export type Caller = Required<Pick<Context, 'actor' | 'authentication'>>

/** From where somebody signs in or uses a session. */
export interface Client {
  readonly origin: Origin
  readonly userAgent?: string
  /** The secret of a browser or configuration folder that signed in before. */
  readonly device?: string
}

export type Factors = Authentication['factors']
