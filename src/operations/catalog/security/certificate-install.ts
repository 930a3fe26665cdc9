import Type from 'typebox'
import type { Static } from 'typebox'
import { isCalled } from '../../certificate-hash.ts'
import { accepted, isRefusal, operation, planner, refuse, refusedBecause } from '../../operation.ts'
import type { Fresh, Refusal, Verdict } from '../../operation.ts'
import {
  certificateIn,
  certificateParam,
  hashesIn,
  useParam,
  uses16,
  uses2x,
} from './certificate-use.ts'

const params = Type.Object(
  { use: useParam, certificate: certificateParam },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenReadBack, call2xThenReadBack } = planner<Params>()
const minute = 60_000

const answers = {
  Accepted: accepted,
  Rejected: refusedBecause('the charger rejected the certificate'),
  Failed: { meaning: 'failed', detail: 'the charger could not install it' },
} as const

export const certificateInstall = operation({
  name: 'certificate.install',
  title: 'Install a root certificate',
  description:
    'Gives a charger a root certificate to trust. Worked when the charger lists it. A charger that trusts the wrong root may not come back, or trust the wrong firmware.',
  risk: 'critical',
  params,
  repeatable: true,
  whilePending: true,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'refuse', scope: () => 'certificates' },
  effect: { seenIn: 'answer' },
  check({ certificate }) {
    const read = certificateIn(certificate)
    return isRefusal(read) ? read : undefined
  },
  undo: 'certificate.delete with the same certificate',
  versions: {
    '1.6': callThenReadBack(
      '1.6',
      'InstallCertificate',
      {
        request({ use, certificate }, _charger, fresh) {
          if (use !== 'csms' && use !== 'manufacturer')
            return refuse('OCPP 1.6 knows csms and manufacturer roots only', 'use')
          return notFit(certificate, fresh, 5_500) ?? { certificateType: uses16[use], certificate }
        },
        answers,
      },
      'GetInstalledCertificateIds',
      {
        request: ({ use }) => ({
          certificateType: use === 'manufacturer' ? uses16.manufacturer : uses16.csms,
        }),
        judge: (response, { certificate }) => isListed(response, certificate),
      },
    ),
    ...call2xThenReadBack(
      'InstallCertificate',
      {
        request: ({ use, certificate }, { version }, fresh) =>
          notFit(certificate, fresh, version === '2.1' ? 10_000 : 5_500) ?? {
            certificateType: uses2x[use],
            certificate,
          },
        answers,
      },
      'GetInstalledCertificateIds',
      {
        request: ({ use }) => ({ certificateType: [uses2x[use]] }),
        judge: (response, { certificate }) => isListed(response, certificate),
      },
    ),
  },
})

function notFit(certificate: string, fresh: Fresh, most: number): Refusal | undefined {
  const read = certificateIn(certificate)
  if (isRefusal(read)) return read
  if (certificate.length > most)
    return refuse(`a certificate has at most ${most} characters here`, 'certificate')
  if (read.validTo <= fresh.now)
    return refuse(`it expired on ${new Date(read.validTo).toISOString()}`, 'certificate')
  return undefined
}

function isListed(response: Parameters<typeof hashesIn>[0], certificate: string): Verdict {
  const read = certificateIn(certificate)
  if (isRefusal(read)) return { meaning: 'unverifiable', detail: read.refused }
  const listed = hashesIn(response).some((hash) => isCalled(read, hash))
  const result = { subject: read.subject, serialNumber: read.serialNumber }
  return listed
    ? { meaning: 'done', result }
    : { meaning: 'failed', detail: 'accepted, but the charger does not list it', result }
}
