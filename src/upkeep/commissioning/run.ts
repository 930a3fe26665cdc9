import type { Actor, Origin } from '../../kernel/actor.ts'
import type { Json } from '../../kernel/json.ts'
import type { Version } from '../../ocpp/versions.ts'
import type { Ask } from '../ask.ts'

/** What is expected of the charger, and which parts of the checklist are wanted. */
export interface Wanted {
  /** How many connectors it has. */
  readonly connectors?: number
  readonly version?: Version
  /** How far its clock may be from ours; 30 when absent. */
  readonly clockToleranceSeconds?: number
  /** Settings it must have, by meaning or key; the baseline of its group when absent. */
  readonly baseline?: BaselineSettings
  /** Write what differs from the baseline. */
  readonly writeBaseline?: boolean
  /** It must keep a local list of tokens. */
  readonly localList?: boolean
  /** It must reach our file plane: its diagnostics are fetched. */
  readonly files?: boolean
  /** A session is started and stopped; a cable must be plugged in. */
  readonly testSession?: {
    readonly token: string
    readonly tokenType?: string
    readonly evse?: number
  }
  /** How long it may take to connect; 15 when absent. */
  readonly waitMinutes?: number
}

/** Wanted values by the meaning of a setting, or by the charger's own key. */
export type BaselineSettings = Readonly<Record<string, string>>

export interface Baseline {
  /** The group path; empty for all chargers that have none of a group's. */
  readonly group: string
  readonly settings: BaselineSettings
  readonly setAt: string
  readonly setBy: string
}

export const checkNames = [
  'connection',
  'registration',
  'identity',
  'protocol',
  'credential',
  'firmware',
  'clock',
  'capabilities',
  'connectors',
  'settings',
  'meter-values',
  'local-list',
  'file-plane',
  'test-session',
] as const
export type CheckName = (typeof checkNames)[number]

export const results = ['passed', 'warning', 'failed', 'skipped'] as const
export type Result = (typeof results)[number]

/** What a check found. */
export interface Finding {
  readonly check: CheckName
  readonly result: Result
  /** What was seen, in words. */
  readonly evidence: string
  /** What to do about it. */
  readonly advice: string | null
  /** What was seen, for programs. */
  readonly detail: Json
  /** The commands it was found out by. */
  readonly commands: readonly string[]
  /** ms since the epoch. */
  readonly at: number
}

/** The check under way. */
export interface Step {
  readonly check: CheckName
  readonly since: number
  readonly asks: readonly Ask[]
}

export type Verdict = 'passed' | 'passed-with-warnings' | 'failed'

/** A charger going through the checklist. Times are ms since the epoch. */
export interface Run {
  readonly id: string
  readonly charger: string
  readonly state: 'running' | 'completed' | 'cancelled'
  readonly verdict: Verdict | null
  readonly actor: Actor
  readonly origin: Origin
  readonly reason: string
  readonly wanted: Wanted
  readonly findings: readonly Finding[]
  readonly step: Step | null
  readonly startedAt: number
  readonly endedAt: number | null
  readonly lookAt: number | null
  readonly revision: number
}

/** A run as the faces show it. */
export interface Commissioning {
  readonly id: string
  readonly charger: string
  readonly state: Run['state']
  readonly verdict: Verdict | null
  readonly by: { readonly kind: string; readonly id: string; readonly name: string }
  readonly reason: string
  readonly wanted: Wanted
  readonly startedAt: string
  readonly endedAt: string | null
  /** Every check of the list, in its order. */
  readonly checks: readonly ShownCheck[]
}

export interface ShownCheck {
  readonly check: CheckName
  readonly title: string
  /** `waiting`: its turn has not come. */
  readonly result: Result | 'running' | 'waiting'
  readonly evidence: string | null
  readonly advice: string | null
  readonly detail: Json
  readonly commands: readonly string[]
  readonly at: string | null
}
