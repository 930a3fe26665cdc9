import { hash, randomBytes } from 'node:crypto'

/**
 * What a secret opens. Tokens of robots, sessions of people, a browser known to somebody, one who is in the
 * middle of steps, and links to enrol.
 */
export const secretPrefixes = {
  token: 'ota',
  session: 'ots',
  device: 'otd',
  step: 'otp',
  invitation: 'oti',
} as const
export type SecretKind = keyof typeof secretPrefixes

/** The prefix of its kind and 256 random bits as base64url. */
export function newSecret(
  kind: SecretKind = 'token',
  random: (size: number) => Buffer = randomBytes,
): string {
  return `${secretPrefixes[kind]}_${random(32).toString('base64url')}`
}

const shape = /^ot[asdpi]_[A-Za-z0-9_-]{43}$/

/** Whether the text could be one of our secrets; what could not is refused without a lookup. */
export function looksLikeSecret(text: string, kind: SecretKind = 'token'): boolean {
  return text.startsWith(`${secretPrefixes[kind]}_`) && shape.test(text)
}

/** SHA-256: the secret is random and long, so a slow hash would add nothing. */
export function hashOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}
