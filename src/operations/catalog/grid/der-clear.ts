import Type from 'typebox'
import type { Static } from 'typebox'
import {
  absent,
  accepted,
  operation,
  planner,
  refuse,
  refusedBecause,
  unsupportedBecause,
} from '../../operation.ts'
import { controlId, controlType, isDefaultParam, noDer } from './controls.ts'

const params = Type.Object(
  {
    id: Type.Optional(controlId),
    type: Type.Optional(controlType),
    default: isDefaultParam,
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenReadBack } = planner<Params>()
const minute = 60_000

function wanted({ id, type, default: isDefault = false }: Params) {
  return {
    isDefault,
    ...(type === undefined ? {} : { controlType: type }),
    ...(id === undefined ? {} : { controlId: id }),
  }
}

export const gridDerClear = operation({
  name: 'grid.der-clear',
  title: 'Clear controls of the grid code',
  description:
    'Removes controls from an OCPP 2.1 charger: one by its id, or all of a type. Worked when the charger has none of them any more.',
  risk: 'critical',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 15 * minute,
  conflict: { when: 'never' },
  effect: { seenIn: 'answer' },
  check: ({ id, type }) =>
    id === undefined && type === undefined
      ? refuse('name the control, or the type of which all are cleared', 'id')
      : undefined,
  undo: 'grid.der-set',
  versions: {
    '1.6': absent(noDer['1.6']),
    '2.0.1': absent(noDer['2.0.1']),
    '2.1': callThenReadBack(
      '2.1',
      'ClearDERControl',
      {
        request: wanted,
        answers: {
          Accepted: accepted,
          Rejected: refusedBecause('the charger rejected it'),
          NotSupported: unsupportedBecause('the charger does not know this kind of control'),
          NotFound: refusedBecause('the charger has no such control'),
        },
      },
      'GetDERControl',
      {
        request: (asked, _charger, { number: requestId }) => ({ requestId, ...wanted(asked) }),
        judge({ status }) {
          switch (status) {
            case 'NotFound':
              return { meaning: 'done' }
            case 'Accepted':
              return { meaning: 'failed', detail: 'accepted, but the charger still has it' }
            case 'Rejected':
            case 'NotSupported':
              return {
                meaning: 'unverifiable',
                detail: 'accepted, but the charger does not list its controls',
              }
          }
        },
      },
    ),
  },
})
