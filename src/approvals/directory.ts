import { ProblemError } from '../kernel/problem.ts'
import type { Policy } from '../policy/policy.ts'
import type { Directory, KnownPerson } from './people.ts'

/** What has to be known of accounts. */
export interface Accounts {
  /** Throws a `not-found` where there is none. */
  show(id: string): Promise<Account>
}

interface Account {
  readonly id: string
  readonly displayName: string
  /** Null: it is not. */
  readonly locked: object | null
  /** Who has none cannot sign in. */
  readonly secondFactors: readonly string[]
}

/** People as accounts and bindings have them. */
export function directoryOf({
  people,
  policy,
  subjectsOf,
}: {
  readonly people: Accounts
  readonly policy: Pick<Policy, 'heldRoles' | 'holdersOf'>
  /** Who they are at providers of single sign-on, by id; those without are absent. */
  readonly subjectsOf: (
    persons: readonly string[],
  ) => Promise<ReadonlyMap<string, readonly string[]>>
}): Directory {
  async function account(id: string) {
    return people.show(id).catch((error: unknown) => {
      if (error instanceof ProblemError && error.problem.code === 'not-found') return undefined
      throw error
    })
  }
  return {
    async look(persons) {
      const [accounts, held, subjects] = await Promise.all([
        Promise.all(persons.map(account)),
        policy.heldRoles(persons),
        subjectsOf(persons),
      ])
      return new Map(
        accounts.flatMap((one): [string, KnownPerson][] => {
          if (one === undefined) return []
          const { id, displayName, locked, secondFactors } = one
          const holdings = held
            .filter(({ person }) => person === id)
            .map(({ role, group, givenBy }) => ({
              role,
              scope: group === null ? ('everywhere' as const) : { groups: [group] },
              givenBy,
            }))
          const active = locked === null && secondFactors.length > 0
          return [
            [id, { id, name: displayName, active, subjects: subjects.get(id) ?? [], holdings }],
          ]
        }),
      )
    },
    holdersOf: (roles) => policy.holdersOf(roles),
  }
}
