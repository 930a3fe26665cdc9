import Type from 'typebox'
import { readCertificate } from '../../certificate-hash.ts'
import type { CertificateHash, ReadCertificate } from '../../certificate-hash.ts'
import { refuse } from '../../operation.ts'
import type { Refusal } from '../../operation.ts'

/** What a root certificate is trusted for: the words of 1.6, 2.0.1 and 2.1. */
export const uses16 = {
  csms: 'CentralSystemRootCertificate',
  manufacturer: 'ManufacturerRootCertificate',
} as const
export const uses2x = {
  csms: 'CSMSRootCertificate',
  manufacturer: 'ManufacturerRootCertificate',
  v2g: 'V2GRootCertificate',
  mo: 'MORootCertificate',
} as const
export type Use = keyof typeof uses2x

export const useParam = Type.Enum(Object.keys(uses2x) as Use[], {
  description:
    'What it is trusted for. csms: us. manufacturer: firmware. v2g and mo (2.x): vehicles and their contracts.',
})

/** How a charger calls a certificate it has, as certificate.list shows it. */
export const hashParams = Type.Object(
  {
    hashAlgorithm: Type.Enum(['SHA256', 'SHA384', 'SHA512']),
    issuerNameHash: Type.String({ minLength: 1, maxLength: 128, pattern: '^[0-9A-Fa-f]+$' }),
    issuerKeyHash: Type.String({ minLength: 1, maxLength: 128, pattern: '^[0-9A-Fa-f]+$' }),
    serialNumber: Type.String({ minLength: 1, maxLength: 40, pattern: '^[0-9A-Fa-f]+$' }),
  },
  { additionalProperties: false, description: 'How the charger calls it; see certificate.list' },
)

export const certificateParam = Type.String({
  minLength: 1,
  maxLength: 10_000,
  description: 'The certificate in PEM. Never a private key.',
})

/** The certificate in the text, or why there is none that may be sent. */
export function certificateIn(pem: string): ReadCertificate | Refusal {
  if (/PRIVATE KEY/.test(pem))
    return refuse(
      'it holds a private key, which nobody else may see: send the certificate alone',
      'certificate',
    )
  if (pem.split('-----BEGIN CERTIFICATE-----').length > 2)
    return refuse('it holds several certificates: send one', 'certificate')
  return readCertificate(pem) ?? refuse('it is no certificate in PEM', 'certificate')
}

/** As certificate.list shows it and certificate.delete takes it. */
export function hashText(hash: CertificateHash): string {
  const { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber } = hash
  return [hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber].join(':')
}

/** The chains of a 2.x answer and the list of a 1.6 one, as one list of hashes. */
export function hashesIn(response: {
  readonly certificateHashData?: readonly CertificateHash[]
  readonly certificateHashDataChain?: readonly {
    readonly certificateHashData: CertificateHash
    readonly childCertificateHashData?: readonly CertificateHash[]
  }[]
}): CertificateHash[] {
  const chains = response.certificateHashDataChain ?? []
  return [
    ...(response.certificateHashData ?? []),
    ...chains.flatMap(({ certificateHashData, childCertificateHashData = [] }) => [
      certificateHashData,
      ...childCertificateHashData,
    ]),
  ]
}
