import Type from 'typebox'
import type { Static } from 'typebox'
import { absent, isRefusal, operation, planner, refuse } from '../../operation.ts'
import { reportComes } from '../../report-effect.ts'
import { componentParams, componentsOf } from '../../reported-parts.ts'
import { reportAnswers } from './settings-report.ts'

const criteria = {
  active: 'Active',
  available: 'Available',
  enabled: 'Enabled',
  problem: 'Problem',
} as const
type Criterion = keyof typeof criteria

const params = Type.Object(
  {
    ...componentParams,
    criteria: Type.Optional(
      Type.Array(Type.Enum(Object.keys(criteria) as Criterion[]), {
        minItems: 1,
        maxItems: 4,
        uniqueItems: true,
        description: 'Only components of which one of these holds',
      }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call2x } = planner<Params>()
const minute = 60_000

export const settingsFind = operation({
  name: 'settings.find',
  title: 'Have a charger report some of its settings',
  description:
    'Asks an OCPP 2.x charger for the components and variables named, or for those that are active, available, enabled or in trouble. Worked when every part of the report has come.',
  risk: 'read',
  params,
  repeatable: true,
  whilePending: true,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: reportComes('device-model'),
  check: (asked) =>
    asked.of === undefined && asked.criteria === undefined
      ? refuse('say of what, or which criteria hold; settings.report tells everything', 'of')
      : undefined,
  versions: {
    '1.6': absent('OCPP 1.6 has configuration keys only: settings.read'),
    ...call2x('GetReport', {
      request(asked, _charger, { number: requestId }) {
        const componentVariable = componentsOf(asked.of)
        if (componentVariable !== undefined && isRefusal(componentVariable))
          return componentVariable
        const [first, ...rest] = (asked.criteria ?? []).map((one) => criteria[one])
        return {
          requestId,
          ...(componentVariable === undefined ? {} : { componentVariable }),
          ...(first === undefined ? {} : { componentCriteria: fourAtMost([first, ...rest]) }),
        }
      },
      answers: reportAnswers,
    }),
  },
})

type Word = (typeof criteria)[Criterion]

/** The schema's maximum of four holds by the parameter's own. */
function fourAtMost(words: readonly [Word, ...Word[]]) {
  return words as unknown as [Word] | [Word, Word] | [Word, Word, Word] | [Word, Word, Word, Word]
}
