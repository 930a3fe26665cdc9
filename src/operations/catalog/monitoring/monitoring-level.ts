import Type from 'typebox'
import type { Static } from 'typebox'
import { absent, accepted, operation, planner, refusedBecause } from '../../operation.ts'
import { readBackVariable } from '../settings/read-back.ts'
import { noMonitoring16 } from './monitors.ts'

const params = Type.Object(
  {
    severity: Type.Integer({
      minimum: 0,
      maximum: 9,
      description:
        'Only events of this severity or a more severe one (a lower number) are told. 0 danger, 5 error, 9 everything',
    }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call2xThenReadBack } = planner<Params>()
const minute = 60_000

export const monitoringLevel = operation({
  name: 'monitoring.level',
  title: 'Choose how severe an event must be to be told',
  description:
    'Sets the least severe events an OCPP 2.x charger tells. Worked when the charger says so when asked.',
  risk: 'routine',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'supersede', scope: () => 'monitoring level' },
  effect: { seenIn: 'answer' },
  undo: 'monitoring.level with the level before',
  versions: {
    '1.6': absent(noMonitoring16),
    ...call2xThenReadBack(
      'SetMonitoringLevel',
      {
        request: ({ severity }) => ({ severity }),
        answers: {
          Accepted: accepted,
          Rejected: refusedBecause('the charger rejected it'),
        },
      },
      'GetVariables',
      readBackVariable('MonitoringCtrlr', 'ActiveMonitoringLevel', ({ severity }: Params) =>
        String(severity),
      ),
    ),
  },
})
