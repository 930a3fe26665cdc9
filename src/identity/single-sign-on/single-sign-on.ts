import { isReserved } from '../reserved-names.ts'
import { recorded, type Change, type Recorded } from '../../audit/record.ts'
import type { Context, Origin } from '../../kernel/actor.ts'
import type { Log } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Tx } from '../../storage/database.ts'
import type { Factors } from '../caller.ts'
import { accountNames } from './account-name.ts'
import type { IdentityFigures } from '../figures.ts'
import { needFreshFactor, ownId } from '../fresh.ts'
import { lockPerson } from '../people/store.ts'
import { nobody } from '../recorded-event.ts'
import { displayNameOf, factorsOf, groupsOf, type Claims, type MfaWords } from './claims.ts'
import type { Provider, Wanted } from './provider.ts'
import type { Sessions } from '../sessions/open-sessions.ts'
import type { Grant } from '../tokens/token.ts'
import { grantsOf, type RoleMapping } from './role-mapping.ts'
import { newRoundTrip, roundTripOf, tripKey } from './round-trip.ts'
import {
  grantsOfPerson,
  holdersByGrant,
  keepTrip,
  link,
  linkedPerson,
  linksOf,
  replaceGrants,
  subjectOf,
  takeTrip,
} from './store.ts'
import type { Loopback, Purpose } from './trip.ts'
import { unlinkAll, type FollowGroups } from './unlink.ts'

/** Sign-in by an OpenID Connect provider. */
export interface SingleSignOn {
  /** What people know the provider by. */
  readonly providerName: string
  beginSignIn(loopback?: Loopback): Promise<Begun>
  /** To show factors again, for the session that asks. */
  beginStepUp(context: Context, maxAgeSeconds: number): Promise<Begun>
  /** To make the provider's account that of the person who asks. Needs a fresh second factor. */
  beginLink(context: Context): Promise<Begun>
  /** Takes back what `beginLink` led to, with the roles and teams that came by it. Needs a fresh second factor. */
  unlink(context: Context): Promise<void>
  /** The browser is back at `answered`, with the seed its cookie holds. */
  finish(back: {
    readonly origin: Origin
    readonly seed: string | undefined
    readonly answered: URL
  }): Promise<Arrival>
  /** Roles that the person's groups at the provider gave at their last sign-in. */
  grantsOf(person: string): Promise<readonly Grant[]>
  /** People whose accounts are linked, by id; others are absent. */
  standingOf(persons: readonly string[]): Promise<ReadonlyMap<string, SignOnStanding>>
  /** Everybody to whom the provider's groups gave one of these roles at their last sign-in. */
  holdersOf(roles: readonly string[]): Promise<readonly string[]>
  /** Whether a person's account is linked. */
  linked(person: string): Promise<boolean>
  /** Where a browser signs out of the provider too; undefined: the provider offers nothing such. */
  signOutUrl(returnTo: string): Promise<string | undefined>
}

/** A person as the provider knows them. */
export interface SignOnStanding {
  /** Issuer and subject in one text: whoever shares one is the same human. */
  readonly subjects: readonly string[]
  /** By their groups, at their last sign-in. */
  readonly grants: readonly Grant[]
}

/**
 * Where the browser goes. `seed` belongs into a cookie of this browser alone; without it nothing that comes
 * back is accepted.
 */
export interface Begun {
  readonly url: string
  readonly seed: string
}

export type Arrival =
  | {
      readonly kind: 'sign-in'
      readonly person: string
      readonly factors: Factors
      readonly loopback?: Loopback
    }
  /** `at`: when several factors were shown at the provider; the session knows it already. */
  | { readonly kind: 'step-up'; readonly person: string; readonly at: number }
  | { readonly kind: 'link'; readonly person: string }
  | { readonly kind: 'refused'; readonly why: RefusalReason; readonly purpose?: Purpose['kind'] }

/** Why an arrival ends nowhere; pages say more of each. */
export const refusalReasons = [
  'not-begun-here',
  'refused-by-provider',
  'answer-invalid',
  'not-fresh',
  'no-mfa',
  'no-account',
  'no-group',
  'other-account',
  'locked',
  'session-ended',
] as const
export type RefusalReason = (typeof refusalReasons)[number]

