import type { Scope } from '../fleet/groups/scope.ts'
import type { Actor, Context } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Operation } from '../operations/operation.ts'
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
  /**
   * The same decision without recording or taking anything. For somebody who sees a part only: roles that reach
   * nothing `within` it are as if they were not held.
   */
  explain(
    context: Pick<Context, 'actor' | 'authentication'>,
    asked: Asked,
    within?: Scope,
  ): Promise<Decision>
  /** Whether commands of this operation are looked at again when their turn comes. */
  looksAgain(operation: Pick<Operation, 'name'>): boolean
  /**
   * What speaks against beginning it now on a charger: a fault, a session or a maintenance that was not there, perhaps,
   * when it was admitted. Undefined: nothing.
   */
  against(actor: Actor, waited: Waited): Promise<Objection | undefined>
}

/** A command whose turn has come on a charger. */
export interface Waited extends Pick<Intent, 'operation' | 'params' | 'acknowledges'> {
  readonly charger: string
}

export interface Objection {
  readonly rule: string
  readonly sentence: string
}

export interface Asked {
  readonly intent: Intent
  /** Resolved, each once. */
  readonly chargers: readonly string[]
  /** The approved request that is being carried out. */
  readonly approval?: string
  /** What it is for, where it is more than this command: a maintenance, say. It is approved with it. */
  readonly purpose?: JsonObject
  /**
   * It keeps a site under its limit, often on a machine's word: nobody else has to agree, and it is no step
   * in the fleet's power. Roles, budgets, factors and the other guards are asked.
   */
  readonly keepsSite?: true
}

export interface Admission {
  readonly decision: Decision
  /** Budgets taken, the approval used up: they stand or fall with the command. */
  readonly changes: readonly Change[]
  /** The approved request it is done under, for the command's entries in the record. */
  readonly approval?: { readonly id: string; readonly digest: string }
}
