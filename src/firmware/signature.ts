import {
  constants,
  createHash,
  createSign,
  createVerify,
  X509Certificate,
  type KeyObject,
  type Verify,
} from 'node:crypto'
import { ProblemError } from '../kernel/problem.ts'
import type { SigningKey } from './certificate.ts'

/** What was found out of an image by reading it once. */
export interface Examined {
  /** Hex. */
  readonly md5: string
  /** Base64. */
  readonly signature: string
  readonly certificate: string
}

/** A signature that came with the image, and the certificate that is to verify it. */
export interface Signed {
  readonly signature: Buffer
  readonly certificate: string
}

const smallestRsaBits = 2048

/**
 * The public key of a signing certificate, or a ProblemError: chargers refuse one that is not valid now
 * or of a kind they cannot verify (OCPP 2.x L01.FR.12: RSA or elliptic curves, with SHA-256).
 */
export function signingKeyIn(pem: string, now: number): KeyObject {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(pem)
  } catch {
    throw new ProblemError('invalid-input', 'cannot be read as a certificate', 'certificate')
  }
  const { validFrom, validTo, publicKey } = certificate
  if (now < Date.parse(validFrom) || now > Date.parse(validTo))
    throw new ProblemError(
      'invalid-input',
      `is valid from ${validFrom} to ${validTo}, not now`,
      'certificate',
    )
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKey
  const bits = asymmetricKeyDetails?.modulusLength ?? 0
  if (asymmetricKeyType === 'rsa' && bits < smallestRsaBits)
    throw new ProblemError('invalid-input', `its RSA key has only ${bits} bits`, 'certificate')
  if (asymmetricKeyType !== 'rsa' && asymmetricKeyType !== 'ec')
    throw new ProblemError(
      'invalid-input',
      `has a key of the kind ${asymmetricKeyType ?? 'unknown'}; RSA and EC can be verified`,
      'certificate',
    )
  return publicKey
}

/** Reads an image and verifies the manufacturer's signature over it. Throws a ProblemError where it does not fit. */
export async function verifyImage(
  content: AsyncIterable<Buffer>,
  { signature, certificate }: Signed,
  now: number,
): Promise<Examined> {
  const key = signingKeyIn(certificate, now)
  const ways = waysToVerify(key).map((check) => ({ check, verify: createVerify('sha256') }))
  const md5 = createHash('md5')
  for await (const chunk of content) {
    md5.update(chunk)
    for (const { verify } of ways) verify.update(chunk)
  }
  if (!ways.some(({ check, verify }) => check(verify, signature)))
    throw new ProblemError('invalid-input', 'does not fit this image and certificate', 'signature')
  return { md5: md5.digest('hex'), signature: signature.toString('base64'), certificate }
}

/** Reads an image and signs it: ECDSA over SHA-256, as DER. */
export async function signImage(
  content: AsyncIterable<Buffer>,
  { privateKey, certificate }: SigningKey,
): Promise<Examined> {
  const md5 = createHash('md5')
  const sign = createSign('sha256')
  for await (const chunk of content) {
    md5.update(chunk)
    sign.update(chunk)
  }
  return { md5: md5.digest('hex'), signature: sign.sign(privateKey, 'base64'), certificate }
}

type Check = (verify: Verify, signature: Buffer) => boolean

/** How a signature by this key may have been made; manufacturers differ, and nothing in it says which. */
function waysToVerify(key: KeyObject): Check[] {
  if (key.asymmetricKeyType === 'rsa') {
    const { RSA_PKCS1_PSS_PADDING, RSA_PKCS1_PADDING, RSA_PSS_SALTLEN_AUTO } = constants
    return [
      (verify, signature) =>
        verify.verify(
          { key, padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_AUTO },
          signature,
        ),
      (verify, signature) => verify.verify({ key, padding: RSA_PKCS1_PADDING }, signature),
    ]
  }
  return (['der', 'ieee-p1363'] as const).map((dsaEncoding) => (verify, signature) => {
    try {
      return verify.verify({ key, dsaEncoding }, signature)
    } catch {
      // Not of the length this encoding has.
      return false
    }
  })
}
