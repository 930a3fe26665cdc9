import Type from 'typebox'
import type { Static } from 'typebox'
import { absent, operation, planner, refusedBecause } from '../../operation.ts'
import { assignments } from './assignments.ts'
import { evseParam } from './evse.ts'
import { noTariffs } from './tariff-params.ts'

const params = Type.Object({ ...evseParam }, { additionalProperties: false })
type Params = Static<typeof params>

const { call } = planner<Params>()
const minute = 60_000

export const tariffList = operation({
  name: 'tariff.list',
  title: 'List the tariffs of a charger',
  description: 'Asks an OCPP 2.1 charger which tariffs it has, and for whom.',
  risk: 'read',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: { seenIn: 'answer' },
  versions: {
    '1.6': absent(noTariffs['1.6']),
    '2.0.1': absent(noTariffs['2.0.1']),
    '2.1': call('2.1', 'GetTariffs', {
      request: ({ evse = 0 }) => ({ evseId: evse }),
      answers: {
        Accepted: (response) => ({ meaning: 'done', result: { tariffs: assignments(response) } }),
        NoTariff: { meaning: 'done', detail: 'there is no tariff', result: { tariffs: {} } },
        Rejected: refusedBecause('the charger rejected the request'),
      },
    }),
  },
})
