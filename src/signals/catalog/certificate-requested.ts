import { Type } from 'typebox'
import { text } from '../read.ts'
import { signal } from '../signal.ts'

export const certificateRequested = signal({
  kind: 'certificate.requested',
  title: 'The charger has made a key and asks for a certificate',
  meaning: Type.Object({
    /** OCPP 2.x CertificateSigningUseEnumType; absent: the charger's own. */
    use: Type.Optional(Type.String()),
  }),
  says: {
    '1.6': { SignCertificate: () => [{}] },
    '2.0.1': { SignCertificate: read },
    '2.1': { SignCertificate: read },
  },
})

function read(message: { certificateType?: string }) {
  const use = text(message.certificateType, 50)
  return [use === undefined ? {} : { use }]
}
