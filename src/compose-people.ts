import { enrolmentLink } from './api/enrolment-link.ts'
import { breakGlassKind } from './approvals/break-glass-kind.ts'
import { directoryOf } from './approvals/directory.ts'
import { factorResetKind } from './approvals/factor-reset-kind.ts'
import type { RequestKind } from './approvals/kind.ts'
import type { Directory } from './approvals/people.ts'
import { policyKinds } from './approvals/policy-kinds.ts'
import { tokenKind } from './approvals/token-kind.ts'
import type { ErasureParts } from './audit/erasures.ts'
import { needFreshPerson, type Freshness } from './identity/fresh.ts'
import { callingBy } from './identity/called.ts'
import type { Identity } from './identity/identity.ts'
import { ownerRole } from './identity/enrolment/invitations.ts'
import type { Owners } from './identity/parts.ts'
import { grantsByProvider } from './identity/single-sign-on/store.ts'
import type { People } from './identity/people/open-people.ts'
import type { Tokens } from './identity/tokens/open-tokens.ts'
import type { WaysIn } from './identity/ways-in.ts'
import type { Clock } from './kernel/clock.ts'
import { ProblemError } from './kernel/problem.ts'
import type { Principals } from './policy/holders.ts'
import type { Policy } from './policy/policy.ts'
import { heldRoles, holdersOf } from './policy/role-store.ts'

export interface PeopleParts {
  readonly identity: Pick<Identity, 'people' | 'tokens'>
  readonly waysIn: Pick<WaysIn, 'breakGlass' | 'singleSignOn'>
}

/** Those who sign in, as the policy has to know them. */
export function principalsOf({ identity, waysIn }: PeopleParts): Principals {
  return {
    grantedTo: grantedBy(identity.tokens, waysIn),
    anybodyEnrolled: async () => !(await identity.people.none()),
  }
}

/** What goes with a robot's token, a person's groups at a provider, or the use of a break-glass account. */
function grantedBy(
  tokens: Tokens,
  { breakGlass, singleSignOn }: PeopleParts['waysIn'],
): Principals['grantedTo'] {
  return async ({ actor, authentication }) => {
    if (actor.kind === 'person') {
      const use = authentication?.breakGlass
      const [byProvider, emergency] = await Promise.all([
        singleSignOn?.grantsOf(actor.id),
        use === undefined ? undefined : breakGlass.standingOf(use),
      ])
      if (emergency === undefined) return { grants: byProvider ?? [] }
      const { grants, ...bounds } = emergency
      return { grants: [...(byProvider ?? []), ...grants], breakGlass: bounds }
    }
    const token = await tokens.find(actor.id)
    if (token === undefined) return undefined
    const { budgets, expiresAt } = token
    const until = expiresAt === null ? null : Date.parse(expiresAt)
    const grants = token.grants.map((grant) => ({ ...grant, until }))
    return { grants, ...(budgets === null ? {} : { budgets }) }
  }
}

/** People as those have to know them who count approvals. */
export function approversOf(
  { identity: { people, tokens }, waysIn: { singleSignOn } }: PeopleParts,
  policy: Policy,
  clock: Clock,
): Directory {
  return directoryOf({ people, tokens, policy, signOn: singleSignOn, clock })
}

/** What can be asked for beside commands. */
export function peopleKinds(
  { identity: { people, tokens }, waysIn: { breakGlass } }: PeopleParts,
  policy: Policy,
  directory: Directory,
  clock: Clock,
  operatorUrl: () => string,
): RequestKind[] {
  const linkOf = (secret: string) => enrolmentLink(operatorUrl(), secret)
  return [
    ...policyKinds({ policy, directory, calledOf: callingBy({ people, tokens, clock }) }),
    factorResetKind({ people, policy, linkOf }),
    breakGlassKind({ breakGlass, policy }),
    tokenKind({ tokens, policy }),
  ]
}

/** Finds the people who are owner everywhere now, by bindings, teams and groups at the provider. */
export function ownersBy(
  { singleSignOn }: PeopleParts['waysIn'],
  clock: Pick<Clock, 'now'>,
): Owners {
  return async (query) => {
    const bound = await heldRoles(query, await holdersOf(query, [ownerRole]), clock.now())
    const byProvider = singleSignOn === undefined ? [] : await grantsByProvider(query, [ownerRole])
    return [...bound, ...byProvider].flatMap(({ person, role, group }) =>
      role === ownerRole && group === null ? [person] : [],
    )
  }
}

/** What has to be known of people and robots to erase what the record keeps of them. */
export function erasing(
  { people, tokens }: PeopleParts['identity'],
  freshness: Freshness,
): Pick<ErasureParts, 'namesOf' | 'makersOf' | 'needFresh'> {
  return {
    namesOf: namesIn(people),
    makersOf: (robot) => tokens.makersOf(robot),
    needFresh: (context) =>
      needFreshPerson(context, freshness, 'erasing what the record keeps of somebody'),
  }
}

/** How a person is called, as far as there is an account of theirs. */
function namesIn(people: Pick<People, 'show'>): (person: string) => Promise<readonly string[]> {
  return async (person) => {
    try {
      const { name, displayName } = await people.show(person)
      return [name, displayName]
    } catch (error) {
      if (error instanceof ProblemError && error.problem.code === 'not-found') return []
      throw error
    }
  }
}
