import type { Context } from '../kernel/actor.ts'
import type { Change } from '../storage/database.ts'
import type { Decision } from './decision.ts'
import type { Intent } from './question.ts'

/** The policy as the rooms above ask it. Nothing reaches a charger without passing here. */
export interface Gate {
  /**
   * Decides on a command. Throws a ProblemError where it may not be done now (`denied`, `step-up-needed`,
   * `approval-needed`), after recording the attempt. What it returns is committed in the command's own
   * transaction, or the command is not.
   */
  admit(context: Context, asked: Asked): Promise<Admission>
  /** The same decision without recording or taking anything. */
  explain(context: Pick<Context, 'actor' | 'authentication'>, asked: Asked): Promise<Decision>
}

export interface Asked {
  readonly intent: Intent
  /** Resolved, each once. */
  readonly chargers: readonly string[]
  /** The approved request that is being carried out. */
  readonly approval?: string
}

export interface Admission {
  readonly decision: Decision
  /** Budgets taken, the approval used up: they stand or fall with the command. */
  readonly changes: readonly Change[]
  /** The approved request it is done under, for the command's entries in the record. */
  readonly approval?: { readonly id: string; readonly digest: string }
}
