import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json } from '../../../kernel/json.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import { absent, isRefusal, notYet, operation, planner, refuse } from '../../operation.ts'
import type { Refusal, Verdict } from '../../operation.ts'
import { reportOf, reportResult, reportWithinMs } from '../../report-effect.ts'
import { parseComponentKey, variableKeyText } from '../../settings-key.ts'
import type { ComponentKey } from '../../settings-key.ts'
import { monitorTypes, noMonitoring16 } from './monitors.ts'
import type { MonitorType } from './monitors.ts'

const params = Type.Object(
  {
    monitors: Type.Array(
      Type.Object(
        {
          of: Type.String({
            minLength: 1,
            maxLength: 200,
            description: 'The variable, e.g. Connector@1.1/Temperature',
          }),
          type: Type.Enum(Object.keys(monitorTypes) as MonitorType[]),
          value: Type.Number({
            description: 'The limit, the difference, or for periodic ones the interval in seconds',
          }),
          severity: Type.Integer({
            minimum: 0,
            maximum: 9,
            description: '0 danger, 2 critical, 5 error, 6 warning, 9 debug',
          }),
          onlyInSession: Type.Optional(
            Type.Boolean({ description: 'Watch only while a session runs' }),
          ),
          id: Type.Optional(
            Type.Integer({ minimum: 0, description: 'Replaces the monitor with this id' }),
          ),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 20, description: 'What to watch' },
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>
type Monitor = Params['monitors'][number]

const { call2xThenMore } = planner<Params>()
const minute = 60_000

export const monitoringSet = operation({
  name: 'monitoring.set',
  title: 'Have a charger watch variables',
  description:
    'Sets monitors on variables of an OCPP 2.x charger: it then tells by itself when a value crosses a limit, changes, or at intervals. Worked when the charger lists every one of them.',
  risk: 'routine',
  params,
  repeatable: false,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'never' },
  undo: 'monitoring.clear with the ids in the result',
  effect: {
    seenIn: 'behaviour',
    looksLike: 'the charger lists the monitors',
    withinMs: reportWithinMs,
    seen(facts, since, _asked, { fresh, answer = null }) {
      const report = reportOf(facts, 'monitoring', fresh.number, since)
      if (report?.complete !== true) return notYet
      const { monitors, ids, refused } = stateOf(answer)
      const lacking = ids.filter((id) => !report.ids.includes(String(id)))
      if (lacking.length > 0)
        return { seen: 'no', because: `accepted, but not listed: monitor ${lacking.join(', ')}` }
      if (refused.length > 0) return { seen: 'no', because: refusedWords(refused) }
      return { seen: 'yes', result: { monitors, ...(reportResult(report) as object) } }
    },
  },
  check({ monitors }) {
    for (const [index, { of }] of monitors.entries()) {
      const variable = variableOf(of, index)
      if (isRefusal(variable)) return variable
    }
    return undefined
  },
  versions: {
    '1.6': absent(noMonitoring16),
    ...call2xThenMore(
      'SetVariableMonitoring',
      {
        request({ monitors }) {
          const data = monitors.map(monitorData)
          const wrong = data.find(isRefusal)
          if (wrong !== undefined) return wrong
          const [first, ...rest] = data.filter((one): one is MonitorData => !isRefusal(one))
          if (first === undefined) return refuse('say what to watch', 'monitors')
          return { setMonitoringData: [first, ...rest] }
        },
        judge({ setMonitoringResult }) {
          const state: State = { monitors: {}, ids: [], refused: [] }
          for (const one of setMonitoringResult) {
            const name = `${variableKeyText(one)} ${one.type}`
            const { id, status } = one
            if (status !== 'Accepted') {
              state.monitors[name] = { outcome: answerWords[status] }
              state.refused.push(`${name}: ${answerWords[status]}`)
            } else {
              state.monitors[name] = { outcome: 'accepted', id: id ?? null }
              if (id !== undefined) state.ids.push(id)
            }
          }
          const accepted = setMonitoringResult.length - state.refused.length
          if (accepted === 0) return { meaning: 'refused', detail: refusedWords(state.refused) }
          if (state.ids.length < accepted)
            return {
              meaning: 'unverifiable',
              detail: 'accepted, but the charger does not say under which id',
              result: { ...state },
            }
          return { meaning: 'accepted', result: { ...state } }
        },
      },
      {
        next(stored, { monitors }, _charger, { number: requestId }) {
          if (isJsonObject(stored) && stored['listing'] === true) return undefined
          const [first, ...rest] = monitors.flatMap(({ of }, index) => {
            const variable = variableOf(of, index)
            return isRefusal(variable) ? [] : [variable]
          })
          if (first === undefined) return undefined
          const componentVariable: [ComponentKey, ...ComponentKey[]] = [first, ...rest]
          return { action: 'GetMonitoringReport', payload: { requestId, componentVariable } }
        },
        judge: {
          GetMonitoringReport({ status }, _asked, stored) {
            const state = stateOf(stored)
            return listings[status](state)
          },
        },
      },
    ),
  },
})

/** What is known so far; `listing`: the charger was asked for its list. */
interface State {
  readonly monitors: Record<string, Json>
  readonly ids: number[]
  readonly refused: string[]
}

function stateOf(stored: Json): State {
  const { monitors = {}, ids = [], refused = [] } = (stored ?? {}) as unknown as Partial<State>
  return { monitors, ids, refused }
}

const answerWords = {
  UnknownComponent: 'the charger does not know the component',
  UnknownVariable: 'the charger does not know the variable',
  UnsupportedMonitorType: 'the charger cannot watch it this way',
  Rejected: 'the charger rejected it',
  Duplicate: 'there is such a monitor already',
} as const

function refusedWords(refused: readonly string[]): string {
  return refused.join('; ').slice(0, 500)
}

const unverified = (state: State): Verdict => ({
  meaning: 'unverifiable',
  detail: 'accepted, but the charger does not list its monitors',
  result: { ...state },
})
const listings = {
  Accepted: (state: State): Verdict => ({
    meaning: 'accepted',
    result: { ...state, listing: true },
  }),
  EmptyResultSet: (state: State): Verdict => ({
    meaning: 'failed',
    detail: 'accepted, but the charger lists no monitor there',
    result: { ...state },
  }),
  Rejected: unverified,
  NotSupported: unverified,
} as const

type MonitorData = ReturnType<typeof dataOf>

function dataOf(monitor: Monitor, { component, variable }: Required<ComponentKey>) {
  const { id, onlyInSession, type, value, severity } = monitor
  return {
    component,
    variable,
    type: monitorTypes[type],
    value,
    severity,
    ...(id === undefined ? {} : { id }),
    ...(onlyInSession === undefined ? {} : { transaction: onlyInSession }),
  }
}

function monitorData(monitor: Monitor, index: number): MonitorData | Refusal {
  const variable = variableOf(monitor.of, index)
  return isRefusal(variable) ? variable : dataOf(monitor, variable)
}

function variableOf(of: string, index: number): Required<ComponentKey> | Refusal {
  const field = `monitors[${index}].of`
  const parsed = parseComponentKey(of, field)
  if (isRefusal(parsed)) return parsed
  const { component, variable } = parsed
  return variable === undefined
    ? refuse('name the variable to watch: Component/Variable', field)
    : { component, variable }
}
