import Type from 'typebox'
import type { Static } from 'typebox'
import { absent, operation, planner } from '../../operation.ts'
import { rejected } from './status-info.ts'

const params = Type.Object(
  {
    signal: Type.Integer({
      minimum: -2_147_483_648,
      maximum: 2_147_483_647,
      description: 'The signal, as v2xSignalWattCurve of the charging profile understands it',
    }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call } = planner<Params>()
const since = absent('the aFRR signal came with OCPP 2.1 (Q09)')

export const gridAfrrSignal = operation({
  name: 'grid.afrr-signal',
  title: 'Pass on an aFRR signal of the grid',
  description:
    'Passes a signal of automatic frequency restoration on to a charger, whose charging profile with operation mode CentralFrequency says what power it means. It is worth something for seconds only: a charger that is offline gets none. Nothing but the answer shows it.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 10_000,
  conflict: { when: 'supersede', scope: () => 'afrr' },
  effect: { seenIn: 'answer' },
  versions: {
    '1.6': since,
    '2.0.1': since,
    '2.1': call('2.1', 'AFRRSignal', {
      request: ({ signal }, _charger, { now }) => ({
        timestamp: new Date(now).toISOString(),
        signal,
      }),
      answers: {
        Accepted: { meaning: 'unverifiable', detail: 'accepted; only the power drawn shows it' },
        Rejected: rejected('the charger rejected the signal'),
      },
    }),
  },
})
