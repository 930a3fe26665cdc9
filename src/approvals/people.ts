import type { Scope } from '../fleet/groups/scope.ts'
import type { Actor } from '../kernel/actor.ts'

/** What has to be known of people to tell whether they may decide. */
export interface KnownPerson {
  readonly id: string
  readonly name: string
  /** Locked or removed people hold nothing and decide nothing. */
  readonly active: boolean
  /** Who they are at providers of single sign-on: accounts that share one belong to the same human. */
  readonly subjects: readonly string[]
  /** Roles that allow to decide, with where they hold now. */
  readonly holdings: readonly Holding[]
}

export interface Holding {
  readonly role: string
  readonly scope: Scope
  /** People who asked for this binding. */
  readonly givenBy: readonly string[]
}

/** Where approvals learn of people. */
export interface Directory {
  /** Those that exist, by id. */
  look(persons: readonly string[]): Promise<ReadonlyMap<string, KnownPerson>>
  /** Whether somebody could come in now: no person who is locked or gone, no robot whose token has ended. */
  inUse(actor: Actor): Promise<boolean>
  /** People who made a robot by its token, or the robot that did, whether the token works still or not. */
  makersOf(robot: string): Promise<readonly string[]>
  /** Everybody who was ever given one of these roles and not deprived of it: locked people and bygone terms count. */
  holdersOf(roles: readonly string[]): Promise<readonly string[]>
  /** Everybody who was ever able to decide on requests: nobody stops being one of them. */
  deciders(): Promise<readonly string[]>
}

export type Human = Pick<KnownPerson, 'id' | 'subjects'>

/** The same human, as far as it can be known, also with two accounts. */
export function sameHuman(one: Human, other: Human): boolean {
  return one.id === other.id || one.subjects.some((subject) => other.subjects.includes(subject))
}
