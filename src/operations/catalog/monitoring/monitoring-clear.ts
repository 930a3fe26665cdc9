import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json } from '../../../kernel/json.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import { absent, notYet, operation, planner } from '../../operation.ts'
import { reportOf, reportResult, reportWithinMs } from '../../report-effect.ts'
import { noMonitoring16 } from './monitors.ts'

const params = Type.Object(
  {
    ids: Type.Array(Type.Integer({ minimum: 0 }), {
      minItems: 1,
      maxItems: 50,
      uniqueItems: true,
      description: 'The monitors’ ids, as monitoring.report lists them',
    }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call2xThenMore } = planner<Params>()
const minute = 60_000
/** Beyond so many the list of ids is cut, and what is not in it proves nothing. */
const mostIds = 200

export const monitoringClear = operation({
  name: 'monitoring.clear',
  title: 'Have a charger watch no longer',
  description:
    'Removes monitors from an OCPP 2.x charger by their ids. Worked when the charger lists them no longer. Monitors built into the charger cannot be removed.',
  risk: 'routine',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'never' },
  undo: 'monitoring.set',
  effect: {
    seenIn: 'behaviour',
    looksLike: 'the charger lists the monitors no longer',
    withinMs: reportWithinMs,
    seen(facts, since, { ids }, { fresh, answer = null }) {
      const report = reportOf(facts, 'monitoring', fresh.number, since)
      if (report?.complete !== true) return notYet
      const left = ids.filter((id) => report.ids.includes(String(id)))
      if (left.length > 0)
        return { seen: 'no', because: `the charger still lists monitor ${left.join(', ')}` }
      if (report.ids.length >= mostIds) return notYet
      const { monitors = {} } = fieldsOf(answer)
      return { seen: 'yes', result: { monitors, ...(reportResult(report) as object) } }
    },
  },
  versions: {
    '1.6': absent(noMonitoring16),
    ...call2xThenMore(
      'ClearVariableMonitoring',
      {
        request({ ids }) {
          const [first, ...rest] = ids
          return { id: [first ?? 0, ...rest] }
        },
        judge({ clearMonitoringResult }) {
          const monitors = Object.fromEntries(
            clearMonitoringResult.map(({ id, status }): [string, Json] => [
              String(id),
              words[status],
            ]),
          )
          const said = (status: keyof typeof words) =>
            clearMonitoringResult.every((one) => one.status === status)
          const result = { monitors }
          if (said('NotFound'))
            return { meaning: 'refused', detail: 'the charger has no such monitors', result }
          if (said('Rejected'))
            return { meaning: 'refused', detail: 'the charger keeps these monitors', result }
          return { meaning: 'accepted', result }
        },
      },
      {
        reconciles: true,
        next: (stored, _asked, _charger, { number: requestId }) =>
          fieldsOf(stored)['listing'] === true
            ? undefined
            : { action: 'GetMonitoringReport', payload: { requestId } },
        judge: {
          GetMonitoringReport({ status }, _asked, stored) {
            const { monitors = {} } = fieldsOf(stored)
            switch (status) {
              case 'Accepted':
                return { meaning: 'accepted', result: { monitors, listing: true } }
              case 'EmptyResultSet':
                return { meaning: 'done', result: { monitors } }
              case 'Rejected':
              case 'NotSupported':
                return {
                  meaning: 'unverifiable',
                  detail: 'accepted, but the charger does not list its monitors',
                  result: { monitors },
                }
            }
          },
        },
      },
    ),
  },
})

const words = {
  Accepted: 'removed',
  Rejected: 'cannot be removed',
  NotFound: 'was not there',
} as const

function fieldsOf(stored: Json): { readonly monitors?: Json; readonly listing?: Json } {
  return isJsonObject(stored) ? stored : {}
}
