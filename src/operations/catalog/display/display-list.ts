import Type from 'typebox'
import type { Static } from 'typebox'
import { absent, accepted, operation, planner } from '../../operation.ts'
import { reportComes } from '../../report-effect.ts'
import {
  messageId,
  noDisplay16,
  priorities,
  priorityParam,
  stateParam,
  states,
} from './messages.ts'

const params = Type.Object(
  {
    ids: Type.Optional(
      Type.Array(messageId, {
        minItems: 1,
        maxItems: 50,
        uniqueItems: true,
        description: 'Only these messages',
      }),
    ),
    priority: Type.Optional(priorityParam),
    state: Type.Optional(stateParam),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call2x } = planner<Params>()
const minute = 60_000

export const displayList = operation({
  name: 'display.list',
  title: 'List the messages of a charger’s display',
  description:
    'Asks an OCPP 2.x charger for its messages. Worked when every part of the list has come.',
  risk: 'read',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: reportComes('display-messages'),
  versions: {
    '1.6': absent(noDisplay16),
    ...call2x('GetDisplayMessages', {
      request({ ids = [], priority, state }, _charger, { number: requestId }) {
        const [first, ...rest] = ids
        return {
          requestId,
          ...(first === undefined ? {} : { id: [first, ...rest] as [number, ...number[]] }),
          ...(priority === undefined ? {} : { priority: priorities[priority] }),
          ...(state === undefined ? {} : { state: states[state] }),
        }
      },
      answers: {
        Accepted: accepted,
        Unknown: { meaning: 'done', detail: 'there is no such message', result: { elements: 0 } },
      },
    }),
  },
})
