import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json } from '../../../kernel/json.ts'
import { absent, operation, planner } from '../../operation.ts'
import type { Verdict } from '../../operation.ts'
import { evseParam } from './evse.ts'
import { noTariffs } from './tariff-params.ts'

const params = Type.Object(
  {
    tariffs: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 60 }), {
        minItems: 1,
        maxItems: 50,
        uniqueItems: true,
        description: 'Their ids; without them every tariff of the EVSE',
      }),
    ),
    ...evseParam,
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenReadBack } = planner<Params>()
const minute = 60_000

export const tariffClear = operation({
  name: 'tariff.clear',
  title: 'Take tariffs from a charger',
  description:
    'Removes tariffs from an OCPP 2.1 charger, those named or all. Worked when the charger lists them no longer. Running sessions keep theirs.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'never' },
  effect: { seenIn: 'answer' },
  undo: 'tariff.set-default',
  versions: {
    '1.6': absent(noTariffs['1.6']),
    '2.0.1': absent(noTariffs['2.0.1']),
    '2.1': callThenReadBack(
      '2.1',
      'ClearTariffs',
      {
        request({ tariffs = [], evse }) {
          const [first, ...rest] = tariffs
          return {
            ...(first === undefined
              ? {}
              : { tariffIds: [first, ...rest] as [string, ...string[]] }),
            ...(evse === undefined ? {} : { evseId: evse }),
          }
        },
        judge({ clearTariffsResult }): Verdict {
          const tariffs = Object.fromEntries(
            clearTariffsResult.map(({ tariffId, status }): [string, Json] => [
              tariffId ?? 'all',
              words[status],
            ]),
          )
          const result = { tariffs }
          const none = (status: keyof typeof words) =>
            clearTariffsResult.every((one) => one.status === status)
          if (none('NoTariff'))
            return { meaning: 'refused', detail: 'the charger has no such tariff', result }
          if (none('Rejected'))
            return { meaning: 'refused', detail: 'the charger rejected it', result }
          return { meaning: 'accepted', result }
        },
      },
      'GetTariffs',
      {
        request: ({ evse = 0 }) => ({ evseId: evse }),
        judge({ status, tariffAssignments = [] }, { tariffs }, stored) {
          if (status === 'Rejected')
            return {
              meaning: 'unverifiable',
              detail: 'accepted, but the charger does not list its tariffs',
              result: stored,
            }
          // A driver's tariff belongs to a running session and stays with it.
          const left = tariffAssignments
            .filter(({ tariffKind }) => tariffKind === 'DefaultTariff')
            .map(({ tariffId }) => tariffId)
            .filter((id) => tariffs === undefined || tariffs.includes(id))
          return left.length === 0
            ? { meaning: 'done', result: stored }
            : {
                meaning: 'failed',
                detail: `accepted, but the charger still lists ${left.join(', ')}`,
                result: stored,
              }
        },
      },
    ),
  },
})

const words = { Accepted: 'removed', Rejected: 'kept', NoTariff: 'was not there' } as const
