import { randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'

const periodSeconds = 30
/** Steps a clock may be off, either way. */
const window = 1

/** What an authenticator app needs; shown once. */
export interface NewTotp {
  /** Base32, for typing. */
  readonly secret: string
  /** `otpauth://...`, for a QR code. */
  readonly url: string
}

export function newTotpSecret(random: (size: number) => Buffer = randomBytes): Buffer {
  return random(20)
}

export function shownTotp(secret: Buffer, name: string): NewTotp {
  const totp = totpOf(secret, name)
  return { secret: totp.secret.base32, url: totp.toString() }
}

/** The step whose code this is, near the time given; undefined: of none. */
export function stepOf(secret: Buffer, code: string, at: number): number | undefined {
  const token = code.replaceAll(/\s/g, '')
  if (!/^\d{6}$/.test(token)) return undefined
  const delta = totpOf(secret, '').validate({ token, timestamp: at, window })
  return delta === null ? undefined : Math.floor(at / 1000 / periodSeconds) + delta
}

function totpOf(secret: Buffer, label: string): TOTP {
  return new TOTP({
    issuer: 'OTA control',
    label,
    period: periodSeconds,
    digits: 6,
    algorithm: 'SHA1',
    secret: new Secret({ buffer: new Uint8Array(secret).buffer }),
  })
}
