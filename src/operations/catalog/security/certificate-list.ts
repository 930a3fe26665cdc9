import Type from 'typebox'
import type { Static } from 'typebox'
import type { CertificateHash } from '../../certificate-hash.ts'
import { operation, planner, refuse } from '../../operation.ts'
import type { Verdict } from '../../operation.ts'
import { hashText, useParam, uses16, uses2x } from './certificate-use.ts'

const params = Type.Object(
  {
    use: Type.Optional({ ...useParam, description: 'Only those trusted for this' }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenMore, call2x } = planner<Params>()
const minute = 60_000

export const certificateList = operation({
  name: 'certificate.list',
  title: 'List the certificates of a charger',
  description:
    'Asks a charger which certificates it has. It tells hashes, not the certificates themselves.',
  risk: 'read',
  params,
  repeatable: true,
  whilePending: true,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: { seenIn: 'answer' },
  versions: {
    // 1.6 lists one kind at a time.
    '1.6': callThenMore(
      '1.6',
      'GetInstalledCertificateIds',
      {
        request: ({ use = 'csms' }) =>
          use === 'csms' || use === 'manufacturer'
            ? { certificateType: uses16[use] }
            : refuse('OCPP 1.6 knows csms and manufacturer roots only', 'use'),
        answers: {
          Accepted: ({ certificateHashData = [] }, asked) => withMore(asked, certificateHashData),
          NotFound: (_response, asked) => withMore(asked, []),
        },
      },
      {
        next: () => ({
          action: 'GetInstalledCertificateIds',
          payload: { certificateType: uses16.manufacturer },
        }),
        judge: {
          GetInstalledCertificateIds({ certificateHashData = [] }, _asked, stored) {
            const { certificates } = stored as { readonly certificates: Listed }
            return listed(certificates, uses16.manufacturer, certificateHashData)
          },
        },
      },
    ),
    ...call2x('GetInstalledCertificateIds', {
      request: ({ use }) => (use === undefined ? {} : { certificateType: [uses2x[use]] }),
      answers: {
        Accepted: ({ certificateHashDataChain = [] }) => {
          const certificates: Listed = {}
          for (const chain of certificateHashDataChain) {
            const use = chain.certificateType
            certificates[hashText(chain.certificateHashData)] = { use }
            for (const child of chain.childCertificateHashData ?? [])
              certificates[hashText(child)] = { use: `below ${use}` }
          }
          return { meaning: 'done', result: { certificates } }
        },
        NotFound: { meaning: 'done', detail: 'there are none', result: { certificates: {} } },
      },
    }),
  },
})

type Listed = Record<string, { readonly use: string }>

function listed(before: Listed, use: string, hashes: readonly CertificateHash[]): Verdict {
  const certificates = {
    ...before,
    ...Object.fromEntries(hashes.map((hash) => [hashText(hash), { use }])),
  }
  return { meaning: 'done', result: { certificates } }
}

/** The first kind of 1.6; the other one follows unless only one was asked for. */
function withMore({ use }: Params, hashes: readonly CertificateHash[]): Verdict {
  const kind = use === 'manufacturer' ? uses16.manufacturer : uses16.csms
  const verdict = listed({}, kind, hashes)
  return use === undefined ? { meaning: 'accepted', result: verdict.result ?? null } : verdict
}
