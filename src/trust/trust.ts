import type { Context } from '../kernel/actor.ts'
import type { Page, PageRequest } from '../kernel/page.ts'
import type { Within } from '../storage/within.ts'

/**
 * `requested`: waits to be signed. `issued`: signed, and not seen yet. `in-use`: the charger connected with
 * it. `superseded`: it connected with a newer one since. `replaced`: asked again before it was signed.
 */
export const certificateStates = [
  'requested',
  'replaced',
  'issued',
  'in-use',
  'superseded',
  'expired',
  'revoked',
] as const
export type CertificateState = (typeof certificateStates)[number]

/** A certificate that identifies a charger, or its request. */
export interface ChargerCertificate {
  readonly id: string
  readonly charger: string
  readonly state: CertificateState
  /** Hex; null until it is signed. Likewise what follows. */
  readonly serial: string | null
  /** SHA-256, hex. */
  readonly fingerprint: string | null
  /** Signed by our own authority. */
  readonly own: boolean
  readonly validFrom: string | null
  readonly validUntil: string | null
  readonly requestedAt: string | null
  readonly issuedAt: string | null
  /** When the charger first connected with it. */
  readonly shownAt: string | null
  readonly revoked: { readonly at: string; readonly by: string; readonly reason: string } | null
}

export interface CertificateDetail extends ChargerCertificate {
  readonly subject: string | null
  readonly issuer: string | null
  readonly pem: string | null
}

export interface CertificateFilter {
  readonly charger?: string
  readonly state?: CertificateState
  /** Valid now, and no longer after so many days. */
  readonly expiringWithinDays?: number
}

/** An authority whose signature on a charger's certificate is ours. */
export interface AuthorityView {
  readonly id: string
  readonly fingerprint: string
  readonly subject: string
  readonly origin: 'made' | 'given'
  readonly validUntil: string
  /** This process holds its key and signs with it. */
  readonly signsHere: boolean
  /** With those above it. */
  readonly pem: string
}

/** Certificates of chargers, as operators look after them. */
export interface Trust {
  /** The newest first. With `within`, certificates of other chargers are as if they were not there. */
  list(
    page: PageRequest,
    filter: CertificateFilter,
    within?: Within,
  ): Promise<Page<ChargerCertificate>>
  show(id: string, within?: Within): Promise<CertificateDetail>
  /** From now on it opens nothing; a connection made with it ends. */
  revoke(context: Context, id: string, reason: string, within?: Within): Promise<ChargerCertificate>
  authorities(): Promise<readonly AuthorityView[]>
}
