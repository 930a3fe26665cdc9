import 'reflect-metadata'
import { KeyObject, randomBytes, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

export type KeyKind = 'ec' | 'rsa' | 'rsa-1024'

/** A private key and the certificate of it, PEM. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

/** An authority of a test. */
export interface Authority extends Identity {
  issue(subject: string, options?: Issuing): Promise<Identity>
}

interface Issuing {
  readonly kind?: KeyKind
  /** ms since the epoch. */
  readonly notBefore?: number
  readonly notAfter?: number
  /** A server's, for 127.0.0.1. */
  readonly server?: boolean
}

const algorithms = {
  ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: rsa(2048),
  'rsa-1024': rsa(1024),
}

function rsa(modulusLength: number) {
  return {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  }
}

export type Keys = Awaited<ReturnType<typeof keysOf>>

/** A new pair of keys. */
export async function keysOf(kind: KeyKind = 'ec') {
  const algorithm = algorithms[kind]
  const pair = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const key = KeyObject.from(pair.privateKey).export({ type: 'pkcs8', format: 'pem' })
  return { pair, algorithm, key: String(key) }
}

/** What a charger sends to have its key certified, PEM. */
export async function requestOf(keys: Keys, name: x509.JsonName): Promise<string> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name,
    keys: keys.pair,
    signingAlgorithm: keys.algorithm,
  })
  return request.toString('pem')
}

const hour = 3_600_000

export async function authorityOf(name: string): Promise<Authority> {
  const keys = await keysOf()
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys: keys.pair,
    signingAlgorithm: keys.algorithm,
    serialNumber: serial(),
    notBefore: new Date(Date.now() - hour),
    notAfter: new Date(Date.now() + 24 * hour),
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  })
  return {
    cert: root.toString('pem'),
    key: keys.key,
    async issue(subject, { kind = 'ec', notBefore, notAfter, server = false } = {}) {
      const own = await keysOf(kind)
      const use = server ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth
      const certificate = await x509.X509CertificateGenerator.create({
        subject,
        issuer: root.subject,
        publicKey: own.pair.publicKey,
        signingKey: keys.pair.privateKey,
        signingAlgorithm: keys.algorithm,
        serialNumber: serial(),
        notBefore: new Date(notBefore ?? Date.now() - hour),
        notAfter: new Date(notAfter ?? Date.now() + 12 * hour),
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.ExtendedKeyUsageExtension([use]),
          ...(server
            ? [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])]
            : []),
        ],
      })
      return { cert: certificate.toString('pem'), key: own.key }
    },
  }
}

function serial(): string {
  return `4${randomBytes(16).toString('hex').slice(1)}`
}
