import type { OutboundRequest } from '../src/ocpp/versions.ts'
import type { Table2x } from './answers-2x.ts'
import { tellInPages, unlessEmpty } from './pages.ts'
import type { Body } from './speaker.ts'
import type { Speaker2x } from './speaker-2x.ts'

type Wanted = OutboundRequest<'2.1', 'SetVariableMonitoring'>['setMonitoringData'][number]
type Report = OutboundRequest<'2.1', 'GetMonitoringReport'>
type Criterion = NonNullable<Report['monitoringCriteria']>[number]

interface Monitor extends Pick<
  Wanted,
  'component' | 'variable' | 'value' | 'severity' | 'transaction'
> {
  readonly id: number
  readonly type: Watching
}

/** The kinds 2.0.1 knows too. */
const watchings = [
  'UpperThreshold',
  'LowerThreshold',
  'Delta',
  'Periodic',
  'PeriodicClockAligned',
] as const
type Watching = (typeof watchings)[number]

const criteria: Readonly<Record<Watching, Criterion>> = {
  UpperThreshold: 'ThresholdMonitoring',
  LowerThreshold: 'ThresholdMonitoring',
  Delta: 'DeltaMonitoring',
  Periodic: 'PeriodicMonitoring',
  PeriodicClockAligned: 'PeriodicMonitoring',
}

const perPage = 4

/** Variable monitoring (2.0.1 N02 to N06): it remembers what it should watch and lists it. */
export function monitors2x(body: Body, speaker: Speaker2x): Table2x {
  const { model } = speaker
  let monitors: readonly Monitor[] = []
  let lastId = 0

  // 2.1 tells whose idea a monitor was.
  const origin = body.version === '2.1' ? { eventNotificationType: 'CustomMonitor' } : {}
  const shown = (monitor: Monitor): object => described(monitor, origin)

  function judge(data: Wanted): { status: Status } {
    const known = model.get({ component: data.component, variable: data.variable }).attributeStatus
    if (known === 'UnknownComponent' || known === 'UnknownVariable') return { status: known }
    if (!watchings.some((one) => one === data.type)) return { status: 'UnsupportedMonitorType' }
    const same = monitors.some((one) => one.id !== data.id && isAlike(one, data))
    return { status: same ? 'Duplicate' : 'Accepted' }
  }

  return {
    SetVariableMonitoring({ setMonitoringData }) {
      const judged = setMonitoringData.map((data) => {
        const { status } = judge(data)
        const id = status === 'Accepted' ? (data.id ?? ++lastId) : undefined
        return { data, status, id }
      })
      const results = judged.map(({ data, status, id }) => ({
        component: data.component,
        variable: data.variable,
        type: data.type as Watching,
        severity: data.severity,
        status,
        ...(id === undefined ? {} : { id }),
      }))
      const [first, ...rest] = results
      if (first === undefined) return { error: 'occurrence', description: 'nothing to watch' }
      return {
        answer: { setMonitoringResult: [first, ...rest] },
        act() {
          for (const { data, id } of judged) {
            if (id === undefined) continue
            const { component, variable, type, value, severity, transaction = false } = data
            const monitor = { id, component, variable, value, severity, transaction }
            monitors = [
              ...monitors.filter((one) => one.id !== id),
              { ...monitor, type: type as Watching },
            ]
          }
        },
      }
    },
    ClearVariableMonitoring({ id: ids }) {
      const results = ids.map((id) => ({
        id,
        status: monitors.some((one) => one.id === id)
          ? ('Accepted' as const)
          : ('NotFound' as const),
      }))
      const [first, ...rest] = results
      if (first === undefined) return { error: 'occurrence', description: 'nothing to clear' }
      return {
        answer: { clearMonitoringResult: [first, ...rest] },
        act: () => void (monitors = monitors.filter(({ id }) => !ids.includes(id))),
      }
    },
    GetMonitoringReport(asked) {
      const listed = monitors.filter((monitor) => isAsked(monitor, asked))
      if (listed.length === 0) return { answer: { status: 'EmptyResultSet' } }
      return {
        answer: { status: 'Accepted' },
        act: () =>
          tellInPages(body, {
            action: 'NotifyMonitoringReport',
            requestId: asked.requestId,
            entries: listed,
            perPage,
            numbered: true,
            page: (some) => unlessEmpty('monitor', some.map(shown)),
          }),
      }
    },
    SetMonitoringBase: ({ monitoringBase }) => ({
      answer: { status: 'Accepted' },
      act() {
        model.put('MonitoringCtrlr.ActiveMonitoringBase', monitoringBase)
        // N03.FR.04, N03.FR.05: what was set since is removed.
        if (monitoringBase !== 'All') monitors = []
      },
    }),
    SetMonitoringLevel: ({ severity }) => ({
      answer: { status: severity <= 9 ? 'Accepted' : 'Rejected' },
      act: () => model.put('MonitoringCtrlr.ActiveMonitoringLevel', String(severity)),
    }),
  }
}

type Status =
  'Accepted' | 'UnknownComponent' | 'UnknownVariable' | 'UnsupportedMonitorType' | 'Duplicate'

function isAlike(one: Monitor, other: Wanted): boolean {
  const place = ({ component, variable, type, severity }: Monitor | Wanted): string =>
    JSON.stringify([component, variable, type, severity])
  return place(one) === place(other)
}

function isAsked(
  { component, variable, type }: Monitor,
  { componentVariable = [], monitoringCriteria = [] }: Report,
): boolean {
  const named =
    componentVariable.length === 0 ||
    componentVariable.some(
      (want) =>
        JSON.stringify(want.component) === JSON.stringify(component) &&
        (want.variable === undefined || JSON.stringify(want.variable) === JSON.stringify(variable)),
    )
  const kinds: readonly Criterion[] = monitoringCriteria
  return named && (kinds.length === 0 || kinds.includes(criteria[type]))
}

function described(monitor: Monitor, origin: object): object {
  const { component, variable, id, value, type, severity, transaction } = monitor
  return {
    component,
    variable,
    variableMonitoring: [{ id, transaction, value, type, severity, ...origin }],
  }
}
