import Type from 'typebox'
import type { Static } from 'typebox'
import { absent, operation, planner } from '../operation.ts'
import { runningSessionParams, transactionOf } from '../running-session.ts'

const params = Type.Object(
  {
    ...runningSessionParams,
    cost: Type.Number({
      minimum: 0,
      maximum: 1_000_000,
      description: 'What the session has cost so far, taxes included, in the charger’s currency',
    }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call2x } = planner<Params>()
const minute = 60_000

export const sessionCost = operation({
  name: 'session.cost',
  title: 'Tell a driver what the session has cost so far',
  description:
    'Gives an OCPP 2.x charger the running cost of a session to show. The charger confirms that it got it; that it is shown, nothing in OCPP tells.',
  risk: 'routine',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 5 * minute,
  conflict: {
    when: 'supersede',
    scope: ({ transactionId, evse, connector }) =>
      `cost of ${transactionId ?? `${evse ?? '-'}.${connector ?? '-'}`}`,
  },
  effect: { seenIn: 'answer' },
  versions: {
    '1.6': absent(
      'OCPP 1.6 has no running cost; settings.write price-text shows a price where the charger can',
    ),
    ...call2x('CostUpdated', {
      request(asked, charger) {
        const transactionId = transactionOf(asked, charger)
        return typeof transactionId === 'string'
          ? { totalCost: asked.cost, transactionId }
          : transactionId
      },
      judge: () => ({
        meaning: 'unverifiable',
        detail: 'delivered; OCPP does not tell whether it is shown',
      }),
    }),
  },
})
