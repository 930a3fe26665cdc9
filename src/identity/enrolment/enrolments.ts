import { checkNotReserved } from '../reserved-names.ts'
import { recorded } from '../../audit/record.ts'
import type { Factor } from '../../kernel/actor.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Tx } from '../../storage/database.ts'
import type { Client } from '../caller.ts'
import { giveRecoveryCodes, proven } from '../factors/open-factors.ts'
import { insertTotp } from '../factors/store.ts'
import { newTotpSecret, shownTotp, type NewTotp } from '../factors/totp.ts'
import type { IdentityShared } from '../parts.ts'
import { checkStrength } from '../people/password-strength.ts'
import { actorOf, newName, normalName, type PersonRow } from '../people/person.ts'
import {
  aloneWithThePeople,
  anybody,
  insertPerson,
  lockPerson,
  personById,
  personByName,
} from '../people/store.ts'
import { nobody } from '../recorded-event.ts'
import { hashOf, looksLikeSecret, newSecret } from '../secret.ts'
import type { OpenedSession } from '../sessions/open-sessions.ts'
import type { Carried } from '../sessions/session.ts'
import { attemptSucceeded } from '../sign-in/attempts.ts'
import { admitAttempt, passwordHolds } from '../sign-in/slowed.ts'
import { endStep, insertStep, lockStep, noteFailure } from '../sign-in/steps-store.ts'
import type { InvitationRow } from './invitation.ts'
import { lockInvitation, revokeOthers, useInvitation } from './store.ts'

export interface EnrolmentWish {
  /** The secret of the link. */
  readonly invitation: string
  /** What they will type to sign in; who only gets new factors says their own. */
  readonly name: string
  readonly displayName?: string
  /** Of a new person, the one they choose; of another, the one they have. */
  readonly password: string
}
export interface BegunEnrolment {
  readonly enrolment: string
  readonly totp: NewTotp
  readonly expiresAt: string
}
export interface Enrolled extends OpenedSession {
  /** Shown this once. */
  readonly recoveryCodes: readonly string[]
}

/** How a second factor begins: with its first proof. It is stored by whoever knows its kind. */
export interface FirstFactor {
  readonly factor: Factor
  /** False where what was shown does not prove it. */
  store(tx: Tx, person: PersonRow, at: number): Promise<boolean>
}

/** How people come to have an account: by a link that works once, a password and a second factor. */
export interface Enrolments {
  /** What a link is for; refuses one that works no more. */
  look(
    invitation: string,
  ): Promise<{ kind: 'person' | 'factors'; role: string | null; expiresAt: string }>
  /** Name and password are accepted; the link is not used up before the second step. */
  begin(client: Client, wish: EnrolmentWish): Promise<BegunEnrolment>
  /** The first code of the authenticator app makes the account. */
  confirm(
    client: Client,
    shown: { enrolment: string; code: string; carried: Carried },
  ): Promise<Enrolled>
  /** The same with another kind of second factor in place of the app offered. */
  confirmWith(
    client: Client,
    shown: { enrolment: string; carried: Carried },
    first: FirstFactor,
  ): Promise<Enrolled>
  /** The person an enrolment under way will be, e.g. to make their passkey. */
  personOf(enrolment: string): Promise<Pick<PersonRow, 'id' | 'name' | 'displayName'> | undefined>
}

const stepWithinMs = 15 * 60_000
const mostFailures = 5

/** What waits between the two steps. */
interface Pending {
  readonly invitation: string
  readonly person: string
  readonly name: string
  readonly displayName: string
  readonly passwordHash: string | null
  readonly secret: string
}

