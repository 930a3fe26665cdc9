import { covers, union, type Scope } from '../fleet/groups/scope.ts'
import { strongSince, type Context } from '../kernel/actor.ts'
import type { RequestDocument } from './document.ts'
import { sameHuman, type Human, type KnownPerson } from './people.ts'

/** What somebody can do with a request. */
export type Deed = 'approve' | 'veto' | 'withdraw' | 'execute'

export interface Who extends Pick<Context, 'actor' | 'authentication'> {
  /** Undefined for robots, and for people nobody knows. */
  readonly known: KnownPerson | undefined
}

/** What it depends on beside the request itself. */
export interface Circumstances {
  /** Everybody who is named by the request, decided on it or gave roles to those, as far as they are known. */
  readonly people: ReadonlyMap<string, KnownPerson>
  /** People it is about now, beside those it was about when it was made. */
  readonly concerned: readonly string[]
  /** People who made the robot that asked, by its token. */
  readonly makers: readonly string[]
  /** People who had the rules changed since the request was made. */
  readonly editors: readonly string[]
  /** The request itself is for a change of the rules: its maker is an editor anyway. */
  readonly changesRules: boolean
  /** People whose approvals are recorded. */
  readonly approvers: readonly string[]
  readonly now: number
}

export type Verdict =
  | {
      readonly may: true
      /** The roles by which it counts. */
      readonly roles: readonly string[]
    }
  | {
      readonly may: false
      /** `done-before`: they have approved already. */
      readonly why: 'denied' | 'step-up' | 'done-before'
      readonly because: string
    }

/**
 * Whether somebody may do this with a request: the one place where it is said, for every face. That requester,
 * approver and editor of the policy are different people is decided here and nowhere else.
 */
export function mayDecide(
  deed: Deed,
  who: Who,
  document: RequestDocument,
  circumstances: Circumstances,
): Verdict {
  switch (deed) {
    case 'approve':
      return mayApprove(who, document, circumstances)
    case 'veto':
      return mayVeto(who, document, circumstances)
    case 'withdraw':
      return isRequester(who, document)
        ? { may: true, roles: [] }
        : no('only who asked for it can withdraw it')
    case 'execute':
      return mayExecute(who, document, circumstances)
  }
}

function mayApprove(who: Who, document: RequestDocument, about: Circumstances): Verdict {
  const { known } = who
  if (who.actor.kind !== 'person') return no('only people approve, robots never do')
  if (who.authentication?.breakGlass !== undefined)
    return no('a break-glass account cannot approve')
  if (known === undefined || !known.active) return no('this account is not in use')
  const human = humanOf(about)
  if (sameHuman(known, human(document.requestedBy.id)))
    return no('nobody approves what they asked for themselves')
  if (about.makers.some((id) => sameHuman(known, human(id))))
    return no('nobody approves what a robot whose token they made asked for')
  if ([...document.about, ...about.concerned].some((id) => sameHuman(known, human(id))))
    return no('nobody approves what is about themselves')
  if (about.editors.some((id) => sameHuman(known, human(id))))
    return no('you had the rules changed after this was asked for')
  const requester = human(document.requestedBy.id)
  if (!about.changesRules && about.editors.some((id) => sameHuman(requester, human(id))))
    return no('who asked for it had the rules changed since: it has to be asked for anew')
  const roles = rolesFor(known, document, about, (scope, groups) =>
    groups.every((path) => covers(scope, path)),
  )
  if (roles.length === 0) return no(`${roleWords(document)} is needed wherever it reaches`)
  if (about.approvers.some((id) => sameHuman(known, human(id))))
    return { may: false, why: 'done-before', because: 'you have approved it already' }
  return isFresh(who, document, about) ? { may: true, roles } : showFactor
}

/** To stop something is easier: no fresh factor, and a part of where it reaches is enough. */
function mayVeto({ actor, known }: Who, document: RequestDocument, about: Circumstances): Verdict {
  if (actor.kind !== 'person') return no('only people veto, robots never do')
  if (known === undefined || !known.active) return no('this account is not in use')
  if (actor.id === document.requestedBy.id) return no('who asked for it withdraws it instead')
  const roles = rolesFor(known, document, about, (scope, groups) =>
    groups.some((path) => covers(scope, path)),
  )
  return roles.length === 0
    ? no(`${roleWords(document)} is needed somewhere it reaches`)
    : { may: true, roles }
}

function mayExecute(who: Who, document: RequestDocument, about: Circumstances): Verdict {
  if (!isRequester(who, document)) return no('only who asked for it can carry it out')
  if (document.execute !== 'by-hand') return no('it is carried out by itself as soon as it may be')
  return document.handsOver !== true || isFresh(who, document, about)
    ? { may: true, roles: [] }
    : showFactor
}

const showFactor: Verdict = { may: false, why: 'step-up', because: 'show a second factor first' }

function isFresh(who: Who, { needs }: RequestDocument, { now }: Circumstances): boolean {
  const strong = strongSince(who)
  return strong !== undefined && now - strong <= needs.freshWithinMs
}

function isRequester({ actor }: Who, { requestedBy }: RequestDocument): boolean {
  return actor.id === requestedBy.id && actor.kind === requestedBy.kind
}

/**
 * Whether an approval that was given still counts: who gave it is still there, still another human, and still
 * holds a role for it. Its factor was fresh when it was given.
 */
export function stillCounts(
  approver: KnownPerson | undefined,
  document: RequestDocument,
  about: Circumstances,
): Verdict {
  if (approver === undefined) return no('this account is no longer there')
  const actor = { kind: 'person', id: approver.id, name: approver.name } as const
  const authentication = { by: 'session', id: '', factors: { totp: about.now } } as const
  const who = { actor, authentication, known: approver }
  return mayApprove(who, document, about)
}

/** Roles that count: a binding somebody gave to themselves does not. */
function rolesFor(
  person: KnownPerson,
  { needs, groups }: RequestDocument,
  about: Circumstances,
  fits: (scope: Scope, groups: RequestDocument['groups']) => boolean,
): string[] {
  const wanted = new Set(needs.approvals.flatMap(({ roles }) => roles))
  const scopes = new Map<string, Scope>()
  const human = humanOf(about)
  for (const { role, scope, givenBy } of person.holdings) {
    if (!wanted.has(role) || givenBy.some((giver) => sameHuman(person, human(giver)))) continue
    scopes.set(role, union(scopes.get(role) ?? { groups: [] }, scope))
  }
  return [...scopes].filter(([, scope]) => fits(scope, groups)).map(([role]) => role)
}

function humanOf({ people }: Circumstances): (id: string) => Human {
  return (id) => people.get(id) ?? { id, subjects: [] }
}

function roleWords({ needs }: RequestDocument): string {
  const roles = [...new Set(needs.approvals.flatMap((need) => need.roles))]
  return `a role of ${roles.join(', ')} that nobody gave to themselves`
}

function no(because: string): Verdict {
  return { may: false, why: 'denied', because }
}
