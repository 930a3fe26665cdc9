import Type from 'typebox'
import type { Static } from 'typebox'
import {
  absent,
  accepted,
  operation,
  planner,
  refusedBecause,
  unsupportedBecause,
} from '../../operation.ts'
import { reportComes } from '../../report-effect.ts'

const params = Type.Object(
  {
    base: Type.Enum(['configuration', 'full', 'summary'], {
      description:
        'configuration: everything that can be set. full: everything there is. summary: what is in trouble.',
    }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call2x } = planner<Params>()
const minute = 60_000

const bases = {
  configuration: 'ConfigurationInventory',
  full: 'FullInventory',
  summary: 'SummaryInventory',
} as const

/** What GetBaseReport and GetReport answer. */
export const reportAnswers = {
  Accepted: accepted,
  Rejected: refusedBecause('the charger rejected the request for a report'),
  NotSupported: unsupportedBecause('this charger does not make such a report'),
  EmptyResultSet: {
    meaning: 'done',
    detail: 'there is nothing to report',
    result: { elements: 0 },
  },
} as const

export const settingsReport = operation({
  name: 'settings.report',
  title: 'Have a charger report all its settings',
  description:
    'Asks an OCPP 2.x charger for its device model, which comes in parts. What it tells is kept and shown with the charger’s settings. Worked when every part has come; parts that are missing are named.',
  risk: 'read',
  params,
  repeatable: true,
  whilePending: true,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: reportComes('device-model'),
  versions: {
    '1.6': absent('OCPP 1.6 tells all settings in one answer: settings.read without keys'),
    ...call2x('GetBaseReport', {
      request: ({ base }, _charger, { number: requestId }) => ({
        requestId,
        reportBase: bases[base],
      }),
      answers: reportAnswers,
    }),
  },
})
