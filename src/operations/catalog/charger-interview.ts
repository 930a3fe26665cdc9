import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json } from '../../kernel/json.ts'
import type { ChargerFacts } from '../facts.ts'
import { isRefusal, operation, planner, refuse } from '../operation.ts'
import type { Refusal, Verdict } from '../operation.ts'
import { probesFor, topics } from './interview/probes.ts'
import type { Probe } from './interview/probes.ts'
import { evsesSeen, heard, nextKeys, nothingAsked, progressOf } from './interview/progress.ts'
import type { Progress } from './interview/progress.ts'
import { variables } from './settings/named.ts'
import { listedKeys, toldBy16, toldBy2x, variableKeysIn } from './settings/told.ts'
import type { Told } from './settings/told.ts'

const params = Type.Object(
  {
    about: Type.Optional(
      Type.Array(Type.Enum([...topics]), {
        minItems: 1,
        uniqueItems: true,
        description: 'What to ask about; everything when absent',
      }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenMore, call2xThenMore } = planner<Params>()
const minute = 60_000

/** The part all versions share: which keys come next, and what answers mean. */
function interview(version: '1.6' | '2.x') {
  const probesOf = ({ about = [...topics] }: Params): readonly Probe[] => probesFor(version, about)
  return {
    first(asked: Params, charger: ChargerFacts): readonly string[] | Refusal {
      const keys = nextKeys(probesOf(asked), nothingAsked, charger)
      return keys.length > 0 ? keys : refuse('there is nothing to ask this model about it', 'about')
    },
    next(asked: Params, charger: ChargerFacts, stored: Json): readonly string[] | Verdict {
      const progress = progressOf(stored)
      const keys = nextKeys(probesOf(asked), progress, charger)
      return keys.length > 0 ? keys : ending(progress, charger)
    },
    judge(asked: Params, stored: Json, keys: readonly string[], told: readonly Told[]): Verdict {
      const { progress, learned } = heard(probesOf(asked), progressOf(stored), keys, told)
      return { meaning: 'accepted', result: { ...progress }, learned }
    },
  }
}

function ending(progress: Progress, charger: ChargerFacts): Verdict {
  const { told, unknown, rejected, capabilities } = progress
  const result = { told, unknown, rejected, capabilities }
  if (Object.keys(told).length === 0 && unknown.length === 0)
    return { meaning: 'refused', detail: 'the charger told nothing of what was asked', result }
  return { meaning: 'done', result, learned: evsesSeen(progress, charger) }
}

const on16 = interview('1.6')
const on2x = interview('2.x')

export const chargerInterview = operation({
  name: 'charger.interview',
  title: 'Ask a charger what it can do',
  description:
    'Reads the settings that say what the charger can do and how much fits into its messages, a few at a time and only as many as it takes at once. ' +
    'What it says becomes known capabilities. Keys its model is known to fail on are not asked for.',
  risk: 'read',
  params,
  repeatable: true,
  whilePending: true,
  expiresAfterMs: 30 * minute,
  conflict: { when: 'never' },
  effect: { seenIn: 'answer' },
  versions: {
    '1.6': callThenMore(
      '1.6',
      'GetConfiguration',
      {
        request(asked, charger) {
          const keys = on16.first(asked, charger)
          return isRefusal(keys) ? keys : { key: [...keys] }
        },
        judge: (response, asked, { key }) =>
          on16.judge(asked, null, listedKeys(key), toldBy16(response)),
      },
      {
        next(stored, asked, charger) {
          const next = on16.next(asked, charger, stored)
          return 'meaning' in next
            ? next
            : { action: 'GetConfiguration', payload: { key: [...next] } }
        },
        judge: {
          GetConfiguration: (response, asked, stored, { key }) =>
            on16.judge(asked, stored, listedKeys(key), toldBy16(response)),
        },
      },
    ),
    ...call2xThenMore(
      'GetVariables',
      {
        request(asked, charger) {
          const keys = on2x.first(asked, charger)
          return isRefusal(keys) ? keys : { getVariableData: variables(keys) }
        },
        judge: (response, asked, { getVariableData }) =>
          on2x.judge(asked, null, variableKeysIn(getVariableData), toldBy2x(response)),
      },
      {
        next(stored, asked, charger) {
          const next = on2x.next(asked, charger, stored)
          return 'meaning' in next
            ? next
            : { action: 'GetVariables', payload: { getVariableData: variables(next) } }
        },
        judge: {
          GetVariables: (response, asked, stored, { getVariableData }) =>
            on2x.judge(asked, stored, variableKeysIn(getVariableData), toldBy2x(response)),
        },
      },
    ),
  },
})
