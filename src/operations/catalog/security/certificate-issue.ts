import Type from 'typebox'
import type { Static } from 'typebox'
import { accepted, notYet, operation, planner, refuse, refusedBecause } from '../../operation.ts'
import type { Fresh, Refusal } from '../../operation.ts'
import type { CertificateSupply } from '../../supply.ts'

const params = Type.Object(
  {
    certificate: Type.String({
      description: 'Id of a certificate our authority signed for this charger',
      maxLength: 40,
    }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call } = planner<Params>()
const minute = 60_000
/** As long as the schemas of OCPP allow. */
const longestChain = 10_000

const answers = {
  Accepted: accepted,
  Rejected: refusedBecause('the charger rejected the certificate; it keeps the one it has'),
} as const

export const certificateIssue = operation({
  name: 'certificate.issue',
  title: 'Give a charger a certificate it asked for',
  description:
    'Sends a certificate that our authority signed after the charger’s request. This happens by itself; by hand it sends one again. ' +
    'Worked when the charger connects with it. A charger whose security profile is below 3 keeps it without using it, which shows nothing.',
  risk: 'critical',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'supersede', scope: () => 'certificate' },
  supply: ({ certificate }) => ({ kind: 'certificate', certificate }),
  expects: (_params, _charger, fresh) => {
    const { fingerprint, serial } = supplied(fresh)
    return { fingerprint, serial }
  },
  effect: {
    seenIn: 'behaviour',
    looksLike: 'the charger connects with the new certificate',
    withinMs: 30 * minute,
    seen({ connected, security, connectedAt }, since, _params, { expects, lastLook = false }) {
      const { fingerprint, serial } = expects as { fingerprint: string; serial: string }
      if (connected && security?.certificate?.fingerprint === fingerprint)
        return { seen: 'yes', result: { serial } }
      if (!lastLook) return notYet
      return security?.profile === 3 && connectedAt !== undefined && connectedAt > since
        ? {
            seen: 'no',
            because: 'it accepted the certificate, and connected again with the one before',
          }
        : {
            seen: 'unclear',
            because: 'it accepted the certificate and has not connected with it yet',
          }
    },
  },
  versions: {
    '1.6': call('1.6', 'CertificateSigned', {
      request: (_params, { identity }, fresh) =>
        fault(identity, fresh) ?? { certificateChain: supplied(fresh).chain },
      answers,
    }),
    '2.0.1': call('2.0.1', 'CertificateSigned', {
      request: (_params, { identity }, fresh) =>
        fault(identity, fresh) ?? {
          certificateChain: supplied(fresh).chain,
          certificateType: 'ChargingStationCertificate',
        },
      answers,
    }),
    '2.1': call('2.1', 'CertificateSigned', {
      request: (_params, { identity }, fresh) => {
        const { chain, requestId } = supplied(fresh)
        return (
          fault(identity, fresh) ?? {
            certificateChain: chain,
            certificateType: 'ChargingStationCertificate',
            ...(requestId === undefined ? {} : { requestId }),
          }
        )
      },
      answers,
    }),
  },
})

function supplied({ supply }: Fresh): CertificateSupply {
  return supply as unknown as CertificateSupply
}

function fault(identity: string, fresh: Fresh): Refusal | undefined {
  const { charger, chain } = supplied(fresh)
  if (charger !== identity) return refuse(`the certificate is ${charger}’s`, 'certificate')
  return chain.length > longestChain
    ? refuse(`the certificate and those above it are longer than ${longestChain} characters`)
    : undefined
}