export function openEnrolments(parts: IdentityShared): Enrolments {
  const { database, clock, newId } = parts
  return {
    look: (invitation) =>
      database.transaction(async (tx) => {
        const { kind, role, expiresAt } = await working(parts, tx, invitation)
        return { kind, role, expiresAt: new Date(expiresAt).toISOString() }
      }),
    begin: (client, wish) => begin(parts, client, wish),
    confirm: (client, shown) =>
      confirm(parts, client, shown, ({ secret }) => ({
        factor: 'totp',
        async store(tx, person, at) {
          const totp = proven({ secret }, shown.code, at)
          if (totp === undefined) return false
          const row = { id: newId(), person: person.id, name: 'Authenticator app', ...totp }
          await insertTotp(tx, { ...row, addedAt: at, lastUsedAt: null })
          return true
        },
      })),
    confirmWith: (client, shown, first) => confirm(parts, client, shown, () => first),
    personOf: (enrolment) =>
      database.transaction(async (tx) => {
        const step = await lockStep(tx, hashOf(enrolment), 'enrolment', clock.now())
        if (step === undefined) return undefined
        const { person, name, displayName } = step.data as unknown as Pending
        return { id: person, name, displayName }
      }),
  }
}

async function working({ clock }: IdentityShared, tx: Tx, secret: string): Promise<InvitationRow> {
  const found = looksLikeSecret(secret, 'invitation')
    ? await lockInvitation(tx, { hash: hashOf(secret) }, clock.now())
    : undefined
  if (found === undefined || (found.first && (await anybody(tx))))
    throw new ProblemError(
      'not-found',
      'this link does not work: it was used, taken back, or its time is over',
      'invitation',
    )
  return found
}

async function begin(
  parts: IdentityShared,
  client: Client,
  wish: EnrolmentWish,
): Promise<BegunEnrolment> {
  const { database, clock, newId } = parts
  const invitation = await database.transaction((tx) => working(parts, tx, wish.invitation))
  const secret = newTotpSecret()
  const account =
    invitation.kind === 'person'
      ? await newAccount(parts, wish)
      : await sameAccount(parts, client, wish, invitation)
  const pending: Pending = {
    ...account,
    ...{ invitation: invitation.id, secret: secret.toString('base64url') },
  }
  const now = clock.now()
  const expiresAt = Math.min(now + stepWithinMs, invitation.expiresAt)
  const enrolment = newSecret('step')
  await database.transaction((tx) =>
    insertStep(tx, {
      ...{ id: newId(), hash: hashOf(enrolment), purpose: 'enrolment', person: null },
      ...{ factors: { password: now }, data: { ...pending }, failures: 0 },
      ...{ createdAt: now, expiresAt },
    }),
  )
  return {
    enrolment,
    totp: shownTotp(secret, account.name),
    expiresAt: new Date(expiresAt).toISOString(),
  }
}

type Account = Omit<Pending, 'invitation' | 'secret'>

async function newAccount(
  { database, newId, passwords, figures }: IdentityShared,
  wish: EnrolmentWish,
): Promise<Account> {
  const name = newName(wish.name)
  const displayName = wish.displayName?.trim() ?? name
  checkNotReserved(displayName, wish.displayName === undefined ? 'name' : 'displayName')
  if ((await personByName(database, name)) !== undefined) throw nameTaken(name)
  await checkStrength(wish.password, [name, displayName], figures().passwords)
  return { person: newId(), name, displayName, passwordHash: await passwords.hash(wish.password) }
}

/** Who gets new factors shows the password they have, so that the link alone opens nothing. */
async function sameAccount(
  parts: IdentityShared,
  client: Client,
  wish: EnrolmentWish,
  invitation: InvitationRow,
): Promise<Account> {
  const { database, passwords } = parts
  const person = await personById(database, invitation.person ?? '')
  const context = { actor: nobody, origin: client.origin }
  const detail = { person: invitation.person, factor: 'password' }
  const holds = await passwordHolds(parts, client, normalName(wish.name))
  await admitAttempt(parts, holds, { context, detail })
  const right = await passwords.verify(person?.passwordHash ?? null, wish.password)
  if (
    !right ||
    person === undefined ||
    person.name !== normalName(wish.name) ||
    person.lockedAt !== null
  ) {
    await database.transaction((tx) =>
      recorded(tx, parts, [{ context, event: 'sign-in.failed', detail }]),
    )
    throw new ProblemError('sign-in-failed', 'name or password is wrong')
  }
  await database.transaction((tx) => attemptSucceeded(tx, holds))
  const { id, name, displayName } = person
  return { person: id, name, displayName, passwordHash: null }
}

