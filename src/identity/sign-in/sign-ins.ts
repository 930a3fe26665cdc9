import { recorded } from '../../audit/record.ts'
import type { Context, Factor } from '../../kernel/actor.ts'
import { every } from '../../kernel/clock.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Tx } from '../../storage/database.ts'
import type { Client, Factors } from '../caller.ts'
import { ownId } from '../fresh.ts'
import { standIn, type IdentityShared } from '../parts.ts'
import { normalName, type PersonRow } from '../people/person.ts'
import { personByName, personById } from '../people/store.ts'
import { nobody } from '../recorded-event.ts'
import { hashOf, looksLikeSecret, newSecret } from '../secret.ts'
import type { OpenedSession } from '../sessions/open-sessions.ts'
import type { Carried } from '../sessions/session.ts'
import { attemptSucceeded } from './attempts.ts'
import { forgetDevices, noteDevice } from './devices-store.ts'
import { forgetFailures } from './failures-store.ts'
import { admitAttempt, passwordHolds, secondFactorHolds, sessionHolds } from './slowed.ts'
import {
  endStep,
  forgetSteps,
  insertStep,
  lockStep,
  noteFailure,
  type StepRow,
} from './steps-store.ts'

/** What was shown is not enough yet. */
export interface NextStep {
  /** Known to whoever made the first step only. */
  readonly signIn: string
  /** Second factors this person has; one of them has to be shown. */
  readonly factors: readonly Factor[]
  readonly person: { readonly id: string; readonly displayName: string }
  readonly expiresAt: string
}

export interface SecondStep {
  readonly signIn: string
  readonly factor: Factor
  readonly answer: unknown
  readonly carried: Carried
}

export interface SignedIn extends OpenedSession {
  /** Makes this browser or folder known to the person; new where it was not. */
  readonly device: string
}

/** How people come in: never with a password alone. */
export interface SignIns {
  /** The first step. The same answer, in the same time, whether or not there is such a person. */
  withPassword(client: Client, typed: { name: string; password: string }): Promise<NextStep>
  /** The first step was something else, e.g. single sign-on without several factors. */
  needSecondFactor(person: PersonRow, factors: Factors): Promise<NextStep>
  /** What the second step of a sign-in under way needs; undefined where it is over. */
  resume(signIn: string): Promise<NextStep | undefined>
  /** The second step: opens the session. */
  withSecondFactor(client: Client, step: SecondStep): Promise<SignedIn>
  /** The person whose sign-in is under way, e.g. to ask their passkey; undefined where it is over. */
  personOf(signIn: string): Promise<PersonRow | undefined>
  /** A second factor shown again in a session: its time moves, and nothing else of the session. */
  stepUp(context: Context, shown: { factor: Factor; answer: unknown }): Promise<void>
}

const stepWithinMs = 5 * 60_000
const mostFailures = 5
const sweepEveryMs = 10 * 60_000

export function openSignIns(parts: IdentityShared): SignIns & { close(): void } {
  const { database, clock, log } = parts
  const sweeping = every(
    clock,
    sweepEveryMs,
    () => forgetOld(parts),
    (error) => log.warn({ err: error }, 'could not forget old sign-ins'),
  )
  return {
    withPassword: (client, typed) => withPassword(parts, client, typed),
    needSecondFactor: (person, factors) =>
      database.transaction((tx) => begin(parts, tx, person, factors)),
    resume: (signIn) => resume(parts, signIn),
    withSecondFactor: (client, step) => withSecondFactor(parts, client, step),
    async personOf(signIn) {
      const row = await database.transaction((tx) => stepOf(parts, tx, signIn))
      return row?.person === null || row === undefined
        ? undefined
        : personById(database, row.person)
    },
    stepUp: (context, shown) => stepUp(parts, context, shown),
    close: () => sweeping.cancel(),
  }
}

function wrong(): ProblemError {
  return new ProblemError('sign-in-failed', 'name, password or code is wrong, or came too late')
}

async function withPassword(
  parts: IdentityShared,
  client: Client,
  typed: { name: string; password: string },
): Promise<NextStep> {
  const { database, passwords, key } = parts
  const name = normalName(typed.name)
  const person = await personByName(database, name)
  const about = person === undefined ? { account: standIn(key, name) } : { person: person.id }
  const context = { actor: nobody, origin: client.origin }
  const holds = await passwordHolds(parts, client, name)
  await admitAttempt(parts, holds, { context, detail: { ...about, factor: 'password' } })
  const right = await passwords.verify(person?.passwordHash ?? null, typed.password)
  if (!right || person === undefined || person.lockedAt !== null) {
    await database.transaction((tx) =>
      recorded(tx, parts, [
        { context, event: 'sign-in.failed', detail: { ...about, factor: 'password' } },
      ]),
    )
    throw wrong()
  }
  return database.transaction(async (tx) => {
    await attemptSucceeded(tx, holds)
    return begin(parts, tx, person, { password: parts.clock.now() })
  })
}

