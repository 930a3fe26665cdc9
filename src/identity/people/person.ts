import type { Actor } from '../../kernel/actor.ts'
import { ProblemError } from '../../kernel/problem.ts'

/** Somebody's account, as it is stored. */
export interface PersonRow {
  readonly id: string
  readonly name: string
  readonly displayName: string
  /** Null: signs in without a password. */
  readonly passwordHash: string | null
  readonly passwordSetAt: number | null
  readonly initialRole: string | null
  readonly createdAt: number
  readonly lockedAt: number | null
  readonly lockReason: string | null
}

/** A person as the faces show them. */
export interface Person {
  readonly id: string
  /** What they type to sign in. */
  readonly name: string
  readonly displayName: string
  /** The role their invitation gave them, everywhere. */
  readonly initialRole: string | null
  readonly createdAt: string
  readonly locked: { readonly at: string; readonly reason: string } | null
  /** Kinds of the lasting second factors they have; empty: they have to enrol anew. */
  readonly secondFactors: readonly string[]
  /** To about ten seconds; null: no session of theirs is known. */
  readonly lastSeenAt: string | null
}

export function actorOf(person: Pick<PersonRow, 'id' | 'displayName'>): Actor {
  return { kind: 'person', id: person.id, name: person.displayName }
}

/** The one form of what is typed as a name. */
export function normalName(typed: string): string {
  return typed.normalize('NFKC').trim().toLowerCase()
}

const nameShape = /^[a-z0-9][a-z0-9._@+-]{0,63}$/

/** Checks the name of a new account. */
export function newName(typed: string): string {
  const name = normalName(typed)
  if (!nameShape.test(name))
    throw new ProblemError(
      'invalid-input',
      'must be 1 to 64 letters, digits and . _ @ + -, beginning with a letter or digit',
      'name',
    )
  return name
}
