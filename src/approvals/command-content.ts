import type { JsonObject } from '../kernel/json.ts'
import { canonicalJson } from '../kernel/json.ts'
import type { Submission } from '../commands/commands.ts'
import type { Asked } from '../policy/gate.ts'
import type { Acknowledgement } from '../policy/question.ts'

export const commandKindName = 'command'
export const maintenanceKindName = 'maintenance'

/** Kinds whose content is a command, by itself or as what it amounts to. */
export const commandKindNames: readonly string[] = [commandKindName, maintenanceKindName]

/** A command as it is approved. */
export interface CommandContent {
  readonly operation: string
  readonly params: JsonObject
  /** Resolved when it was asked for, each once. */
  readonly chargers: readonly string[]
  readonly pace: { readonly maxRunning: number | null; readonly perMinute: number | null }
  /** ISO 8601; null: as long after its execution as the operation says. */
  readonly notAfter: string | null
  readonly acknowledges: readonly Acknowledgement[]
  /** Digest of how it would be done on each charger. */
  readonly plan: string
  /** What it is for, where it is more than this command. */
  readonly purpose?: JsonObject
}

/** The submission it becomes. */
export function submissionOf(
  { operation, params, chargers, pace, notAfter, acknowledges }: CommandContent,
  { reason, ticket }: { readonly reason: string; readonly ticket: string | null },
): Submission {
  const { maxRunning, perMinute } = pace
  return {
    operation,
    params,
    target: { chargers },
    reason,
    acknowledges,
    pace: {
      ...(maxRunning === null ? {} : { maxRunning }),
      ...(perMinute === null ? {} : { perMinute }),
    },
    ...(ticket === null ? {} : { ticket }),
    ...(notAfter === null ? {} : { notAfter }),
  }
}

/** In what a command that is asked for now differs from the one that was approved; undefined: in nothing. */
export function differenceFrom(
  approved: CommandContent,
  why: { readonly reason: string; readonly ticket: string | null },
  { intent, chargers, purpose }: Asked,
): string | undefined {
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['operation', approved.operation, intent.operation.name],
    ['parameters', approved.params, intent.params],
    ['chargers', approved.chargers, chargers],
    ['reason', why.reason, intent.reason],
    ['ticket', why.ticket, intent.ticket ?? null],
    ['acknowledgements', approved.acknowledges, intent.acknowledges],
    ['purpose', approved.purpose ?? null, purpose ?? null],
  ]
  return pairs.find(([, one, other]) => canonicalJson(one) !== canonicalJson(other))?.[0]
}
