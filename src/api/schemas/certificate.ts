import { Type } from 'typebox'
import { certificateStates } from '../../trust/trust.ts'
import { moment, nullable, oneOf, Reason, strict } from './common.ts'

const certificate = {
  id: Type.String(),
  charger: Type.String(),
  state: oneOf(certificateStates, {
    description:
      'requested: waits to be signed; replaced: asked for again before that; issued: signed, and not seen yet; in-use: the charger connected with it; superseded: it connected with a newer one since; expired; revoked',
  }),
  serial: nullable(Type.String({ description: 'Hex; null until it is signed' })),
  fingerprint: nullable(Type.String({ description: 'SHA-256 of the certificate, hex' })),
  own: Type.Boolean({
    description: 'Signed by our authority; others are on record since they were first shown',
  }),
  validFrom: nullable(moment()),
  validUntil: nullable(moment()),
  requestedAt: nullable(moment()),
  issuedAt: nullable(moment()),
  shownAt: nullable(moment('When the charger first connected with it')),
  revoked: Type.Unsafe<{ at: string; by: string; reason: string } | null>({
    type: ['object', 'null'],
    required: ['at', 'by', 'reason'],
    properties: { at: moment(), by: Type.String(), reason: Type.String() },
  }),
}

export const CertificateSchema = Type.Object(certificate, {
  $id: 'Certificate',
  description: 'A certificate that identifies a charger, or its request',
})

export const CertificateDetailSchema = Type.Object(
  {
    ...certificate,
    subject: nullable(Type.String()),
    issuer: nullable(Type.String()),
    pem: nullable(Type.String()),
  },
  { $id: 'CertificateDetail', description: 'A certificate with its text' },
)

export const RevocationSchema = strict({ reason: Reason }, { $id: 'Revocation' })

export const AuthoritySchema = Type.Object(
  {
    id: Type.String(),
    fingerprint: Type.String({ description: 'SHA-256 of the certificate, hex' }),
    subject: Type.String(),
    origin: oneOf(['made', 'given'], {
      description: 'made here at first use, or given by `OTA_CHARGER_CA_CERT`',
    }),
    validUntil: moment(),
    signsHere: Type.Boolean({
      description: 'The node that answers holds its key and signs with it',
    }),
    pem: Type.String({ description: 'The certificate, followed by those above it' }),
  },
  { $id: 'Authority', description: 'An authority that signs certificates of chargers' },
)

export const LowestProfileSchema = strict(
  {
    lowest: Type.Unsafe<1 | 2 | 3>({
      type: 'integer',
      enum: [1, 2, 3],
      description: '1: a password in the clear; 2: a password over TLS; 3: a certificate',
    }),
    reason: Reason,
  },
  { $id: 'LowestSecurityProfile' },
)
