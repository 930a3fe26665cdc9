import Type from 'typebox'
import type { Static } from 'typebox'
import {
  absent,
  accepted,
  notYet,
  operation,
  planner,
  refusedBecause,
  unsupportedBecause,
} from '../../operation.ts'

const messages = {
  'log-status': 'LogStatusNotification',
  'firmware-status': 'FirmwareStatusNotification',
} as const
type What = keyof typeof messages

const params = Type.Object(
  {
    what: Type.Enum(Object.keys(messages) as What[], {
      description: 'How far the upload of a log, or an update of the firmware, goes',
    }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call } = planner<Params>()
const minute = 60_000

export const securityReport = operation({
  name: 'security.report',
  title: 'Ask for a report of the security extension',
  description:
    'Asks an OCPP 1.6 charger with the security extension how far the upload of a log, or a signed update of its firmware, goes. Worked when the report arrives.',
  risk: 'read',
  params,
  repeatable: true,
  whilePending: true,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: {
    seenIn: 'behaviour',
    looksLike: 'the report arrives',
    withinMs: minute,
    seen(facts, since, { what }) {
      const at = facts.asked[what]
      return at !== undefined && at > since ? { seen: 'yes', result: { receivedAt: at } } : notYet
    },
  },
  versions: {
    '1.6': call('1.6', 'ExtendedTriggerMessage', {
      request: ({ what }) => ({ requestedMessage: messages[what] }),
      answers: {
        Accepted: accepted,
        Rejected: refusedBecause('the charger rejected the request for a report'),
        NotImplemented: unsupportedBecause('this charger cannot send that report on request'),
      },
    }),
    '2.0.1': absent('on OCPP 2.x charger.report asks for it'),
    '2.1': absent('on OCPP 2.x charger.report asks for it'),
  },
})
