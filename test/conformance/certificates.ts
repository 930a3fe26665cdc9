import { selfSigned } from '../kit/self-signed.ts'
import { hashOf, readCertificate } from '../../src/operations/certificate-hash.ts'

/** A root certificate, and what a charger calls it (RFC 6960 CertID, as OCPP lists it). */
export function root() {
  const { cert } = selfSigned()
  const read = readCertificate(cert)
  if (read === undefined) throw new Error('a certificate of ours can be read')
  return { cert, hash: hashOf(read, 'SHA256') }
}
