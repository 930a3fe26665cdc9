import { Type } from 'typebox'
import { text } from '../read.ts'
import { signal } from '../signal.ts'

export const certificateRequested = signal({
  kind: 'certificate.requested',
  title: 'The charger has made a key and asks for a certificate',
  meaning: Type.Object({
    /** OCPP 2.x CertificateSigningUseEnumType; absent: the charger's own. */
    use: Type.Optional(Type.String()),
    /** PKCS #10, PEM. */
    request: Type.String(),
    /** OCPP 2.1: the charger's number for it, which the answer repeats. */
    requestId: Type.Optional(Type.Integer()),
  }),
  says: {
    '1.6': { SignCertificate: read },
    '2.0.1': { SignCertificate: read },
    '2.1': { SignCertificate: read },
  },
})

function read(message: { csr: string; certificateType?: string; requestId?: number }) {
  const { csr: request, requestId } = message
  const use = text(message.certificateType, 50)
  return [
    {
      request,
      ...(use === undefined ? {} : { use }),
      ...(requestId === undefined ? {} : { requestId }),
    },
  ]
}
