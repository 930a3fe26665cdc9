import { createHash, createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/**
 * A charger's credential as it is kept. Why there are two schemes: `docs/decisions/0004-charger-credentials.md`.
 */
export interface StoredCredential {
  readonly scheme: 'sha256' | 'scrypt'
  readonly salt: Uint8Array
  readonly hash: Uint8Array
}

/** 160 random bits as 40 hex digits: an AuthorizationKey for OCPP 1.6 and a BasicAuthPassword for 2.x alike. */
export function makeCredential(random: (size: number) => Uint8Array = randomBytes): string {
  return Buffer.from(random(20)).toString('hex')
}

/** 32 to 40 hex digits are a key whose decoded bytes may travel (OCPP 1.6 security extension, table 1). */
const hexKey = /^(?:[0-9a-f]{2}){16,20}$/i

/**
 * The one form of a credential that is hashed. A hex key and the bytes it stands for are the same, and so
 * are its spellings: 1.6 chargers send the decoded bytes, some the digits as they were typed.
 */
function canonical(presented: Uint8Array): Buffer {
  const bytes = Buffer.from(presented)
  const text = bytes.toString('latin1')
  if (hexKey.test(text)) return Buffer.from(text.toLowerCase(), 'latin1')
  return bytes.length >= 16 && bytes.length <= 20 && !isPrintable(text)
    ? Buffer.from(bytes.toString('hex'), 'latin1')
    : bytes
}

/** The other reading of 16 to 20 printable bytes: they may be a decoded key that happens to look like text. */
function alternative(presented: Uint8Array): Buffer | undefined {
  const bytes = Buffer.from(presented)
  const mayBeKey = bytes.length >= 16 && bytes.length <= 20
  return mayBeKey && isPrintable(bytes.toString('latin1'))
    ? Buffer.from(bytes.toString('hex'), 'latin1')
    : undefined
}

function isPrintable(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text)
}

/** Hex digits of which at least this many differ were made by a machine: nobody types 32 of them at random. */
const machineMadeDigits = 10

function isMachineMade(credential: string): boolean {
  return hexKey.test(credential) && new Set(credential.toLowerCase()).size >= machineMadeDigits
}

export async function storeCredential(
  credential: string,
  random: (size: number) => Uint8Array = randomBytes,
): Promise<StoredCredential> {
  const scheme = isMachineMade(credential) ? 'sha256' : 'scrypt'
  const salt = random(16)
  return { scheme, salt, hash: await digest(scheme, salt, canonical(Buffer.from(credential))) }
}

function digest(
  scheme: StoredCredential['scheme'],
  salt: Uint8Array,
  secret: Uint8Array,
): Promise<Buffer> {
  if (scheme === 'sha256')
    return Promise.resolve(createHash('sha256').update(salt).update(secret).digest())
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, 32, { N: 2 ** 14, r: 8, p: 1 }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}

/** Checks presented credentials. Keeps what it has verified, so that a storm of reconnects costs no scrypt. */
export interface CredentialCheck {
  /** `presented`: the bytes of the password as they came. Compares in constant time. */
  matches(stored: StoredCredential, presented: Uint8Array): Promise<boolean>
}

/** So many checks that are slow on purpose may wait; more are refused, or they would hold up everything else. */
const mostWaiting = 2_000
const mostRemembered = 50_000
const atOnce = 2

/** Too many slow checks wait already. */
export class CredentialsBusyError extends Error {
  constructor() {
    super('too many credentials are being checked')
    this.name = 'CredentialsBusyError'
  }
}

export function openCredentialCheck(): CredentialCheck {
  // What was verified is remembered as a digest under a key that lives as long as this process.
  const key = randomBytes(32)
  const verified = new Set<string>()
  const inTurn = limited(atOnce, mostWaiting)

  async function matchesForm(stored: StoredCredential, secret: Uint8Array): Promise<boolean> {
    if (stored.scheme === 'sha256')
      return timingSafeEqual(await digest('sha256', stored.salt, secret), stored.hash)
    const mark = createHmac('sha256', key)
      .update(stored.salt)
      .update(stored.hash)
      .update(secret)
      .digest('base64')
    if (verified.has(mark)) return true
    const found = await inTurn(() => digest('scrypt', stored.salt, secret))
    if (!timingSafeEqual(found, stored.hash)) return false
    if (verified.size >= mostRemembered) verified.delete(verified.values().next().value!)
    verified.add(mark)
    return true
  }

  return {
    async matches(stored, presented) {
      if (presented.length === 0 || presented.length > 256) return false
      if (await matchesForm(stored, canonical(presented))) return true
      const other = alternative(presented)
      return other !== undefined && (await matchesForm(stored, other))
    },
  }
}

/** Runs at most `atOnce` tasks together; refuses when `most` wait. */
function limited(atOnce: number, most: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (task) => {
    if (running >= atOnce) {
      if (waiting.length >= most) throw new CredentialsBusyError()
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
    running += 1
    try {
      return await task()
    } finally {
      running -= 1
      waiting.shift()?.()
    }
  }
}
