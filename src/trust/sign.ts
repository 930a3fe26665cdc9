import 'reflect-metadata'
import {
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  webcrypto,
  X509Certificate,
} from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { CheckedRequest } from './request.ts'

/** What signs: the authority's certificate, those above it, and its key. */
export interface Signer {
  /** Id of the authority. */
  readonly authority: string
  /** PEM: the authority's, followed by those above it. */
  readonly chain: string
  readonly certificate: X509Certificate
  readonly key: KeyObject
}

const dayMs = 86_400_000
const authorityYears = 20

/** Serial numbers are positive, of 126 random bits (RFC 5280 4.1.2.2). */
function newSerial(): string {
  const serial = randomBytes(16)
  serial[0] = (serial[0]! & 0x3f) | 0x40
  return serial.toString('hex')
}

/** A new EC P-256 key, PKCS #8 PEM. */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
}

/** The certificate of an authority of our own, PEM: a root that signs chargers and no other authority. */
export async function newAuthority(key: string, name: string, now: number): Promise<string> {
  const { signing, algorithm, keys } = await pairOf(createPrivateKey(key))
  const until = new Date(now)
  until.setUTCFullYear(until.getUTCFullYear() + authorityYears)
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    keys: { privateKey: signing, publicKey: keys },
    signingAlgorithm: algorithm,
    serialNumber: newSerial(),
    notBefore: new Date(now - dayMs),
    notAfter: until,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys),
    ],
  })
  return root.toString('pem')
}

/** Signs a request: a certificate for TLS clients and nothing else, good from a day ago, for chargers whose clocks are behind. */
export async function signRequest(
  { request }: CheckedRequest,
  { certificate, key }: Signer,
  now: number,
  validDays: number,
): Promise<X509Certificate> {
  const authority = new x509.X509Certificate(certificate.raw)
  const { signing, algorithm } = await pairOf(key)
  const ends = Math.min(now + validDays * dayMs, Date.parse(certificate.validTo))
  const signed = await x509.X509CertificateGenerator.create({
    subject: request.subjectName,
    issuer: authority.subjectName,
    publicKey: request.publicKey,
    signingKey: signing,
    signingAlgorithm: algorithm,
    serialNumber: newSerial(),
    notBefore: new Date(Math.max(now - dayMs, Date.parse(certificate.validFrom))),
    notAfter: new Date(ends),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      await x509.SubjectKeyIdentifierExtension.create(request.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  })
  return new X509Certificate(Buffer.from(signed.rawData))
}

/** The key for signing, and its public half, as WebCrypto has them. Throws for a kind that is not used here. */
async function pairOf(key: KeyObject) {
  const algorithm = algorithmOf(key)
  const signing = key.toCryptoKey(algorithm, true, ['sign'])
  const { kty, crv, x, y, n, e } = await webcrypto.subtle.exportKey('jwk', signing)
  const open = Object.fromEntries(
    Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined),
  )
  const keys = await webcrypto.subtle.importKey('jwk', open, algorithm, true, ['verify'])
  return { signing, algorithm, keys }
}

const namedCurves: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384' }

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  const curve = namedCurves[asymmetricKeyDetails?.namedCurve ?? '']
  if (asymmetricKeyType === 'ec' && curve !== undefined)
    return { name: 'ECDSA', namedCurve: curve, hash: curve === 'P-256' ? 'SHA-256' : 'SHA-384' }
  if (asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  throw new Error('the authority’s key must be EC P-256, EC P-384 or RSA')
}
