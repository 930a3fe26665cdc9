import { randomBytes } from 'node:crypto'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import { recorded, type Recorded } from '../../audit/record.ts'
import { systemContext, type Context, type Origin } from '../../kernel/actor.ts'
import type { Log } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Tx } from '../../storage/database.ts'
import { totpFactor } from '../factors/kinds.ts'
import { keepOne } from '../factors/open-factors.ts'
import { secondFactors, type SecondFactor } from '../factors/second-factor.ts'
import type { IdentityFigures } from '../figures.ts'
import { needFreshFactor } from '../fresh.ts'
import { lockPerson } from '../people/store.ts'
import { nobody } from '../recorded-event.ts'
import { shownPasskey, type KeptSignature, type Passkey, type PasskeyRow } from './passkey.ts'
import { relyingPartyAt, type RelyingParty } from './relying-party.ts'
import {
  countPasskeys,
  insertPasskey,
  keepChallenge,
  noteUsed,
  passkeyByCredential,
  passkeysOf,
  removePasskey,
  removePasskeys,
  renamePasskey,
  suspend,
  takeChallenge,
  type Purpose,
} from './store.ts'
import {
  challengeIn,
  counterRegressed,
  isAssertion,
  keptSignature,
  verifyAnswer,
  verifyCreation,
  type AssertionAnswer,
  type CreationAnswer,
} from './verify.ts'

export type CreationOptions = PublicKeyCredentialCreationOptionsJSON
export type AssertionOptions = PublicKeyCredentialRequestOptionsJSON

/** Passkeys of people: as a second factor, as a sign-in of their own, and to sign what is approved. */
export interface Passkeys {
  /** Why there can be none at this address; undefined: there can. */
  unavailable(): string | undefined
  /** Oldest first. */
  of(person: string): Promise<Passkey[]>
  /** What the browser needs to make one. Changes of passkeys need a fresh second factor. */
  offerRegistration(
    context: Context,
    person: { readonly id: string; readonly name: string; readonly displayName: string },
  ): Promise<CreationOptions>
  register(
    context: Context,
    person: string,
    made: { readonly name: string; readonly answer: CreationAnswer },
  ): Promise<Passkey>
  rename(context: Context, person: string, id: string, name: string): Promise<void>
  /** Not the last second factor that lasts. */
  remove(context: Context, person: string, id: string): Promise<void>
  /** For a sign-in by passkey alone: the browser offers whatever passkeys it has for us. */
  offerSignIn(): Promise<AssertionOptions>
  /** Whose passkey answered. It proves two factors: having the device, and what unlocks it. */
  signIn(origin: Origin, answer: AssertionAnswer): Promise<ShownPasskey>
  /** For somebody we know already, who shows a second factor, or a fresh one. */
  offerFactor(person: string): Promise<AssertionOptions>
  /** Takes answers to `offerFactor`. */
  readonly secondFactor: SecondFactor
  /** For a signature over a digest (hex), which becomes the challenge itself. */
  assertOver(person: string, digest: string): Promise<AssertionOptions>
  /** The signature, to be kept. Works once for each time `assertOver` was asked. */
  verifyAssertion(
    context: Context,
    person: string,
    digest: string,
    answer: AssertionAnswer,
  ): Promise<KeptSignature>
}

/** A passkey that was shown, user verified. */
export interface ShownPasskey {
  readonly person: string
  readonly passkey: string
  readonly at: number
}

export interface PasskeyParts extends Recorded {
  readonly log: Log
  /** Where people reach the operator plane; asked each time, since a listener learns its port late. */
  readonly operatorUrl: () => string
  readonly figures: () => IdentityFigures
}

const answerWithinMs = 5 * 60_000
const maxPasskeys = 20

