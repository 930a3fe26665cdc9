import type { ApiParts } from '../../src/api/app.ts'
import type { AuthorityView, ChargerCertificate } from '../../src/trust/trust.ts'

const iso = '2026-01-01T00:00:00.000Z'

export const someCertificate: ChargerCertificate = {
  id: '01890000-0000-7000-8000-0000000000c1',
  charger: 'CP 1',
  state: 'revoked',
  serial: '4a01',
  fingerprint: 'ab'.repeat(32),
  own: true,
  validFrom: iso,
  validUntil: iso,
  requestedAt: iso,
  issuedAt: iso,
  shownAt: null,
  revoked: { at: iso, by: 'Ada', reason: 'stolen' },
}
export const someCertificateDetail = {
  ...someCertificate,
  subject: 'CN=CP 1',
  issuer: 'CN=Ours',
  pem: '-----BEGIN',
}
export const someAuthority: AuthorityView = {
  id: '01890000-0000-7000-8000-0000000000c2',
  fingerprint: 'cd'.repeat(32),
  subject: 'CN=Ours',
  origin: 'made',
  validUntil: iso,
  signsHere: true,
  pem: '-----BEGIN',
}

export const willingTrust: ApiParts['trust'] = {
  list: () => Promise.resolve({ items: [someCertificate], nextCursor: 'next' }),
  show: () => Promise.resolve(someCertificateDetail),
  revoke: () => Promise.resolve(someCertificate),
  authorities: () => Promise.resolve([someAuthority]),
}
