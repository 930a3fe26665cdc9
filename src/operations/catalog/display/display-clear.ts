import Type from 'typebox'
import type { Static } from 'typebox'
import { absent, accepted, operation, planner, refusedBecause } from '../../operation.ts'
import { messageId, noDisplay16 } from './messages.ts'

const params = Type.Object(
  { id: { ...messageId, description: 'The message’s id, as display.list shows it' } },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call2xThenReadBack } = planner<Params>()
const minute = 60_000

export const displayClear = operation({
  name: 'display.clear',
  title: 'Take a message off a charger’s display',
  description:
    'Removes a message from an OCPP 2.x charger. Worked when the charger has no such message any more.',
  risk: 'routine',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'never' },
  effect: { seenIn: 'answer' },
  undo: 'display.show',
  versions: {
    '1.6': absent(noDisplay16),
    ...call2xThenReadBack(
      'ClearDisplayMessage',
      {
        request: ({ id }) => ({ id }),
        answers: {
          Accepted: accepted,
          Unknown: refusedBecause('the charger has no such message'),
          Rejected: refusedBecause('the charger keeps this message'),
        },
      },
      'GetDisplayMessages',
      {
        request: ({ id }, _charger, { number: requestId }) => ({ requestId, id: [id] }),
        judge: ({ status }) =>
          status === 'Unknown'
            ? { meaning: 'done' }
            : { meaning: 'failed', detail: 'accepted, but the charger still has the message' },
      },
    ),
  },
})
