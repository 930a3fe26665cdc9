import Type from 'typebox'
import type { Static } from 'typebox'
import { absent, operation, planner } from '../operation.ts'

const params = Type.Object(
  {
    transactionId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 36,
        description: 'Of this transaction; without it, whether any message is still to come',
      }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call2x } = planner<Params>()
const minute = 60_000

export const sessionStatus = operation({
  name: 'session.status',
  title: 'Ask whether a session runs and all of it has been told',
  description:
    'Asks an OCPP 2.x charger whether a transaction is running, and whether it has messages about transactions it could not deliver yet.',
  risk: 'read',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: { seenIn: 'answer' },
  versions: {
    '1.6': absent('OCPP 1.6 has no such question; what it told is in the list of sessions'),
    ...call2x('GetTransactionStatus', {
      request: ({ transactionId }) => (transactionId === undefined ? {} : { transactionId }),
      judge: ({ ongoingIndicator = null, messagesInQueue }) => ({
        meaning: 'done',
        result: { running: ongoingIndicator, messagesToCome: messagesInQueue },
      }),
    }),
  },
})