export interface SingleSignOnParts extends Recorded {
  readonly log: Log
  readonly figures: () => IdentityFigures
  readonly sessions: Pick<Sessions, 'showIn' | 'holdsIn' | 'changed'>
  readonly provider: Provider
  readonly issuer: string
  readonly groupClaim: string
  readonly mfa: MfaWords
  readonly mapping: RoleMapping
  /** Whether who comes for the first time gets an account. */
  readonly provision: boolean
  /** Where the provider sends browsers back to. */
  readonly redirectUri: () => string
  readonly followGroups: FollowGroups
  /** Makes an account without a password; false: the name is taken. */
  readonly addPerson: (
    tx: Tx,
    person: {
      readonly id: string
      readonly name: string
      readonly displayName: string
      readonly at: number
    },
  ) => Promise<boolean>
  readonly personOf: (
    id: string,
  ) => Promise<{ readonly displayName: string; readonly locked: boolean } | undefined>
}

const backWithinMs = 10 * 60_000
/** Older sign-ins at the provider are asked for again. */
const signedInWithinSeconds = 12 * 3_600

export function openSingleSignOn(parts: SingleSignOnParts): SingleSignOn {
  const { database, provider, issuer } = parts
  return {
    providerName: new URL(issuer).hostname,
    beginSignIn: (loopback) =>
      begin(parts, { kind: 'sign-in', ...(loopback === undefined ? {} : { loopback }) }),
    async beginStepUp(context, maxAgeSeconds) {
      return begin(parts, { kind: 'step-up', ...sessionOf(context), maxAgeSeconds })
    },
    async beginLink(context) {
      needFreshFactor(context, parts)
      return begin(parts, { kind: 'link', ...sessionOf(context) })
    },
    unlink: (context) => unlinkOwn(parts, context),
    finish: (back) => finish(parts, back),
    grantsOf: (person) => grantsOfPerson(database, person),
    standingOf: (persons) => linksOf(database, persons),
    holdersOf: (roles) => holdersByGrant(database, roles),
    linked: async (person) => (await subjectOf(database, person, issuer)) !== undefined,
    signOutUrl: (returnTo) => provider.signOutUrl(returnTo),
  }
}

function sessionOf(context: Context): { readonly person: string; readonly session: string } {
  return { person: ownId(context), session: context.authentication?.id ?? '' }
}

async function begin(parts: SingleSignOnParts, purpose: Purpose): Promise<Begun> {
  const { database, clock, provider } = parts
  const trip = newRoundTrip()
  const url = await provider.begin(trip, parts.redirectUri(), wantedFor(purpose, parts.mfa))
  const expiresAt = clock.now() + backWithinMs
  await database.transaction((tx) =>
    keepTrip(tx, { key: tripKey(trip), purpose, expiresAt }, clock.now()),
  )
  return { url: url.href, seed: trip.seed }
}

/** Several factors count from when they were shown, which a provider tells where it is asked for an age. */
function wantedFor(purpose: Purpose, { acr, amr }: MfaWords): Wanted {
  if (purpose.kind === 'step-up') return { maxAgeSeconds: purpose.maxAgeSeconds, enforced: true }
  return acr.length + amr.length > 0 ? { maxAgeSeconds: signedInWithinSeconds } : {}
}

async function finish(
  parts: SingleSignOnParts,
  { origin, seed, answered }: Parameters<SingleSignOn['finish']>[0],
): Promise<Arrival> {
  const { database, clock, provider } = parts
  const trip = roundTripOf(seed)
  const purpose =
    trip === undefined
      ? undefined
      : await database.transaction((tx) => takeTrip(tx, tripKey(trip), clock.now()))
  if (trip === undefined || purpose === undefined)
    return refuse(parts, origin, 'not-begun-here', undefined)
  const word = await provider.finish(trip, answered, wantedFor(purpose, parts.mfa))
  if (!word.ok) {
    parts.log.info({ detail: word.detail }, 'a single sign-on ended without the provider’s word')
    const why = {
      refused: 'refused-by-provider',
      stale: 'not-fresh',
      invalid: 'answer-invalid',
    } as const
    return refuse(parts, origin, why[word.why], purpose)
  }
  switch (purpose.kind) {
    case 'sign-in':
      return signedIn(parts, origin, word.claims, purpose)
    case 'step-up':
      return steppedUp(parts, origin, word.claims, purpose)
    case 'link':
      return linkedNow(parts, origin, word.claims, purpose)
  }
}