async function begin(
  { clock, newId, secondFactors }: IdentityShared,
  tx: Tx,
  person: PersonRow,
  factors: Factors,
): Promise<NextStep> {
  const kinds = await secondFactors.of(tx, person.id)
  if (kinds.size === 0)
    throw new ProblemError(
      'enrolment-needed',
      'second factors were reset: use the one-time link you were given',
    )
  const now = clock.now()
  const signIn = newSecret('step')
  const expiresAt = now + stepWithinMs
  await insertStep(tx, {
    ...{ id: newId(), hash: hashOf(signIn), purpose: 'sign-in', person: person.id, factors },
    ...{ data: {}, failures: 0, createdAt: now, expiresAt },
  })
  return {
    signIn,
    factors: [...kinds.keys()],
    person: { id: person.id, displayName: person.displayName },
    expiresAt: new Date(expiresAt).toISOString(),
  }
}

async function resume(parts: IdentityShared, signIn: string): Promise<NextStep | undefined> {
  const { database, secondFactors } = parts
  const step = await database.transaction((tx) => stepOf(parts, tx, signIn))
  const person = step?.person == null ? undefined : await personById(database, step.person)
  if (step === undefined || person === undefined) return undefined
  const kinds = await secondFactors.of(database, person.id)
  return {
    ...{ signIn, factors: [...kinds.keys()] },
    person: { id: person.id, displayName: person.displayName },
    expiresAt: new Date(step.expiresAt).toISOString(),
  }
}

async function stepOf(
  { clock }: IdentityShared,
  tx: Tx,
  signIn: string,
): Promise<StepRow | undefined> {
  if (!looksLikeSecret(signIn, 'step')) return undefined
  return lockStep(tx, hashOf(signIn), 'sign-in', clock.now())
}

async function withSecondFactor(
  parts: IdentityShared,
  client: Client,
  { signIn, factor, answer, carried }: SecondStep,
): Promise<SignedIn> {
  const { database, clock, sessions, secondFactors } = parts
  const began = await database.transaction((tx) => stepOf(parts, tx, signIn))
  const person = began?.person == null ? undefined : await personById(database, began.person)
  if (person === undefined || person.lockedAt !== null) throw wrong()
  const context = { actor: nobody, origin: client.origin }
  const about = { person: person.id, factor }
  const holds = await secondFactorHolds(parts, client, person)
  await admitAttempt(parts, holds, { context, detail: about })

  const signedIn = await database.transaction(async (tx) => {
    // Asked again, as it may have been used up since.
    const step = await stepOf(parts, tx, signIn)
    if (step === undefined) return undefined
    const at = clock.now()
    if (!(await secondFactors.check(tx, factor, { person: person.id, answer, at }))) {
      await noteFailure(tx, step.id, mostFailures, at)
      await recorded(tx, parts, [{ context, event: 'sign-in.failed', detail: about }])
      return undefined
    }
    await endStep(tx, step.id, at)
    await attemptSucceeded(tx, holds)
    const device = await makeKnown(parts, tx, client, person)
    const factors = { ...step.factors, [factor]: at }
    return { ...(await sessions.openIn(tx, { person, factors, client, carried })), device }
  })
  if (signedIn === undefined) throw wrong()
  return signedIn
}

async function makeKnown(
  { clock, newId }: IdentityShared,
  tx: Tx,
  client: Client,
  person: PersonRow,
): Promise<string> {
  const shown = client.device !== undefined && looksLikeSecret(client.device, 'device')
  const device = shown ? client.device : newSecret('device')
  await noteDevice(tx, { id: newId(), hash: hashOf(device), person: person.id, at: clock.now() })
  return device
}

async function stepUp(
  parts: IdentityShared,
  context: Context,
  { factor, answer }: { factor: Factor; answer: unknown },
): Promise<void> {
  const { database, clock, sessions, secondFactors } = parts
  const person = ownId(context)
  const about = { person, factor, session: context.authentication?.id ?? '' }
  const holds = sessionHolds(parts, context)
  await admitAttempt(parts, holds, { context, detail: about })
  const right = await database.transaction(async (tx) => {
    const at = clock.now()
    const fits = await secondFactors.check(tx, factor, { person, answer, at })
    if (fits) {
      await sessions.showIn(tx, context, factor, at)
      await attemptSucceeded(tx, holds)
    }
    const event = fits ? 'session.stepped-up' : 'session.step-up-failed'
    await recorded(tx, parts, [{ context, event, detail: about }])
    return fits
  })
  if (!right) throw wrong()
  sessions.changed()
}

async function forgetOld({ database, clock, figures }: IdentityShared): Promise<void> {
  const now = clock.now()
  await database.transaction(async (tx) => {
    await forgetSteps(tx, now)
    await forgetFailures(tx, now - figures().attempts.forgetMinutes * 60_000)
    await forgetDevices(tx, now - figures().knownDeviceDays * 86_400_000)
  })
}
