import Type from 'typebox'
import type { Static } from 'typebox'
import { absent, isRefusal, operation, planner } from '../../operation.ts'
import { reportComes } from '../../report-effect.ts'
import { componentParams, componentsOf } from '../../reported-parts.ts'
import { reportAnswers } from '../settings/settings-report.ts'
import { noMonitoring16 } from './monitors.ts'

const criteria = {
  threshold: 'ThresholdMonitoring',
  delta: 'DeltaMonitoring',
  periodic: 'PeriodicMonitoring',
} as const
type Criterion = keyof typeof criteria

const params = Type.Object(
  {
    ...componentParams,
    kinds: Type.Optional(
      Type.Array(Type.Enum(Object.keys(criteria) as Criterion[]), {
        minItems: 1,
        maxItems: 3,
        uniqueItems: true,
        description: 'Only monitors of these kinds',
      }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call2x } = planner<Params>()
const minute = 60_000

export const monitoringReport = operation({
  name: 'monitoring.report',
  title: 'Have a charger list what it watches',
  description:
    'Asks an OCPP 2.x charger for its monitors, all of them or those named. Worked when every part of the report has come.',
  risk: 'read',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: reportComes('monitoring'),
  versions: {
    '1.6': absent(noMonitoring16),
    ...call2x('GetMonitoringReport', {
      request(asked, _charger, { number: requestId }) {
        const componentVariable = componentsOf(asked.of)
        if (componentVariable !== undefined && isRefusal(componentVariable))
          return componentVariable
        const words = (asked.kinds ?? []).map((one) => criteria[one])
        return {
          requestId,
          ...(componentVariable === undefined ? {} : { componentVariable }),
          ...(words.length === 0 ? {} : { monitoringCriteria: threeAtMost(words) }),
        }
      },
      answers: reportAnswers,
    }),
  },
})

type Word = (typeof criteria)[Criterion]

/** The schema's one to three hold by the parameter's own. */
function threeAtMost(words: readonly Word[]) {
  return words as unknown as [Word] | [Word, Word] | [Word, Word, Word]
}
