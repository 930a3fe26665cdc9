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
import { tariffIsAssigned } from './assignments.ts'
import { evseParam } from './evse.ts'
import { noTariffs, tariffFor, tariffParams, tariffProblem } from './tariff-params.ts'

const params = Type.Object({ ...tariffParams, ...evseParam }, { additionalProperties: false })
type Params = Static<typeof params>

const { callThenReadBack } = planner<Params>()
const minute = 60_000

export const tariffSetDefault = operation({
  name: 'tariff.set-default',
  title: 'Give a charger the tariff for whoever has none of their own',
  description:
    'Installs a default tariff on an EVSE of an OCPP 2.1 charger, or on all of them. Worked when the charger lists the tariff as its default.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'supersede', scope: ({ evse = 0 }) => `default tariff of ${evse}` },
  effect: { seenIn: 'answer' },
  check: tariffProblem,
  undo: 'tariff.clear, or tariff.set-default with the tariff before',
  versions: {
    '1.6': absent(noTariffs['1.6']),
    '2.0.1': absent(noTariffs['2.0.1']),
    '2.1': callThenReadBack(
      '2.1',
      'SetDefaultTariff',
      {
        request(asked) {
          const tariff = tariffFor(asked)
          return isRefusal(tariff) ? tariff : { evseId: asked.evse ?? 0, tariff }
        },
        answers: {
          Accepted: accepted,
          Rejected: refusedBecause('the charger rejected the tariff'),
          TooManyElements: refusedBecause('the tariff has more elements than the charger takes'),
          ConditionNotSupported: unsupportedBecause(
            'the charger does not know a condition of the tariff',
          ),
          DuplicateTariffId: refusedBecause('the charger has another tariff with this id'),
        },
      },
      'GetTariffs',
      {
        request: ({ evse = 0 }) => ({ evseId: evse }),
        judge: (response, { tariff }) => tariffIsAssigned(response, tariff, 'DefaultTariff'),
      },
    ),
  },
})
