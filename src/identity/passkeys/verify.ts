import {
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { isoBase64URL } from '@simplewebauthn/server/helpers'
import type { KeptSignature } from './passkey.ts'
import type { RelyingParty } from './relying-party.ts'

/** What a browser answers to `navigator.credentials.create()` and `.get()`, as JSON. */
interface Answer {
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
  readonly clientExtensionResults: object
}
export interface CreationAnswer extends Answer {
  readonly response: {
    readonly clientDataJSON: string
    readonly attestationObject: string
    readonly transports?: readonly string[]
  }
}
export interface AssertionAnswer extends Answer {
  readonly response: {
    readonly clientDataJSON: string
    readonly authenticatorData: string
    readonly signature: string
    readonly userHandle?: string
  }
}

/** Whether it has the parts an answer has; what they are worth is for `verifyAnswer` to say. */
export function isAssertion(answer: unknown): answer is AssertionAnswer {
  const { id, response } = Object(answer) as { id?: unknown; response?: unknown }
  const { clientDataJSON } = Object(response) as { clientDataJSON?: unknown }
  return typeof id === 'string' && typeof clientDataJSON === 'string'
}

export interface CreatedCredential {
  readonly credential: Buffer
  readonly publicKey: Buffer
  readonly signCount: number
  readonly transports: readonly string[]
  readonly synced: boolean
}

export type Verdict<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string }

/** The challenge an answer was made for; undefined: it holds none that can be read. */
export function challengeIn(answer: {
  readonly response: { readonly clientDataJSON: string }
}): Buffer | undefined {
  try {
    const data: unknown = JSON.parse(isoBase64URL.toUTF8String(answer.response.clientDataJSON))
    const challenge = (data as { challenge?: unknown } | null)?.challenge
    return typeof challenge === 'string' ? Buffer.from(challenge, 'base64url') : undefined
  } catch {
    return undefined
  }
}

export async function verifyCreation(
  answer: CreationAnswer,
  challenge: Buffer,
  party: RelyingParty,
): Promise<Verdict<CreatedCredential>> {
  try {
    const verified = await verifyRegistrationResponse({
      response: answer as RegistrationResponseJSON,
      expectedChallenge: challenge.toString('base64url'),
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
    })
    if (!verified.verified) return { ok: false, why: 'its attestation does not hold' }
    const { credential, credentialDeviceType } = verified.registrationInfo
    return {
      ok: true,
      value: {
        credential: Buffer.from(credential.id, 'base64url'),
        publicKey: Buffer.from(credential.publicKey),
        signCount: credential.counter,
        transports: credential.transports ?? [],
        synced: credentialDeviceType === 'multiDevice',
      },
    }
  } catch (error) {
    return { ok: false, why: wordsOf(error) }
  }
}

export interface KnownCredential {
  readonly credential: Buffer
  readonly publicKey: Buffer
}

/** Checks everything but the counter, whose going backwards is for the caller to act on. */
export async function verifyAnswer(
  answer: AssertionAnswer,
  challenge: Buffer,
  party: Pick<RelyingParty, 'id' | 'origin'>,
  known: KnownCredential,
): Promise<Verdict<{ readonly signCount: number }>> {
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: answer,
      expectedChallenge: challenge.toString('base64url'),
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      credential: {
        id: known.credential.toString('base64url'),
        publicKey: new Uint8Array(known.publicKey),
        counter: 0,
      },
    })
    return verified
      ? { ok: true, value: { signCount: authenticationInfo.newCounter } }
      : { ok: false, why: 'its signature does not hold' }
  } catch (error) {
    return { ok: false, why: wordsOf(error) }
  }
}

/** Authenticators without a counter say 0 for ever; with one, it grows with every use. */
export function counterRegressed(known: number, shown: number): boolean {
  return (known > 0 || shown > 0) && shown <= known
}

export function keptSignature(
  answer: AssertionAnswer,
  party: RelyingParty,
  row: KnownCredential & { readonly id: string },
): KeptSignature {
  return {
    kind: 'webauthn',
    passkey: row.id,
    credential: row.credential.toString('base64url'),
    publicKey: row.publicKey.toString('base64url'),
    authenticatorData: answer.response.authenticatorData,
    clientDataJSON: answer.response.clientDataJSON,
    signature: answer.response.signature,
    relyingParty: party.id,
    origin: party.origin,
  }
}

/** Whether a kept signature is over this digest (hex). Needs nothing but the two, so that it works offline. */
export async function keptSignatureHolds(kept: KeptSignature, digest: string): Promise<boolean> {
  const answer: AssertionAnswer = {
    id: kept.credential,
    rawId: kept.credential,
    type: 'public-key',
    clientExtensionResults: {},
    response: {
      authenticatorData: kept.authenticatorData,
      clientDataJSON: kept.clientDataJSON,
      signature: kept.signature,
    },
  }
  const verdict = await verifyAnswer(
    answer,
    Buffer.from(digest, 'hex'),
    { id: kept.relyingParty, origin: kept.origin },
    {
      credential: Buffer.from(kept.credential, 'base64url'),
      publicKey: Buffer.from(kept.publicKey, 'base64url'),
    },
  )
  return verdict.ok
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : 'it cannot be read'
}
