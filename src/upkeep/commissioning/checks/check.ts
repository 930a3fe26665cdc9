import type { Became } from '../../../commands/asked.ts'
import type { Charger } from '../../../fleet/fleet.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { ChargerFacts } from '../../../operations/facts.ts'
import type { BaselineSettings, CheckName, Result, Wanted } from '../run.ts'

/** What a check looks at. */
export interface Scene {
  readonly wanted: Wanted
  readonly charger: Charger
  readonly facts: ChargerFacts
  /** How its credential is kept, and how strongly its connection is authenticated; 0: not at all. */
  readonly credential: { readonly madeByUs: boolean; readonly authentication: number }
  /** What settings are wanted of it, and whose word that is; undefined where nobody has said. */
  readonly baseline: { readonly settings: BaselineSettings; readonly from: string } | undefined
  /** What became of the commands of this check, in their order; one not ended is the last. */
  readonly asked: readonly Became[]
  /** When the check began, and now; ms since the epoch. */
  readonly since: number
  readonly now: number
}

/** What a check comes to. */
export type Look =
  | {
      readonly found: Result
      readonly evidence: string
      readonly advice?: string
      readonly detail?: Json
    }
  | { readonly ask: string; readonly params: JsonObject }
  /** Something may still come until then. */
  | { readonly until: number }

/** One item of the checklist: what it looks at, and what that means. Pure; called again whenever something is new. */
export interface Check {
  readonly name: CheckName
  readonly title: string
  look(scene: Scene): Look
}

export function passed(evidence: string, detail?: Json): Look {
  return { found: 'passed', evidence, ...(detail === undefined ? {} : { detail }) }
}
export function skipped(evidence: string, advice?: string): Look {
  return { found: 'skipped', evidence, ...(advice === undefined ? {} : { advice }) }
}
export function warning(evidence: string, advice: string, detail?: Json): Look {
  return { found: 'warning', evidence, advice, ...(detail === undefined ? {} : { detail }) }
}
export function failed(evidence: string, advice: string, detail?: Json): Look {
  return { found: 'failed', evidence, advice, ...(detail === undefined ? {} : { detail }) }
}
export function ask(operation: string, params: JsonObject = {}): Look {
  return { ask: operation, params }
}

/** How long an answer to a command is looked out for where the check sets no other bound. */
const commandMs = 15 * 60_000

/**
 * The n-th command of the check (from 0): undefined where it has not been given; `open` while it is under
 * way and there is time.
 */
export function commandOf(
  { asked, since, now }: Scene,
  place: number,
  withinMs = commandMs,
): Became | 'open' | undefined {
  const one = asked[place]
  if (one === undefined) return undefined
  // No answer in time is the end here, whatever is reconciled later.
  const open = !one.ended && one.state !== 'unknown' && now - since < withinMs
  return open ? 'open' : one
}

/** Looks again when the command has come further, and at the latest when the time for it is over. */
export function stillOpen({ since }: Scene, withinMs = commandMs): Look {
  return { until: since + withinMs }
}

/** What a command came to, in words. */
export function fateText({ state, detail }: Became): string {
  return detail === null ? state : `${state}: ${detail}`
}

/** It cannot be asked for that: neither good nor bad. */
export function cannot({ state }: Became): boolean {
  return state === 'unsupported' || state === 'refused'
}
