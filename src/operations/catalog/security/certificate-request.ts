import Type from 'typebox'
import type { Static } from 'typebox'
import {
  accepted,
  notYet,
  operation,
  planner,
  refuse,
  refusedBecause,
  unsupportedBecause,
} from '../../operation.ts'

const messages = {
  charger: 'SignChargingStationCertificate',
  v2g: 'SignV2GCertificate',
  combined: 'SignCombinedCertificate',
} as const
type For = keyof typeof messages

const params = Type.Object(
  {
    for: Type.Optional(
      Type.Enum(Object.keys(messages) as For[], {
        description:
          'Which certificate (2.x): the charger’s own towards us when absent, the one towards vehicles, or one for both',
      }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call, call2x } = planner<Params>()
const minute = 60_000

const answers = {
  Accepted: accepted,
  Rejected: refusedBecause('the charger rejected the request'),
  NotImplemented: unsupportedBecause('this charger does not ask for certificates'),
} as const

export const certificateRequest = operation({
  name: 'certificate.request',
  title: 'Have a charger ask for a new certificate',
  description:
    'Asks the charger to make a key and request a certificate for it. Worked when its request arrives. Our authority signs what it may, and `certificate.issue` follows by itself, which shows whether the charger uses it.',
  risk: 'routine',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: {
    seenIn: 'behaviour',
    looksLike: 'the charger’s request for a certificate arrives',
    withinMs: 2 * minute,
    seen(facts, since) {
      const at = facts.asked['certificate-request']
      return at !== undefined && at > since ? { seen: 'yes', result: { receivedAt: at } } : notYet
    },
  },
  versions: {
    '1.6': call('1.6', 'ExtendedTriggerMessage', {
      request: ({ for: whose = 'charger' }) =>
        whose === 'charger'
          ? { requestedMessage: 'SignChargePointCertificate' }
          : refuse('an OCPP 1.6 charger has a certificate of its own only', 'for'),
      answers,
    }),
    ...call2x('TriggerMessage', {
      request: ({ for: whose = 'charger' }) => ({ requestedMessage: messages[whose] }),
      answers,
    }),
  },
})
