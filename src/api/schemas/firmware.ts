import { Type } from 'typebox'
import { firmwareStates } from '../../firmware/firmware.ts'
import { moment, nullable, oneOf, Reason, strict } from './common.ts'

const summary = {
  id: Type.String(),
  file: Type.String({ description: 'Id of its content among the files' }),
  name: Type.String({ description: 'The file name chargers see' }),
  vendor: Type.String(),
  models: Type.Array(
    Type.String({ description: 'A model it is for; exact, or a beginning that ends in `*`' }),
  ),
  from: Type.Array(
    Type.String({
      description: 'A version it may be installed over; exact, or a beginning that ends in `*`',
    }),
    { description: 'None: over any version' },
  ),
  version: Type.String({ description: 'The version it brings, as the charger will report it' }),
  size: Type.Integer({ description: 'Bytes' }),
  sha256: Type.String({ description: 'Hex' }),
  signedBy: oneOf(['manufacturer', 'operator'], {
    description: 'operator: signed here, with the key of the signing certificate',
  }),
  state: oneOf(firmwareStates, {
    description:
      'held: uploaded. released: may be installed. withdrawn: for good; no charger gets it',
  }),
  uploadedAt: moment(),
  uploadedBy: Type.String(),
  releasedAt: nullable(moment()),
  withdrawnAt: nullable(moment()),
  firstUsedAt: nullable(moment('When a command first took it; it cannot be deleted since')),
} as const

export const FirmwareSchema = Type.Object(summary, {
  $id: 'Firmware',
  description: 'A firmware image',
})

export const FirmwareDetailSchema = Type.Object(
  {
    ...summary,
    md5: Type.String({ description: 'Hex; OCPP’s PublishFirmware asks for it' }),
    signature: Type.String({ description: 'Base64, over the whole image, SHA-256' }),
    certificate: Type.String({ description: 'PEM; verifies the signature' }),
  },
  { $id: 'FirmwareDetail', description: 'A firmware image with its signature' },
)

export const SigningCertificateSchema = Type.Object(
  {
    certificate: Type.String({ description: 'PEM, self-signed' }),
    fingerprint: Type.String({ description: 'SHA-256 of the certificate, hex' }),
    expiresAt: moment(),
  },
  { $id: 'SigningCertificate', description: 'What verifies the images that were signed here' },
)

export const FirmwareStepSchema = strict({ reason: Reason }, { $id: 'FirmwareStep' })

const pattern = Type.String({ minLength: 1, maxLength: 60 })

export const NewFirmwareQuery = strict({
  name: Type.String({
    minLength: 1,
    maxLength: 200,
    description: 'The file name chargers are to see',
  }),
  vendor: Type.String({ minLength: 1, maxLength: 60 }),
  models: Type.Array(pattern, {
    minItems: 1,
    maxItems: 50,
    description: 'A model it is for; `*` at the end stands for anything. May be repeated',
  }),
  version: Type.String({
    minLength: 1,
    maxLength: 50,
    description: 'The version it brings, as the charger will report it',
  }),
  from: Type.Optional(
    Type.Array(pattern, {
      maxItems: 50,
      description:
        'A version it may be installed over; `*` at the end stands for anything. May be repeated; any without it',
    }),
  ),
  sha256: Type.Optional(
    Type.String({ minLength: 64, maxLength: 64, description: 'Hex; what comes must have it' }),
  ),
  signature: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1_000, description: 'The manufacturer’s, base64' }),
  ),
  certificate: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 6_000,
      description: 'The manufacturer’s signing certificate, PEM; belongs to `signature`',
    }),
  ),
})