async function signedIn(
  parts: SingleSignOnParts,
  origin: Origin,
  claims: Claims,
  purpose: Purpose & { kind: 'sign-in' },
): Promise<Arrival> {
  const { database, clock, mfa } = parts
  const groups = groupsOf(claims, parts.groupClaim) ?? []
  const grants = grantsOf(groups, parts.mapping)
  const subject = { issuer: claims.iss, subject: claims.sub }
  const known = await linkedPerson(database, subject)
  if (known === undefined && !parts.provision)
    return refuse(parts, origin, 'no-account', purpose, claims)
  // Who has no role here gets no account either.
  if (known === undefined && grants.length === 0)
    return refuse(parts, origin, 'no-group', purpose, claims)
  const person = known ?? (await provisioned(parts, origin, claims))
  const account = await parts.personOf(person)
  if (account === undefined || account.locked)
    return refuse(parts, origin, 'locked', purpose, claims)
  await applyGrants(parts, origin, { id: person, name: account.displayName }, { groups, grants })
  return {
    kind: 'sign-in',
    person,
    factors: factorsOf(claims, mfa, clock.now()),
    ...(purpose.loopback === undefined ? {} : { loopback: purpose.loopback }),
  }
}

/** Makes the account of somebody who comes for the first time; whoever else does so for them at once, wins. */
async function provisioned(
  parts: SingleSignOnParts,
  origin: Origin,
  claims: Claims,
): Promise<string> {
  const { database, clock, newId } = parts
  const names = accountNames(claims)
  const said = displayNameOf(claims).slice(0, 100)
  const displayName = isReserved(said) ? names.at(-1)! : said
  const subject = { issuer: claims.iss, subject: claims.sub }
  for (const name of names) {
    const id = newId()
    const made = await database.transaction(async (tx) => {
      const at = clock.now()
      if (!(await parts.addPerson(tx, { id, name, displayName, at }))) return false
      if (!(await link(tx, id, subject, at)))
        throw new ProblemError(
          'already-exists',
          'you are signing in elsewhere at this moment; try again',
        )
      const context: Context = { actor: { kind: 'person', id, name: displayName }, origin }
      const detail = { person: id, name, ...subject }
      await recorded(tx, parts, [{ context, event: 'person.provisioned', detail }])
      return true
    })
    if (made) return id
  }
  throw new Error('no name for a new account is free')
}

/** What the provider's groups give replaces what they gave before, also where that is nothing. */
async function applyGrants(
  parts: SingleSignOnParts,
  origin: Origin,
  person: { readonly id: string; readonly name: string },
  { groups, grants }: { readonly groups: readonly string[]; readonly grants: readonly Grant[] },
): Promise<void> {
  const changed = await parts.database.transaction(async (tx) => {
    const before = await replaceGrants(tx, person.id, grants)
    const words = (all: readonly Grant[]): string[] =>
      all.map(({ role, group }) => `${role} at ${group ?? 'everywhere'}`).sort()
    const { joined, left } = await parts.followGroups(tx, person.id, {
      groups,
      roles: grants.map(({ role }) => role),
    })
    const same = words(before).join('\n') === words(grants).join('\n')
    if (same && joined.length === 0 && left.length === 0) return false
    const change: Change = {
      context: { actor: { kind: 'person', ...person }, origin },
      event: 'person.roles-from-provider',
      detail: {
        ...{ person: person.id, before: words(before), now: words(grants) },
        ...(joined.length === 0 ? {} : { joinedTeams: [...joined] }),
        ...(left.length === 0 ? {} : { leftTeams: [...left] }),
      },
    }
    await recorded(tx, parts, [change])
    return true
  })
  // What somebody may do is remembered for seconds, and has changed now.
  if (changed) parts.sessions.changed()
}

