import { createHash, X509Certificate } from 'node:crypto'

/** OCPP CertificateHashDataType: what a certificate is called without showing it. Hex texts. */
export interface CertificateHash {
  readonly hashAlgorithm: 'SHA256' | 'SHA384' | 'SHA512'
  readonly issuerNameHash: string
  readonly issuerKeyHash: string
  readonly serialNumber: string
}

export interface ReadCertificate {
  readonly subject: string
  readonly validFrom: number
  readonly validTo: number
  /** Signed with its own key: then its hash is known whole. */
  readonly selfSigned: boolean
  readonly serialNumber: string
  /** Hex, by algorithm. */
  readonly nameHash: (algorithm: CertificateHash['hashAlgorithm']) => string
  readonly keyHash: (algorithm: CertificateHash['hashAlgorithm']) => string
}

const algorithms = { SHA256: 'sha256', SHA384: 'sha384', SHA512: 'sha512' } as const

/** Reads one certificate in PEM; undefined where the text is none. */
export function readCertificate(pem: string): ReadCertificate | undefined {
  try {
    const certificate = new X509Certificate(pem)
    const { issuer, publicKey, serial } = partsOf(certificate.raw)
    const digest = (bytes: Uint8Array, algorithm: CertificateHash['hashAlgorithm']): string =>
      createHash(algorithms[algorithm]).update(bytes).digest('hex')
    return {
      subject: certificate.subject.replaceAll('\n', ', '),
      validFrom: Date.parse(certificate.validFrom),
      validTo: Date.parse(certificate.validTo),
      selfSigned:
        certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey),
      serialNumber: plainSerial(Buffer.from(serial).toString('hex')),
      nameHash: (algorithm) => digest(issuer, algorithm),
      keyHash: (algorithm) => digest(publicKey, algorithm),
    }
  } catch {
    return undefined
  }
}

/** What a self-signed certificate is called (2.x CertificateHashDataType: the issuer is itself). */
export function hashOf(
  { nameHash, keyHash, serialNumber }: ReadCertificate,
  hashAlgorithm: CertificateHash['hashAlgorithm'] = 'SHA256',
): CertificateHash {
  return {
    hashAlgorithm,
    issuerNameHash: nameHash(hashAlgorithm),
    issuerKeyHash: keyHash(hashAlgorithm),
    serialNumber,
  }
}

/** Whether what a charger calls a certificate is this one. Only a self-signed one tells its issuer's key. */
export function isCalled(certificate: ReadCertificate, hash: CertificateHash): boolean {
  const { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber } = hash
  const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()
  return (
    same(plainSerial(serialNumber), certificate.serialNumber) &&
    same(issuerNameHash, certificate.nameHash(hashAlgorithm)) &&
    (!certificate.selfSigned || same(issuerKeyHash, certificate.keyHash(hashAlgorithm)))
  )
}

export function isSameHash(one: CertificateHash, other: CertificateHash): boolean {
  const form = (hash: CertificateHash): string =>
    [hash.hashAlgorithm, hash.issuerNameHash, hash.issuerKeyHash, plainSerial(hash.serialNumber)]
      .join(' ')
      .toLowerCase()
  return form(one) === form(other)
}

/** Hexadecimal digits without `0x` and leading zeros, as OCPP wants them. */
function plainSerial(serial: string): string {
  return serial
    .toLowerCase()
    .replace(/^0x/, '')
    .replace(/^0+(?=.)/, '')
}

interface Element {
  readonly tag: number
  /** With tag and length. */
  readonly whole: Uint8Array
  readonly content: Uint8Array
}

/** RFC 5280 4.1: certificate > tbsCertificate > version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo. */
function partsOf(der: Uint8Array): {
  readonly issuer: Uint8Array
  readonly publicKey: Uint8Array
  readonly serial: Uint8Array
} {
  const [tbs] = elementsOf(elementsOf(der)[0]!.content)
  const fields = elementsOf(tbs!.content).filter(({ tag }) => tag !== explicitVersion)
  const [serial, , issuer, , , keyInfo] = fields
  const [, keyBits] = elementsOf(keyInfo!.content)
  // The first octet of a BIT STRING counts unused bits; the key's hash is over the rest (RFC 6960 4.1.1).
  return { serial: serial!.content, issuer: issuer!.whole, publicKey: keyBits!.content.subarray(1) }
}

const explicitVersion = 0xa0

/** The elements of DER in a row (X.690 8.1). */
function elementsOf(bytes: Uint8Array): Element[] {
  const elements: Element[] = []
  for (let at = 0; at < bytes.length;) {
    const [tag = 0, first = 0] = bytes.subarray(at, at + 2)
    const long = first >= 0x80 ? first - 0x80 : 0
    const length =
      long === 0
        ? first
        : bytes.subarray(at + 2, at + 2 + long).reduce((sum, byte) => sum * 256 + byte, 0)
    const start = at + 2 + long
    const end = start + length
    elements.push({ tag, whole: bytes.subarray(at, end), content: bytes.subarray(start, end) })
    at = end
  }
  return elements
}
