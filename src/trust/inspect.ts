import { X509Certificate } from 'node:crypto'
import { certificatesIn, fingerprintOf, isSignedBy, subjectField } from './certificate.ts'
import type { KnownCertificate } from './store.ts'

/** A certificate a charger showed by TLS; that it holds the key is certain. */
export interface Shown {
  readonly derBase64: string
  /** Its chain leads to one of the anchors, and is valid. */
  readonly verified: boolean
  readonly problem?: string
}

/** What a certificate is worth that was shown for an identity. */
export type Inspection =
  | { readonly kind: 'good'; readonly fingerprint: string; readonly known: KnownCertificate }
  /** Of another authority that is trusted, and seen for the first time. */
  | { readonly kind: 'good'; readonly fingerprint: string; readonly first: X509Certificate }
  /** It says something else than that this is the charger. */
  | { readonly kind: 'bad'; readonly reason: string }
  /** Nobody we know stands for it: it proves nothing, for or against. */
  | { readonly kind: 'strange'; readonly reason: string }

export interface InspectedBy {
  /** PEM of the authorities whose certificates must be on record. */
  readonly authorities: readonly string[]
  readonly organisation: string | undefined
}

/** The certificate of what was shown; undefined where it cannot be read. */
export function readShown({ derBase64 }: Shown): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(derBase64, 'base64'))
  } catch {
    return undefined
  }
}

/**
 * Judges a certificate. What our authority signed counts by the record alone: exactly that certificate, for
 * exactly that charger, not revoked. What another one signed counts where the chain was verified and the
 * names are right (1.6 security whitepaper 2.7, 2.x A00.FR.403 to A00.FR.410).
 */
export function inspect(
  identity: string,
  shown: Shown,
  certificate: X509Certificate,
  known: KnownCertificate | undefined,
  { authorities, organisation }: InspectedBy,
  now: number,
): Inspection {
  const fault = known === undefined ? undefined : faultOnRecord(identity, known)
  if (fault !== undefined) return { kind: 'bad', reason: fault }
  const { validFrom, validTo } = certificate
  if (known !== undefined || shown.verified) {
    if (now < Date.parse(validFrom))
      return { kind: 'bad', reason: `its certificate is valid from ${validFrom} only` }
    if (now >= Date.parse(validTo))
      return { kind: 'bad', reason: `its certificate has expired on ${validTo}` }
  }
  const fingerprint = fingerprintOf(certificate)
  if (known !== undefined) return { kind: 'good', fingerprint, known }
  if (signedByOurs(certificate, authorities))
    return { kind: 'bad', reason: 'its certificate is signed by our authority and on no record' }
  if (!shown.verified)
    return {
      kind: 'strange',
      reason: `its certificate leads to no authority that is trusted (${shown.problem ?? 'unknown'})`,
    }
  const wrongName = faultOfName(identity, certificate, organisation)
  return wrongName === undefined
    ? { kind: 'good', fingerprint, first: certificate }
    : { kind: 'bad', reason: wrongName }
}

function faultOnRecord(identity: string, known: KnownCertificate): string | undefined {
  if (known.charger !== identity) return 'its certificate is another charger’s'
  if (known.revoked) return 'its certificate is revoked'
  if (!known.registered) return 'its certificate belongs to a registration that was removed'
  return undefined
}

function signedByOurs(certificate: X509Certificate, chains: readonly string[]): boolean {
  return chains.some((chain) => {
    const [authority] = certificatesIn(chain)
    return authority !== undefined && isSignedBy(certificate, authority)
  })
}

function faultOfName(
  identity: string,
  certificate: X509Certificate,
  organisation: string | undefined,
): string | undefined {
  const names = subjectField(certificate, 'CN')
  if (names.length !== 1 || names[0] !== identity)
    return `its certificate is made out to ${names.map((one) => one.slice(0, 100)).join(', ') || 'nobody'}`
  const organisations = subjectField(certificate, 'O')
  if (
    organisation !== undefined &&
    !(organisations.length === 1 && organisations[0] === organisation)
  )
    return `its certificate does not name ${organisation} as organisation`
  return undefined
}
