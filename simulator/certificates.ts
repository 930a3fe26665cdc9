import { createHash, X509Certificate } from 'node:crypto'
import type { OutboundRequest } from '../src/ocpp/versions.ts'
import type { Table16 } from './answers-16.ts'
import type { Table2x } from './answers-2x.ts'
import type { OwnCertificate } from './own-certificate.ts'

type Hash = OutboundRequest<'1.6', 'DeleteCertificate'>['certificateHashData']

interface Installed {
  readonly use: string
  readonly hash: Hash
}

/** The root certificates a charger trusts. */
class Trust {
  #installed: readonly Installed[] = []

  install(use: string, pem: string): void {
    const hash = hashOf(pem)
    if (hash === undefined) return
    this.#installed = [...this.#installed.filter((one) => !isSame(one.hash, hash)), { use, hash }]
  }

  has(hash: Hash): boolean {
    return this.#installed.some((one) => isSame(one.hash, hash))
  }

  remove(hash: Hash): void {
    this.#installed = this.#installed.filter((one) => !isSame(one.hash, hash))
  }

  of(uses: readonly string[] | undefined): readonly Installed[] {
    return this.#installed.filter(({ use }) => uses?.includes(use) ?? true)
  }
}

function isSame(one: Hash, other: Hash): boolean {
  return (
    one.serialNumber.toLowerCase() === other.serialNumber.toLowerCase() &&
    one.issuerNameHash.toLowerCase() === other.issuerNameHash.toLowerCase() &&
    one.issuerKeyHash.toLowerCase() === other.issuerKeyHash.toLowerCase()
  )
}

/** What all versions say alike. */
function inEveryVersion(trust: Trust, own: OwnCertificate) {
  return {
    InstallCertificate: ({ certificateType, certificate }) =>
      hashOf(certificate) === undefined
        ? { answer: { status: 'Rejected' } }
        : {
            answer: { status: 'Accepted' },
            act: () => trust.install(certificateType, certificate),
          },
    DeleteCertificate: ({ certificateHashData }) => ({
      answer: { status: trust.has(certificateHashData) ? 'Accepted' : 'NotFound' },
      act: () => trust.remove(certificateHashData),
    }),
    CertificateSigned: ({ certificateChain }) => own.signed(certificateChain),
  } satisfies Table16 & Table2x
}

/** Certificates on OCPP 1.6 with the security extension. */
export function certificates16(own: OwnCertificate): Table16 {
  const trust = new Trust()
  return {
    ...inEveryVersion(trust, own),
    GetInstalledCertificateIds({ certificateType }) {
      const [first, ...rest] = trust.of([certificateType]).map(({ hash }) => hash)
      return first === undefined
        ? { answer: { status: 'NotFound' } }
        : { answer: { status: 'Accepted', certificateHashData: [first, ...rest] } }
    },
  }
}

/** Certificates on OCPP 2.x (2.0.1 M03 to M05). */
export function certificates2x(own: OwnCertificate): Table2x {
  const trust = new Trust()
  return {
    ...inEveryVersion(trust, own),
    GetInstalledCertificateIds({ certificateType }) {
      const [first, ...rest] = trust.of(certificateType).map(({ use, hash }) => ({
        certificateType: use as 'CSMSRootCertificate',
        certificateHashData: hash,
      }))
      return first === undefined
        ? { answer: { status: 'NotFound' } }
        : { answer: { status: 'Accepted', certificateHashDataChain: [first, ...rest] } }
    },
  }
}

/** What OCPP calls a root certificate; undefined where the text is none. */
function hashOf(pem: string): Hash | undefined {
  try {
    const certificate = new X509Certificate(pem)
    const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
    const key = certificate.publicKey.export({ type: 'spki', format: 'der' })
    return {
      hashAlgorithm: 'SHA256',
      issuerNameHash: sha256(issuerIn(certificate.raw)),
      issuerKeyHash: sha256(insideBitString(key)),
      serialNumber: certificate.serialNumber.replace(/^0+(?=.)/, '').toLowerCase(),
    }
  } catch {
    return undefined
  }
}

/** The elements of a DER sequence, each with its header. */
function membersOf(sequence: Uint8Array): Uint8Array[] {
  const members: Uint8Array[] = []
  let at = headerLength(sequence)
  const end = at + contentLength(sequence)
  while (at < end) {
    const rest = sequence.subarray(at)
    const length = headerLength(rest) + contentLength(rest)
    members.push(rest.subarray(0, length))
    at += length
  }
  return members
}

function headerLength(element: Uint8Array): number {
  const first = element[1] ?? 0
  return first < 128 ? 2 : 2 + (first & 127)
}

function contentLength(element: Uint8Array): number {
  const first = element[1] ?? 0
  if (first < 128) return first
  return Number.parseInt(
    Buffer.from(element.subarray(2, headerLength(element))).toString('hex'),
    16,
  )
}

/** The fourth member of a certificate with a version, the third of one without. */
function issuerIn(certificate: Uint8Array): Uint8Array {
  const [toBeSigned = certificate] = membersOf(certificate)
  const members = membersOf(toBeSigned)
  const versioned = members[0]?.[0] === 0xa0
  return members[versioned ? 3 : 2] ?? certificate
}

/** The key itself: the second member of SubjectPublicKeyInfo without header and the octet of unused bits. */
function insideBitString(keyInfo: Uint8Array): Uint8Array {
  const bits = membersOf(keyInfo)[1] ?? keyInfo
  return bits.subarray(headerLength(bits) + 1)
}
