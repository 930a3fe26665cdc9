import type { Actor, Context } from '../kernel/actor.ts'
import type { Change } from '../storage/database.ts'
import type { ChangeReason, PolicyChange } from './change.ts'
import type { Gate } from './gate.ts'
import type { Permission } from './permission.ts'
import type { PolicyReading } from './reading.ts'
import type { HeldRole } from './role-store.ts'
import type { Rights } from './rights.ts'
import type { PolicyRules } from './rules/rules.ts'
import type { TokenPowers } from './wide-token.ts'

/** Who asks: the actor, and how they proved it. */
export type Caller = Pick<Context, 'actor' | 'authentication'>

/** Who may do what, where, and under which conditions. */
export interface Policy extends Gate, PolicyReading {
  /** What the caller may do now; may be some seconds old, unless a change was made or heard of here. */
  rightsOf(caller: Caller): Rights | Promise<Rights>
  /**
   * The group paths of chargers, null for those of no group; unknown ones are absent. May be some seconds
   * old.
   */
  placesOf(chargers: readonly string[]): Promise<ReadonlyMap<string, string | null>>
  /** Notes that an action of the API was refused; many refusals of one caller become one entry of the record. */
  refused(context: Context, refusal: Refusal): void
  /** The figures that hold now. */
  rules(): PolicyRules
  /** What people hold now, and who gave it to them. Never remembered from before. */
  heldRoles(persons: readonly string[]): Promise<readonly HeldRole[]>
  /**
   * Why others have to agree to a robot's token that gives this, in a sentence; undefined: they need not. What a use of
   * break-glass lends its maker is not theirs to give.
   */
  wideToken(token: TokenPowers, maker: Actor): Promise<string | undefined>
  /** People with a binding of one of these roles, their own or a team's, its time over or not. */
  holdersOf(roles: readonly string[]): Promise<readonly string[]>
  /** People who were ever able to decide on requests, whatever they hold now. */
  deciders(): Promise<readonly string[]>
  /**
   * Whether a role can be given as things are. Throws a ProblemError that names the field where the role, the place or
   * the team is not there, or the time is over.
   */
  checkBinding(wanted: Extract<PolicyChange, { kind: 'binding' }>): Promise<void>
  /**
   * Whether the roles, groups, operations and permissions are there that new rules name. Throws a ProblemError that
   * names the field otherwise.
   */
  checkMeaning(rules: PolicyRules): Promise<void>
  /**
   * Makes a change of who may do what, and records it. Whoever calls this has seen to it that it may be made:
   * as an approved request, whose use is committed with it.
   */
  apply(
    context: Context,
    wanted: PolicyChange,
    why: ChangeReason & { readonly also?: readonly Change[] },
  ): Promise<void>
}

/** An action of the API that was refused. */
export interface Refusal {
  readonly permission: Permission
  /** e.g. `POST /api/v1/groups`. */
  readonly route: string
  /** What it was about, where it was the place that was out of reach. */
  readonly charger?: string
  readonly group?: string
}
