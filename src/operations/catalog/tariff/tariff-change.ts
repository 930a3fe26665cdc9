import Type from 'typebox'
import type { Static } from 'typebox'
import {
  absent,
  accepted,
  isRefusal,
  operation,
  planner,
  refusedBecause,
  unsupportedBecause,
} from '../../operation.ts'
import { runningSessionParams, transactionOf } from '../../running-session.ts'
import { tariffIsAssigned } from './assignments.ts'
import { noTariffs, tariffFor, tariffParams, tariffProblem } from './tariff-params.ts'

const params = Type.Object(
  { ...tariffParams, ...runningSessionParams },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenReadBack } = planner<Params>()
const minute = 60_000

export const tariffChange = operation({
  name: 'tariff.change',
  title: 'Change the tariff of a running session',
  description:
    'Gives a running session of an OCPP 2.1 charger another tariff, in the same currency. Worked when the charger lists it as the driver’s tariff.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 10 * minute,
  conflict: {
    when: 'supersede',
    scope: ({ transactionId, evse }) => `tariff of ${transactionId ?? evse ?? 'the session'}`,
  },
  effect: { seenIn: 'answer' },
  check: tariffProblem,
  undo: 'tariff.change with the tariff before',
  versions: {
    '1.6': absent(noTariffs['1.6']),
    '2.0.1': absent(noTariffs['2.0.1']),
    '2.1': callThenReadBack(
      '2.1',
      'ChangeTransactionTariff',
      {
        request(asked, charger) {
          const tariff = tariffFor(asked)
          if (isRefusal(tariff)) return tariff
          const transactionId = transactionOf(asked, charger)
          return typeof transactionId === 'string' ? { transactionId, tariff } : transactionId
        },
        answers: {
          Accepted: accepted,
          Rejected: refusedBecause('the charger rejected the tariff'),
          TooManyElements: refusedBecause('the tariff has more elements than the charger takes'),
          ConditionNotSupported: unsupportedBecause(
            'the charger does not know a condition of the tariff',
          ),
          TxNotFound: refusedBecause('the charger has no such transaction'),
          NoCurrencyChange: refusedBecause('the currency of a running session cannot be changed'),
        },
      },
      'GetTariffs',
      {
        request: () => ({ evseId: 0 }),
        judge: (response, { tariff }) => tariffIsAssigned(response, tariff, 'DriverTariff'),
      },
    ),
  },
})
