import { localRobot } from '../identity/tokens/token.ts'
import type { Tokens } from '../identity/tokens/open-tokens.ts'
import type { SingleSignOn } from '../identity/single-sign-on/single-sign-on.ts'
import type { Actor } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
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
  /** Who has none cannot sign in with a password. */
  readonly secondFactors: readonly string[]
}

/** People as accounts and bindings have them. */
export function directoryOf({
  people,
  tokens,
  policy,
  signOn,
  clock,
}: {
  readonly people: Accounts
  readonly tokens: Pick<Tokens, 'find' | 'makersOf'>
  readonly policy: Pick<Policy, 'heldRoles' | 'holdersOf' | 'deciders'>
  /** Undefined: nobody signs in by a provider. */
  readonly signOn: Pick<SingleSignOn, 'standingOf' | 'holdersOf'> | undefined
  readonly clock: Pick<Clock, 'now'>
}): Directory {
  async function account(id: string) {
    return people.show(id).catch((error: unknown) => {
      if (error instanceof ProblemError && error.problem.code === 'not-found') return undefined
      throw error
    })
  }
  async function look(persons: readonly string[]): Promise<ReadonlyMap<string, KnownPerson>> {
    const [accounts, held, links] = await Promise.all([
      Promise.all(persons.map(account)),
      policy.heldRoles(persons),
      signOn?.standingOf(persons),
    ])
    return new Map(
      accounts.flatMap((one): [string, KnownPerson][] => {
        if (one === undefined) return []
        const { id, displayName, locked, secondFactors } = one
        const link = links?.get(id)
        const holdings = [
          ...held.filter(({ person }) => person === id),
          ...(link?.grants ?? []).map((grant) => ({ ...grant, givenBy: [] })),
        ].map(({ role, group, givenBy }) => ({
          role,
          scope: group === null ? ('everywhere' as const) : { groups: [group] },
          givenBy,
        }))
        const active = locked === null && (secondFactors.length > 0 || link !== undefined)
        return [[id, { id, name: displayName, active, subjects: link?.subjects ?? [], holdings }]]
      }),
    )
  }
  async function holdsToken({ id }: Actor): Promise<boolean> {
    const token = await tokens.find(id)
    if (token === undefined) return id === localRobot.id
    return token.expiresAt === null || clock.now() < Date.parse(token.expiresAt)
  }
  return {
    look,
    async inUse(actor) {
      if (actor.kind === 'robot') return holdsToken(actor)
      return actor.kind === 'system' || (await look([actor.id])).get(actor.id)?.active === true
    },
    async makersOf(robot) {
      const makers = await tokens.makersOf(robot)
      return makers.flatMap(({ kind, id }) => (kind === 'person' ? [id] : []))
    },
    deciders: () => policy.deciders(),
    async holdersOf(roles) {
      const [bound, byProvider] = await Promise.all([
        policy.holdersOf(roles),
        signOn?.holdersOf(roles),
      ])
      return [...new Set([...bound, ...(byProvider ?? [])])]
    },
  }
}
