import Type from 'typebox'
import type { Static } from 'typebox'
import {
  absent,
  accepted,
  operation,
  planner,
  refusedBecause,
  unsupportedBecause,
} from '../../operation.ts'
import { reportComes } from '../../report-effect.ts'
import { controlId, controlType, noDer } from './controls.ts'

const params = Type.Object(
  {
    id: Type.Optional(controlId),
    type: Type.Optional(controlType),
    default: Type.Optional(
      Type.Boolean({ description: 'Only those that hold by default, or only scheduled ones' }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call } = planner<Params>()
const minute = 60_000

export const gridDerReport = operation({
  name: 'grid.der-report',
  title: 'List the controls of the grid code',
  description:
    'Asks an OCPP 2.1 charger for its controls. Worked when every part of the list has come.',
  risk: 'read',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: reportComes('der-control'),
  versions: {
    '1.6': absent(noDer['1.6']),
    '2.0.1': absent(noDer['2.0.1']),
    '2.1': call('2.1', 'GetDERControl', {
      request: ({ id, type, default: isDefault }, _charger, { number: requestId }) => ({
        requestId,
        ...(isDefault === undefined ? {} : { isDefault }),
        ...(type === undefined ? {} : { controlType: type }),
        ...(id === undefined ? {} : { controlId: id }),
      }),
      answers: {
        Accepted: accepted,
        Rejected: refusedBecause('the charger rejected the request'),
        NotSupported: unsupportedBecause('the charger has no controls of the grid code'),
        NotFound: { meaning: 'done', detail: 'there is none', result: { elements: 0 } },
      },
    }),
  },
})