function nameTaken(name: string): ProblemError {
  return new ProblemError('already-exists', `there is somebody called ${name}`, 'name')
}

async function confirm(
  parts: IdentityShared,
  client: Client,
  { enrolment, carried }: { enrolment: string; carried: Carried },
  firstOf: (pending: Pending) => FirstFactor,
): Promise<Enrolled> {
  const { database, clock } = parts
  const enrolled = await database
    .transaction(async (tx) => {
      const at = clock.now()
      const step = looksLikeSecret(enrolment, 'step')
        ? await lockStep(tx, hashOf(enrolment), 'enrolment', at)
        : undefined
      if (step === undefined) return undefined
      const pending = step.data as unknown as Pending
      const invitation = await lockInvitation(tx, { id: pending.invitation }, at)
      if (invitation === undefined) return undefined
      const person = await accountOf(tx, invitation, pending, at)
      if (person === undefined) return undefined
      const first = firstOf(pending)
      if (!(await first.store(tx, person, at))) throw new WrongProof(step.id)
      await endStep(tx, step.id, at)
      await useInvitation(tx, invitation.id, at)
      if (invitation.first) await revokeOthers(tx, { first: true }, at)
      const recoveryCodes = await giveRecoveryCodes(parts, tx, person.id)
      const context = { actor: actorOf(person), origin: client.origin }
      const { id, name, initialRole: role } = person
      const detail = { person: id, name, role, factor: first.factor, invitation: invitation.id }
      const event = invitation.kind === 'person' ? 'person.enrolled' : 'person.factors-renewed'
      if (invitation.kind === 'person' && role !== null)
        // It was given by whoever invited, not by those who take it.
        await parts.bindRole?.(
          tx,
          { ...context, actor: invitation.invitedBy },
          { person: id, role, reason: 'invited' },
        )
      const factors = { ...step.factors, [first.factor]: at }
      const opening = { person, factors, client, carried }
      const opened = await parts.sessions.openIn(tx, opening, [{ context, event, detail }])
      return { ...opened, recoveryCodes }
    })
    .catch((error: unknown) => noteWrongProof(parts, error))
  if (enrolled === undefined)
    throw new ProblemError(
      'sign-in-failed',
      'the code is wrong, or the enrolment took too long',
      'code',
    )
  return enrolled
}

/** The account is made for the proof to be stored with it, and goes again where that does not hold. */
class WrongProof extends Error {
  readonly step: string
  constructor(step: string) {
    super('the first proof of a second factor is wrong')
    this.name = 'WrongProof'
    this.step = step
  }
}

async function noteWrongProof(
  { database, clock }: IdentityShared,
  error: unknown,
): Promise<undefined> {
  if (!(error instanceof WrongProof)) throw error
  const { step } = error
  await database.transaction((tx) => noteFailure(tx, step, mostFailures, clock.now()))
  return undefined
}

/** The new person, or the one whose factors are new; undefined where that cannot be any more. */
async function accountOf(
  tx: Tx,
  invitation: InvitationRow,
  pending: Pending,
  at: number,
): Promise<PersonRow | undefined> {
  if (invitation.kind === 'factors') {
    const person = await lockPerson(tx, pending.person)
    return person?.lockedAt === null ? person : undefined
  }
  if (invitation.first) {
    await aloneWithThePeople(tx)
    if (await anybody(tx)) return undefined
  }
  const person: PersonRow = {
    ...{ id: pending.person, name: pending.name, displayName: pending.displayName },
    ...{ passwordHash: pending.passwordHash, passwordSetAt: at, initialRole: invitation.role },
    ...{ createdAt: at, lockedAt: null, lockReason: null },
  }
  if (!(await insertPerson(tx, person))) throw nameTaken(pending.name)
  return person
}