export function openPasskeys(parts: PasskeyParts): Passkeys {
  const { database } = parts
  const secondFactor: SecondFactor = {
    factor: 'passkey',
    lasting: true,
    countOf: countPasskeys,
    async check(tx, { person, answer, at }) {
      if (!isAssertion(answer)) return false
      const answered = { context: systemContext, purpose: 'factor', person, answer, at } as const
      return 'row' in (await check(parts, tx, answered))
    },
    removeAll: removePasskeys,
  }
  return {
    unavailable() {
      const result = relyingPartyAt(parts.operatorUrl())
      return 'unavailable' in result ? result.unavailable : undefined
    },
    of: async (person) => (await passkeysOf(database, person)).map(shownPasskey),
    async offerRegistration(context, person) {
      needFreshFactor(context, parts)
      return offerRegistration(parts, person)
    },
    register: (context, person, made) => register(parts, context, person, made),
    rename: (context, person, id, name) =>
      changed(parts, context, 'passkey.renamed', id, { person, id, name }, (tx) =>
        renamePasskey(tx, person, id, name),
      ),
    async remove(context, person, id) {
      needFreshFactor(context, parts)
      await changed(parts, context, 'passkey.removed', id, { person, id }, async (tx) => {
        await lockPerson(tx, person)
        const name = await removePasskey(tx, person, id)
        const kinds = secondFactors([totpFactor, secondFactor])
        if (name !== undefined) await keepOne({ secondFactors: kinds }, tx, person)
        return name
      })
    },
    offerSignIn: () => offer(parts, { purpose: 'sign-in', person: null }),
    async signIn(origin, answer) {
      const context = { actor: nobody, origin }
      const purpose = 'sign-in'
      const { row, at } = await accepted(parts, { context, purpose, person: null, answer })
      return { person: row.person, passkey: row.id, at }
    },
    offerFactor: (person) => offer(parts, { purpose: 'factor', person }),
    secondFactor,
    assertOver: (person, digest) =>
      offer(parts, { purpose: 'digest', person, challenge: digestBytes(digest) }),
    async verifyAssertion(context, person, digest, answer) {
      const expected = digestBytes(digest)
      if (challengeIn(answer)?.equals(expected) !== true) throw refused('it signs something else')
      const { row } = await accepted(parts, { context, purpose: 'digest', person, answer })
      return keptSignature(answer, partyOf(parts), row)
    },
  }
}

function partyOf({ operatorUrl }: Pick<PasskeyParts, 'operatorUrl'>): RelyingParty {
  const result = relyingPartyAt(operatorUrl())
  if ('unavailable' in result) throw new ProblemError('passkeys-unavailable', result.unavailable)
  return result.party
}

