import Type from 'typebox'
import type { Static } from 'typebox'
import { hashOf, isSameHash } from '../../certificate-hash.ts'
import type { CertificateHash } from '../../certificate-hash.ts'
import { accepted, isRefusal, operation, planner, refuse, refusedBecause } from '../../operation.ts'
import type { Refusal, Verdict } from '../../operation.ts'
import {
  certificateIn,
  certificateParam,
  hashParams,
  hashText,
  hashesIn,
  uses16,
} from './certificate-use.ts'

const params = Type.Object(
  {
    hash: Type.Optional(hashParams),
    certificate: Type.Optional({
      ...certificateParam,
      description: 'The root certificate itself in PEM, instead of its hash',
    }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenMore, call2xThenReadBack } = planner<Params>()
const minute = 60_000

const answers = {
  Accepted: accepted,
  Failed: {
    meaning: 'failed',
    detail: 'the charger could not delete it; the certificate it uses itself is never deleted',
  },
  NotFound: refusedBecause('the charger has no such certificate'),
} as const

export const certificateDelete = operation({
  name: 'certificate.delete',
  title: 'Delete a certificate',
  description:
    'Removes a certificate from a charger. Worked when the charger lists it no longer. Without the root by which it trusts us, a charger cannot come back.',
  risk: 'critical',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'refuse', scope: () => 'certificates' },
  effect: { seenIn: 'answer' },
  check(asked) {
    const hash = hashIn(asked)
    return isRefusal(hash) ? hash : undefined
  },
  undo: 'certificate.install, where you have the certificate',
  versions: {
    // 1.6 lists one kind at a time.
    '1.6': callThenMore(
      '1.6',
      'DeleteCertificate',
      { request: deletion, answers },
      {
        reconciles: true,
        next(stored) {
          const kind = stored === null ? uses16.csms : uses16.manufacturer
          return { action: 'GetInstalledCertificateIds', payload: { certificateType: kind } }
        },
        judge: {
          GetInstalledCertificateIds(response, asked, stored) {
            const verdict = isGone(response, asked)
            return verdict.meaning === 'done' && stored === null
              ? { meaning: 'accepted', result: { looked: 'csms' } }
              : verdict
          },
        },
      },
    ),
    ...call2xThenReadBack(
      'DeleteCertificate',
      { request: deletion, answers },
      'GetInstalledCertificateIds',
      { request: () => ({}), judge: (response, asked) => isGone(response, asked) },
    ),
  },
})

function hashIn({ hash, certificate }: Params): CertificateHash | Refusal {
  if (hash !== undefined && certificate === undefined) return hash
  if (hash !== undefined || certificate === undefined)
    return refuse('name the certificate either by its hash or by itself', 'hash')
  const read = certificateIn(certificate)
  if (isRefusal(read)) return read
  return read.selfSigned
    ? hashOf(read)
    : refuse(
        'it is not self-signed, so its hash needs the issuer’s key: name it by the hash certificate.list shows',
        'certificate',
      )
}

function deletion(asked: Params) {
  const hash = hashIn(asked)
  return isRefusal(hash) ? hash : { certificateHashData: hash }
}

function isGone(response: Parameters<typeof hashesIn>[0], asked: Params): Verdict {
  const hash = hashIn(asked)
  if (isRefusal(hash)) return { meaning: 'unverifiable', detail: hash.refused }
  const result = { certificate: hashText(hash) }
  return hashesIn(response).some((one) => isSameHash(one, hash))
    ? { meaning: 'failed', detail: 'accepted, but the charger still lists it', result }
    : { meaning: 'done', result }
}