async function steppedUp(
  parts: SingleSignOnParts,
  origin: Origin,
  claims: Claims,
  purpose: Purpose & { kind: 'step-up' },
): Promise<Arrival> {
  const { database, clock, mfa } = parts
  const { person, session } = purpose
  const known = await linkedPerson(database, { issuer: claims.iss, subject: claims.sub })
  if (known !== person) return refuse(parts, origin, 'other-account', purpose, claims)
  const at = factorsOf(claims, mfa, clock.now())['single-sign-on-mfa']
  if (at === undefined) return refuse(parts, origin, 'no-mfa', purpose, claims)
  const name = (await parts.personOf(person))?.displayName ?? person
  const factor = 'single-sign-on-mfa'
  const authentication = { by: 'session', id: session, factors: {} } as const
  const context: Context = { actor: { kind: 'person', id: person, name }, origin, authentication }
  await database.transaction(async (tx) => {
    await parts.sessions.showIn(tx, context, factor, at)
    const detail = { person, factor, session }
    await recorded(tx, parts, [{ context, event: 'session.stepped-up', detail }])
  })
  parts.sessions.changed()
  return { kind: 'step-up', person, at }
}

async function linkedNow(
  parts: SingleSignOnParts,
  origin: Origin,
  claims: Claims,
  purpose: Purpose & { kind: 'link' },
): Promise<Arrival> {
  const { database, clock } = parts
  const { person, session } = purpose
  const subject = { issuer: claims.iss, subject: claims.sub }
  const name = (await parts.personOf(person))?.displayName ?? person
  const failed = await database.transaction(async (tx) => {
    // Read and held here: what was true when they set out may be over, and must not end meanwhile.
    const account = await lockPerson(tx, person)
    if (account === undefined || account.lockedAt !== null) return 'locked'
    if (!(await parts.sessions.holdsIn(tx, session))) return 'session-ended'
    if (!(await link(tx, person, subject, clock.now()))) return 'other-account'
    const context: Context = { actor: { kind: 'person', id: person, name }, origin }
    const detail = { person, ...subject }
    await recorded(tx, parts, [{ context, event: 'person.linked-to-provider', detail }])
    return undefined
  })
  if (failed !== undefined) return refuse(parts, origin, failed, purpose, claims)
  return { kind: 'link', person }
}

async function unlinkOwn(parts: SingleSignOnParts, context: Context): Promise<void> {
  const person = ownId(context)
  needFreshFactor(context, parts)
  await parts.database.transaction(async (tx) => {
    const account = await lockPerson(tx, person)
    if ((account?.passwordHash ?? null) === null)
      throw new ProblemError(
        'invalid-input',
        'you have no password here: the account at the provider is your only way in',
      )
    const unlinked = await unlinkAll(tx, person, parts.followGroups)
    if (unlinked === undefined)
      throw new ProblemError('not-found', 'no account at a provider is linked with yours')
    const detail = { person, ...unlinked }
    await recorded(tx, parts, [{ context, event: 'person.unlinked-from-provider', detail }])
  })
  // What somebody may do is remembered for seconds, and has changed now.
  parts.sessions.changed()
}

async function refuse(
  parts: SingleSignOnParts,
  origin: Origin,
  why: RefusalReason,
  purpose: Purpose | undefined,
  claims?: Claims,
): Promise<Arrival> {
  // Anybody can come here without having begun: that alone fills no record.
  if (purpose !== undefined)
    await parts.database.transaction((tx) =>
      recorded(tx, parts, [
        {
          context: { actor: nobody, origin },
          event: 'single-sign-on.refused',
          detail: {
            why,
            purpose: purpose.kind,
            // Who set out on it: what the provider says of somebody is kept and erased as theirs.
            ...('person' in purpose ? { person: purpose.person } : {}),
            ...(claims === undefined ? {} : { issuer: claims.iss, subject: claims.sub }),
          },
        },
      ]),
    )
  return { kind: 'refused', why, ...(purpose === undefined ? {} : { purpose: purpose.kind }) }
}