async function offerRegistration(
  parts: PasskeyParts,
  person: { readonly id: string; readonly name: string; readonly displayName: string },
): Promise<CreationOptions> {
  const { database, clock } = parts
  const party = partyOf(parts)
  const known = await passkeysOf(database, person.id)
  const challenge = randomBytes(32)
  const expiresAt = clock.now() + answerWithinMs
  await database.transaction((tx) =>
    keepChallenge(
      tx,
      { challenge, purpose: 'register', person: person.id, expiresAt },
      clock.now(),
    ),
  )
  return generateRegistrationOptions({
    rpName: party.name,
    rpID: party.id,
    userName: person.name,
    userDisplayName: person.displayName,
    userID: new Uint8Array(Buffer.from(person.id)),
    challenge: new Uint8Array(challenge),
    timeout: answerWithinMs,
    attestationType: 'none',
    excludeCredentials: known.map(descriptor),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
}

function descriptor(row: PasskeyRow): { id: string; transports: string[] } {
  return { id: row.credential.toString('base64url'), transports: [...row.transports] }
}

async function register(
  parts: PasskeyParts,
  context: Context,
  person: string,
  { name, answer }: { readonly name: string; readonly answer: CreationAnswer },
): Promise<Passkey> {
  const { database, clock, newId } = parts
  needFreshFactor(context, parts)
  const challenge = await database.transaction((tx) =>
    taken(tx, answer, 'register', person, clock.now()),
  )
  if (challenge === undefined) throw refused(answersNothing)
  const verdict = await verifyCreation(answer, challenge, partyOf(parts))
  if (!verdict.ok) throw refused(verdict.why)
  const row: PasskeyRow = {
    ...verdict.value,
    id: newId(),
    person,
    name,
    createdAt: clock.now(),
    lastUsedAt: null,
    suspendedAt: null,
  }
  await database.transaction(async (tx) => {
    const known = await passkeysOf(tx, person)
    if (known.length >= maxPasskeys)
      throw new ProblemError('invalid-input', `you have ${maxPasskeys} passkeys; remove one first`)
    if (!(await insertPasskey(tx, row)))
      throw new ProblemError('already-exists', 'this passkey is registered already')
    const detail = { person, id: row.id, name, synced: row.synced }
    await recorded(tx, parts, [{ context, event: 'passkey.registered', detail }])
  })
  return shownPasskey(row)
}

async function changed(
  parts: PasskeyParts,
  context: Context,
  event: string,
  id: string,
  detail: { readonly person: string; readonly id: string; readonly name?: string },
  apply: (tx: Tx) => Promise<string | undefined>,
): Promise<void> {
  await parts.database.transaction(async (tx) => {
    const before = uuidShape.test(id) ? await apply(tx) : undefined
    if (before === undefined) throw new ProblemError('not-found', `you have no passkey ${id}`, 'id')
    const named = detail.name === undefined ? { name: before } : { before }
    await recorded(tx, parts, [{ context, event, detail: { ...detail, ...named } }])
  })
}

async function offer(
  parts: PasskeyParts,
  {
    purpose,
    person,
    challenge = randomBytes(32),
  }: { readonly purpose: Purpose; readonly person: string | null; readonly challenge?: Buffer },
): Promise<AssertionOptions> {
  const { database, clock } = parts
  const party = partyOf(parts)
  const theirs = person === null ? [] : await passkeysOf(database, person)
  const usable = theirs.filter(({ suspendedAt }) => suspendedAt === null)
  if (person !== null && usable.length === 0)
    throw new ProblemError('not-found', 'you have no passkey; register one first')
  const now = clock.now()
  await database.transaction((tx) =>
    keepChallenge(tx, { challenge, purpose, person, expiresAt: now + answerWithinMs }, now),
  )
  return generateAuthenticationOptions({
    rpID: party.id,
    challenge: new Uint8Array(challenge),
    timeout: answerWithinMs,
    userVerification: 'required',
    ...(person === null ? {} : { allowCredentials: usable.map(descriptor) }),
  })
}

/** Takes the challenge of an answer away, whatever the answer is worth. */
async function taken(
  tx: Tx,
  answer: { readonly response: { readonly clientDataJSON: string } },
  purpose: Purpose,
  person: string | null,
  now: number,
): Promise<Buffer | undefined> {
  const challenge = challengeIn(answer)
  if (challenge === undefined) return undefined
  return (await takeChallenge(tx, { challenge, purpose, person }, now)) ? challenge : undefined
}

const answersNothing = 'it answers no question of ours, or too late; try again'

interface Answered {
  readonly context: Context
  readonly purpose: Purpose
  /** Null: whoever's passkey it is. */
  readonly person: string | null
  readonly answer: AssertionAnswer
  readonly at: number
}
type Outcome = { readonly row: PasskeyRow } | { readonly why: string }

/** What is learnt from an answer stays, so that the transaction has to be committed also where it is refused. */
async function check(
  parts: PasskeyParts,
  tx: Tx,
  { context, purpose, person, answer, at }: Answered,
): Promise<Outcome> {
  const challenge = await taken(tx, answer, purpose, person, at)
  if (challenge === undefined) return { why: answersNothing }
  const row = await passkeyByCredential(tx, Buffer.from(answer.id, 'base64url'))
  if (row === undefined || (person !== null && row.person !== person))
    return { why: 'it is not known here' }
  if (row.suspendedAt !== null)
    return { why: 'it was suspended because its counter went backwards; remove it' }
  const verdict = await verifyAnswer(answer, challenge, partyOf(parts), row)
  if (!verdict.ok) return { why: verdict.why }
  const { signCount } = verdict.value
  if (counterRegressed(row.signCount, signCount)) {
    await regressed(parts, tx, context, row, signCount)
    return { why: 'its counter went backwards, as a copy’s would; it is suspended' }
  }
  await noteUsed(tx, row.id, signCount, at)
  return { row }
}

async function accepted(
  parts: PasskeyParts,
  answered: Omit<Answered, 'at'>,
): Promise<{ row: PasskeyRow; at: number }> {
  const at = parts.clock.now()
  const outcome = await parts.database.transaction((tx) => check(parts, tx, { ...answered, at }))
  if ('why' in outcome) throw refused(outcome.why)
  return { row: outcome.row, at }
}

async function regressed(
  parts: PasskeyParts,
  tx: Tx,
  context: Context,
  { id, person, name, signCount }: PasskeyRow,
  shown: number,
): Promise<void> {
  parts.log.warn({ person, passkey: id, known: signCount, shown }, 'a passkey may have been copied')
  await suspend(tx, id, parts.clock.now())
  const detail = { person, id, name, known: signCount, shown }
  await recorded(tx, parts, [{ context, event: 'passkey.suspended', detail }])
}

function digestBytes(digest: string): Buffer {
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new TypeError('a digest is 64 hexadecimal digits')
  return Buffer.from(digest, 'hex')
}

function refused(why: string): ProblemError {
  return new ProblemError('passkey-refused', `the passkey was not accepted: ${why}`)
}

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
