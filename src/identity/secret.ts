import { hash, randomBytes } from 'node:crypto'

/** `ota_` and 256 random bits as base64url. */
const shape = /^ota_[A-Za-z0-9_-]{43}$/

export function newSecret(random: (size: number) => Buffer = randomBytes): string {
  return `ota_${random(32).toString('base64url')}`
}

/** Whether the text could be one of our tokens; what could not is refused without a lookup. */
export function looksLikeSecret(text: string): boolean {
  return shape.test(text)
}

/** SHA-256: the secret is random and long, so a slow hash would add nothing. */
export function hashOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}
